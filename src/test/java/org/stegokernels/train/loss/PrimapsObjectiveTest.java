package org.stegokernels.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stegokernels.testing.Gradients.assertGradient;
import static org.stegokernels.testing.Gradients.assertLoss;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;
import org.stegokernels.train.loss.Objective.Proposals;
import org.stegokernels.train.loss.Objective.Prototypes;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** The steps of PriMaPs-EM against loops in double precision and central differences. */
class PrimapsObjectiveTest {
    private static final int IMAGES = 3;
    private static final int SIDE = 4;
    private static final int PIXELS = 18;
    private static final int CHANNELS = 5;
    private static final int CLASSES = 4;
    private static final int PATCHES = IMAGES * SIDE * SIDE;
    private static final float[] CODE = ThreadCounts.normal(1, PATCHES * CHANNELS, 0.2, 2);
    private static final float[] MOMENTUM = ThreadCounts.normal(2, CLASSES * CHANNELS, 0, 1);
    private static final float[] RUNNING = ThreadCounts.normal(3, CLASSES * CHANNELS, 0, 2);

    /** Stripes, some of which no mask is in; those of the last image are in none at all. */
    private static byte[] masks() {
        byte[] masks = new byte[IMAGES * PIXELS * PIXELS];
        Random random = new Random(4);
        for (int i = 0; i < masks.length; i++) {
            int stripe = i % PIXELS / 5;
            boolean none = i >= 2 * PIXELS * PIXELS || stripe == 2 || random.nextInt(10) == 0;
            masks[i] = (byte) (none ? Proposals.NONE : stripe);
        }
        return masks;
    }

    private static double[] logits(double[] prototypes) {
        double[] unit = TrainingOracle.normalize(prototypes, CHANNELS, 1e-12);
        double[] logits = new double[PATCHES * CLASSES];
        for (int i = 0; i < logits.length; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                logits[i] += CODE[i / CLASSES * CHANNELS + c] * unit[i % CLASSES * CHANNELS + c];
            }
        }
        return logits;
    }

    private static int[] labels(byte[] masks) {
        double[] logits = TrainingOracle.bilinear(
                logits(Comparison.widened(MOMENTUM)), IMAGES, SIDE, SIDE, CLASSES, PIXELS, PIXELS);
        int[][][] votes = new int[IMAGES][256][CLASSES];
        for (int i = 0; i < masks.length; i++) {
            int best = 0;
            for (int k = 1; k < CLASSES; k++) {
                best = logits[i * CLASSES + k] > logits[i * CLASSES + best] ? k : best;
            }
            votes[i / (PIXELS * PIXELS)][masks[i] & 0xFF][best]++;
        }
        int[] labels = new int[masks.length];
        for (int i = 0; i < masks.length; i++) {
            int[] own = votes[i / (PIXELS * PIXELS)][masks[i] & 0xFF];
            int most = Arrays.stream(own).max().orElseThrow();
            labels[i] = -1;
            for (int k = CLASSES - 1; k >= 0 && (masks[i] & 0xFF) != Proposals.NONE; k--) {
                labels[i] = own[k] == most ? k : labels[i];
            }
        }
        return labels;
    }

    private static float[] classWeights(double focus) {
        double[] logits = logits(Comparison.widened(RUNNING));
        float[] weights = new float[CLASSES];
        for (int k = 0; k < CLASSES; k++) {
            double confidence = 0;
            for (int row = 0; row < PATCHES; row++) {
                double sum = 0;
                for (int other = 0; other < CLASSES; other++) {
                    sum += Math.exp(logits[row * CLASSES + other]);
                }
                confidence += Math.exp(logits[row * CLASSES + k]) / sum / PATCHES;
            }
            weights[k] = (float) Math.pow(1 - confidence, focus);
        }
        return weights;
    }

    private static Objective.Losses run(Device device, Objective objective, byte[] masks, int step) {
        Tensor code = device.upload(CODE, IMAGES, SIDE, SIDE, CHANNELS);
        Objective.Inputs inputs =
                new Objective.Inputs(code, null, null, null, null, new Proposals(masks, PIXELS, PIXELS, step));
        return objective.run(inputs, code, null, Observer.NONE);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void fitsTheRunningPrototypesToWhatMostPixelsOfAMaskAre(Devices.Choice choice) {
        for (double focus : new double[] {0, 2}) {
            try (Device device = TestDevices.open(choice);
                    Objective objective = Objective.primaps(
                            device, HostTensor.of(MOMENTUM, CLASSES, CHANNELS), new Prototypes(focus, 0.98, 10))) {
                Objective.Parameter running = objective.clusterParameters().get(0);
                device.write(RUNNING, running.value());
                byte[] masks = masks();
                int[] labels = labels(masks);
                assertThat(Arrays.stream(labels)
                                .filter(label -> label >= 0)
                                .distinct()
                                .count())
                        .isGreaterThan(1);
                float[] weights = classWeights(focus);
                double loss = run(device, objective, masks, 0).cluster();
                double[] wide = Comparison.widened(RUNNING);
                assertLoss("focus " + focus, loss, expected(wide, labels, weights));
                assertGradient(
                        "focus " + focus,
                        device.floats(running.gradient()),
                        TrainingOracle.gradient(at -> expected(at, labels, weights), wide));
                device.checkGuards();
            }
        }
    }

    private static double expected(double[] prototypes, int[] labels, float[] weights) {
        return TrainingOracle.crossEntropy(logits(prototypes), labels, weights, IMAGES, SIDE, SIDE, PIXELS, PIXELS);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theMomentumPrototypesAreFirstTheMeanOfTheRunningOnesThenFollowThem(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Objective objective = Objective.primaps(
                        device, HostTensor.of(MOMENTUM, CLASSES, CHANNELS), new Prototypes(2, 0.75, 2))) {
            Objective.Parameter running = objective.clusterParameters().get(0);
            double[] expected = Comparison.widened(MOMENTUM);
            for (int step = 0; step < 12; step++) {
                run(device, objective, masks(), step);
                float[] now = ThreadCounts.normal(10 + step, CLASSES * CHANNELS, 0, 1);
                device.write(now, running.value());
                objective.moved();
                // Moves 1 to 4 make a mean, whose newest part is 1, 1/2, 1/3, 1/4; then it is 1/4.
                double newest = step % 2 == 0 ? 0 : Math.max(0.25, 2.0 / (step + 1));
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += newest * (now[i] - expected[i]);
                }
                double[] actual =
                        Comparison.widened(device.floats(objective.clusters().value()));
                assertThat(actual).as("after step " + step).containsExactly(expected, within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void withoutAnyMaskNothingIsLearnt(Devices.Choice choice) {
        byte[] none = new byte[IMAGES * PIXELS * PIXELS];
        Arrays.fill(none, (byte) Proposals.NONE);
        try (Device device = TestDevices.open(choice);
                Objective objective = Objective.primaps(
                        device, HostTensor.of(MOMENTUM, CLASSES, CHANNELS), new Prototypes(2, 0.98, 10))) {
            assertThat(run(device, objective, none, 0).cluster()).isZero();
            assertThat(device.floats(objective.clusterParameters().get(0).gradient()))
                    .containsOnly(0f);
        }
    }
}
