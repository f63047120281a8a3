package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;

/** Whole steps: the same bits with every thread count, losses that fall, and a stop before damage is done. */
class TrainingStepTest {
    private static final int IMAGES = 3;
    private static final int SIDE = 6;
    private static final int CHANNELS = 24;
    private static final int CODE = 9;
    private static final int CLASSES = 4;

    /** A training and what it trains. */
    private record Training(HeadGradient head, TrainingStep step) {
        static Training on(Device device) {
            HeadGradient head = new HeadGradient(device, true, TrainingStepTest::initial);
            LinearProbeLoss linear =
                    new LinearProbeLoss(device, values(CLASSES, CODE), HostTensor.of(new float[CLASSES], CLASSES));
            Objective objective = Objective.stego(
                    device,
                    values(CLASSES, CODE),
                    new CorrespondenceLoss.Settings(
                            new CorrespondenceLoss.TermSettings(0.67, 0.18),
                            new CorrespondenceLoss.TermSettings(0.25, 0.12),
                            new CorrespondenceLoss.TermSettings(0.63, 0.46),
                            true,
                            true,
                            false),
                    null);
            TrainingStep step = new TrainingStep(
                    device,
                    new TrainingStep.Modules(head, linear, objective),
                    AdamSettings.of(5e-3),
                    AdamSettings.of(5e-3));
            return new Training(head, step);
        }
    }

    private static HostTensor initial(String name) {
        int outputs = name.startsWith("cluster2.0") ? CHANNELS : CODE;
        return name.endsWith("bias") ? HostTensor.of(new float[outputs], outputs) : values(outputs, CHANNELS);
    }

    private static HostTensor values(int rows, int columns) {
        return HostTensor.of(
                ThreadCounts.normal(rows * columns, rows * columns, 0, 1 / Math.sqrt(columns)), rows, columns);
    }

    private static TrainingStep.Batch batch(Device device, int seed, float first) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] features = ThreadCounts.normal(7, 2 * IMAGES * SIDE * SIDE * CHANNELS, 0.3, 1);
        features[0] = first;
        int[] labels = random.ints(IMAGES * 24 * 24, 0, CLASSES + 1).toArray();
        int[][] negatives = {Sampling.negatives(random, IMAGES), Sampling.negatives(random, IMAGES)};
        CorrespondenceLoss.Pairs pairs = new CorrespondenceLoss.Pairs(
                5, Sampling.coords(random, IMAGES, 5), Sampling.coords(random, IMAGES, 5), negatives);
        TrainingStep.Masks masks = new TrainingStep.Masks(
                Sampling.dropout(random, 2 * IMAGES, CHANNELS, 0.1),
                Sampling.dropout(random, 2 * IMAGES, CHANNELS, 0.1),
                Sampling.dropout(random, 2 * IMAGES, CHANNELS, 0.1));
        Tensor uploaded = device.upload(features, 2 * IMAGES, SIDE, SIDE, CHANNELS);
        return new TrainingStep.Batch(uploaded, device.upload(labels, IMAGES, 24, 24), pairs, masks);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void everyThreadCountTrainsTheSameWeights(Devices.Choice choice) {
        for (int parameter = 0; parameter < 6; parameter++) {
            int index = parameter;
            ThreadCounts.floats(choice, device -> {
                Training training = Training.on(device);
                for (int step = 0; step < 3; step++) {
                    training.step.run(batch(device, step, 1));
                }
                return training.head.parameters().get(index).value();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void lossesFallOnABatchSeenAgainAndMemoryStays(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Training training = Training.on(device);
            TrainingStep.Batch batch = batch(device, 1, 1);
            TrainingStep.Losses before = training.step.run(batch);
            long memory = device.allocatedBytes();
            TrainingStep.Losses after = before;
            for (int step = 0; step < 40; step++) {
                after = training.step.run(batch);
            }
            assertThat(after.total()).isLessThan(before.total());
            assertThat(after.linear()).isLessThan(before.linear());
            assertThat(after.cluster()).isLessThan(before.cluster());
            assertThat(device.allocatedBytes()).isEqualTo(memory);
            training.step.close();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aLossThatIsNotANumberStopsBeforeTheUpdate(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Training training = Training.on(device);
            training.step.run(batch(device, 0, 1));
            List<float[]> before = training.head.parameters().stream()
                    .map(parameter -> parameter.host().values())
                    .toList();
            TrainingStep.Batch spoilt = batch(device, 1, Float.NaN);
            assertThatThrownBy(() -> training.step.run(spoilt))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("step 2: the loss");
            for (int i = 0; i < before.size(); i++) {
                assertThat(training.head.parameters().get(i).host().values()).isEqualTo(before.get(i));
            }
            training.step.close();
        }
    }
}
