package org.stegokernels.bench;

import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.device.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.ClusterLoss;
import org.stegokernels.train.CorrespondenceSettings;
import org.stegokernels.train.DropoutMasks;
import org.stegokernels.train.HeadGradient;
import org.stegokernels.train.LinearProbeLoss;
import org.stegokernels.train.Pairs;
import org.stegokernels.train.Sampling;
import org.stegokernels.train.StepLosses;
import org.stegokernels.train.TrainingBatch;
import org.stegokernels.train.TrainingStep;

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
    private static final int IMAGES = 16;
    private static final int SIDE = 20;
    private static final int LABEL_SIDE = 320;
    private static final int CODE = 70;
    private static final int CLASSES = 11;
    private static final int SAMPLES = 11;
    private static final int NEGATIVES = 5;

    @Param({"192", "384"})
    public int channels;

    private TrainingStep step;
    private TrainingBatch batch;

    @Setup
    public void allocate(DeviceState device) {
        SplittableRandom random = new SplittableRandom(0);
        HeadGradient head = new HeadGradient(device.opened, true, this::initial);
        LinearProbeLoss linear =
                new LinearProbeLoss(device.opened, values(CLASSES, CODE), HostTensor.of(new float[CLASSES], CLASSES));
        ClusterLoss cluster = new ClusterLoss(device.opened, values(CLASSES, CODE));
        step = new TrainingStep(
                device.opened,
                head,
                linear,
                cluster,
                new CorrespondenceSettings(0.67, 0.25, 0.63, 0.18, 0.12, 0.46, true, true, false),
                AdamSettings.of(5e-4),
                AdamSettings.of(5e-3));
        HostTensor features = values(2 * IMAGES * SIDE * SIDE, channels);
        int[] labels = new int[IMAGES * LABEL_SIDE * LABEL_SIDE];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(CLASSES);
        }
        int[][] negatives = new int[NEGATIVES][];
        for (int i = 0; i < NEGATIVES; i++) {
            negatives[i] = Sampling.negatives(random, IMAGES);
        }
        Pairs pairs = new Pairs(
                SAMPLES, Sampling.coords(random, IMAGES, SAMPLES), Sampling.coords(random, IMAGES, SAMPLES), negatives);
        Tensor uploaded = device.opened.upload(features.values(), 2 * IMAGES, SIDE, SIDE, channels);
        batch = new TrainingBatch(
                uploaded,
                device.opened.upload(labels, IMAGES, LABEL_SIDE, LABEL_SIDE),
                pairs,
                new DropoutMasks(
                        Sampling.dropout(random, 2 * IMAGES, channels, 0.1),
                        Sampling.dropout(random, 2 * IMAGES, channels, 0.1),
                        Sampling.dropout(random, 2 * IMAGES, channels, 0.1)));
    }

    private HostTensor initial(String name) {
        int outputs = name.startsWith("cluster2.0") ? channels : CODE;
        return name.endsWith("bias") ? HostTensor.of(new float[outputs], outputs) : values(outputs, channels);
    }

    private static HostTensor values(int rows, int columns) {
        return HostTensor.of(Synthetic.values(rows * columns, (float) (1 / Math.sqrt(columns))), rows, columns);
    }

    @Benchmark
    public StepLosses step() {
        return step.run(batch);
    }
}
