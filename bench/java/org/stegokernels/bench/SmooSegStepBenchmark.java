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

/** The step of {@link TrainingStepBenchmark} with SmooSeg's objective: all pairs of patches within an image and across two. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SmooSegStepBenchmark {
    private static final Objective.Smoothness SETTINGS = new Objective.Smoothness(0.1, 0.998, true, -0.02, 0.5);

    @Param({"192", "384"})
    public int channels;

    private TrainingStep step;
    private TrainingStep.Batch batch;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        Device opened = device.opened();
        step = Training.step(opened, channels, Objective.smooseg(opened, Training.probe(), SETTINGS), 1e-4, 5e-4);
        batch = Training.batch(opened, channels);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        step.close();
    }

    /** Counted are the matrix products: head forward and backward, and all pairs of patches. */
    @Benchmark
    public TrainingStep.Losses step(Roofline roofline) {
        TrainingStep.Losses losses = step.run(batch);
        double patches = Training.SIDE * Training.SIDE;
        double rows = 2.0 * Training.IMAGES * patches;
        double code = (double) channels * Models.CODE;
        double head = 2 * rows * (2 * (double) channels * channels + 5 * code);
        double pairs = 2 * rows * patches;
        roofline.did(
                head + pairs * (2 * channels + 6 * Training.CLASSES),
                4.0 * batch.features().shape().size());
        return losses;
    }
}
