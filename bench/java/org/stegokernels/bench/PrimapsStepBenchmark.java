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
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.train.HeadGradient;
import org.stegokernels.train.TrainingStep;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;

/**
 * One step of PriMaPs-EM on images as {@link TrainingStepBenchmark} has them, whose mask proposals are there: on features, or on
 * the codes of a head that stays as it is.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class PrimapsStepBenchmark {
    private static final int CHANNELS = 192;

    @Param({"features", "codes"})
    public String of;

    private TrainingStep step;
    private TrainingStep.Batch batch;

    @Setup
    public void allocate(DeviceState device) {
        Device opened = device.opened();
        boolean codes = of.equals("codes");
        HostTensor probe = Training.weights(Training.CLASSES, codes ? Models.CODE : CHANNELS);
        HeadGradient head = codes ? new HeadGradient(opened, true, name -> Training.initial(name, CHANNELS)) : null;
        step = new TrainingStep(
                opened,
                new TrainingStep.Modules(
                        head,
                        new LinearProbeLoss(
                                opened, probe, HostTensor.of(new float[Training.CLASSES], Training.CLASSES)),
                        Objective.primaps(opened, probe, new Objective.Prototypes(2, 0.98, 10))),
                AdamSettings.of(5e-4),
                AdamSettings.of(5e-3));
        TrainingStep.Batch all = Training.batch(opened, CHANNELS);
        batch = new TrainingStep.Batch(
                all.features(), null, all.labels(), all.pairs(), TrainingStep.Masks.NONE, null, Training.proposals());
    }

    @TearDown
    public void close() {
        step.close();
    }

    @Benchmark
    public TrainingStep.Losses step() {
        return step.run(batch);
    }
}
