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
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.ExtraLosses;

/**
 * crfLoss: 16 images of 56x56, codes of 70, 1000 points, with the gradient; and the whole loss of a step, the codes of
 * 20x20 patches resized and brought to length 1 before, and the gradient carried back.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class CrfLossBenchmark {

    private static final int SIDE = 56;
    /** The published ones. */
    private static final GuidanceSettings SETTINGS = new GuidanceSettings(0.5, 0.15, 0.05, 10, 3, 0);

    @Param("1000")
    public int points;

    private Tensor guidance;
    private Tensor code;
    private Tensor chosen;
    private Tensor gradient;
    private Tensor out;
    private ExtraLosses loss;
    private int[] pointIndices;
    private Tensor patches;
    private Tensor patchGradient;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int images = Training.IMAGES;
        int pixels = images * SIDE * SIDE;
        guidance = device.opened().upload(Synthetic.values(3 * pixels, 2), images, SIDE, SIDE, 3);
        code = device.opened().upload(Synthetic.values(pixels * Models.CODE, 1), images, SIDE, SIDE, Models.CODE);
        pointIndices = Synthetic.indices(2 * points, SIDE);
        chosen = device.opened().upload(pointIndices, 2, points);
        gradient = device.opened().allocate(images, SIDE, SIDE, Models.CODE);
        out = device.opened().allocate(1);
        loss = new ExtraLosses(device.opened(), new ExtraLosses.Weights(0, 1, 0), null, SETTINGS);
        int size = images * Training.SIDE * Training.SIDE * Models.CODE;
        patches = device.opened().upload(Synthetic.values(size, 1), images, Training.SIDE, Training.SIDE, Models.CODE);
        patchGradient = device.opened().allocate(images, Training.SIDE, Training.SIDE, Models.CODE);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        loss.close();
    }

    /** Counts the affinities of all pairs (12 for each) times the codes. */
    private double flop() {
        return (double) Training.IMAGES * points * points * (12 + 2 * Models.CODE);
    }

    @Benchmark
    public void crfLoss(DeviceState device, Roofline roofline) {
        device.opened().training().crfLoss(guidance, code, chosen, SETTINGS, 1, gradient, out);
        device.opened().finish();
        roofline.did(flop(), 8.0 * code.shape().size());
    }

    @Benchmark
    public double loss(Roofline roofline) {
        ExtraLosses.Inputs inputs = new ExtraLosses.Inputs(guidance, pointIndices, null);
        double value = loss.run(Training.IMAGES, patches, null, inputs, patches, patchGradient)
                .crf();
        roofline.did(flop(), 8.0 * patches.shape().size());
        return value;
    }
}
