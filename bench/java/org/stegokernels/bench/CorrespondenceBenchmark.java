package org.stegokernels.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.TrainingStep;
import org.stegokernels.train.loss.CorrespondenceLoss;

/**
 * correspondence: one term with both gradients, 16 images, 11 x 11 points, 384 channels and codes of 70; and the whole
 * loss of a step, with sampling: the image itself, its neighbour, five draws of negatives.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class CorrespondenceBenchmark {

    private static final CorrespondenceRule RULE = new CorrespondenceRule(true, true, false, 0.18f);
    private static final int POINTS = Training.SAMPLES * Training.SAMPLES;
    private static final int TERMS = 2 + Training.NEGATIVES;

    @Param({"192", "384"})
    public int channels;

    private Tensor features1;
    private Tensor features2;
    private Tensor code1;
    private Tensor code2;
    private Tensor gradient1;
    private Tensor gradient2;
    private Tensor out;
    private CorrespondenceLoss loss;
    private TrainingStep.Batch batch;
    private Tensor code;
    private Tensor gradient;
    private double flop;
    private double bytes;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        features1 = unit(device, channels);
        features2 = unit(device, channels);
        code1 = unit(device, Models.CODE);
        code2 = unit(device, Models.CODE);
        gradient1 = device.opened().allocate(Training.IMAGES, POINTS, Models.CODE);
        gradient2 = device.opened().allocate(Training.IMAGES, POINTS, Models.CODE);
        out = device.opened().allocate(1);
        loss = new CorrespondenceLoss(device.opened(), Training.SETTINGS);
        batch = Training.batch(device.opened(), channels);
        int[] dims = batch.features().shape().dims();
        dims[3] = Models.CODE;
        code = device.opened().upload(Synthetic.values(dims[0] * dims[1] * dims[2] * dims[3], 1), dims);
        gradient = device.opened().allocate(dims);
        flop = Training.IMAGES * (double) POINTS * POINTS * (2 * channels + 6 * Models.CODE);
        bytes = 8.0 * Training.IMAGES * POINTS * (channels + 3 * Models.CODE);
        roofline.on(device);
    }

    private static Tensor unit(DeviceState device, int channels) {
        Tensor rows = device.opened()
                .upload(Synthetic.values(Training.IMAGES * POINTS * channels, 1), Training.IMAGES, POINTS, channels);
        device.opened().kernels().normalize(rows, 1e-10f, rows);
        return rows;
    }

    @TearDown
    public void close() {
        loss.close();
    }

    @Benchmark
    public void correspondence(DeviceState device, Roofline roofline) {
        device.opened()
                .training()
                .correspondence(features1, features2, code1, code2, RULE, 1, gradient1, gradient2, out);
        device.opened().finish();
        roofline.did(flop, bytes);
    }

    @Benchmark
    public CorrespondenceLoss.Terms loss(DeviceState device, Roofline roofline) {
        CorrespondenceLoss.Terms terms = loss.run(
                batch.features(),
                code,
                batch.pairs(),
                batch.masks().loss(),
                gradient,
                CorrespondenceLoss.Observer.NONE);
        roofline.did(TERMS * flop, TERMS * bytes);
        return terms;
    }
}
