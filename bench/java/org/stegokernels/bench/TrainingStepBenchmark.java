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
import org.stegokernels.device.Device;
import org.stegokernels.train.TrainingStep;
import org.stegokernels.train.loss.Objective;

/**
 * One training step on features that are there: 16 images of 320 x 320 with their neighbours, 20 x 20 patches, 11
 * classes, code of 70, 11 x 11 points, 5 draws of negatives, dropout. DeiT-Tiny has 192 channels, ViT-S 384.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TrainingStepBenchmark {
    @Param({"192", "384"})
    public int channels;

    private TrainingStep step;
    private TrainingStep.Batch batch;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        Device opened = device.opened();
        step = Training.step(
                opened, channels, Objective.stego(opened, Training.probe(), Training.SETTINGS, null), 5e-4, 5e-3);
        batch = Training.batch(opened, channels);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        step.close();
    }

    /** Counted are the matrix products: head forward and backward, and all pairs of points. */
    @Benchmark
    public TrainingStep.Losses step(Roofline roofline) {
        TrainingStep.Losses losses = step.run(batch);
        double rows = 2.0 * Training.IMAGES * Training.SIDE * Training.SIDE;
        double code = (double) channels * Models.CODE;
        double head = 2 * rows * (2 * (double) channels * channels + 5 * code);
        double points = Training.SAMPLES * Training.SAMPLES;
        double pairs = (2 + Training.NEGATIVES) * Training.IMAGES * points * points;
        roofline.did(
                head + pairs * (2 * channels + 6 * Models.CODE),
                4.0 * batch.features().shape().size());
        return losses;
    }
}
