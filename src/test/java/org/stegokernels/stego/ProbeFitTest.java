package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.testing.TestDevices;

/** Softmax regression and the optimiser under it. */
class ProbeFitTest {
    private static final int CHANNELS = 6;
    private static final int OUTPUTS = 3;
    private static final int ROWS = 90;
    private static final double RIDGE = 1e-2;

    @Test
    void theOptimizerFindsTheBottomOfABentValley() {
        double[] x = {-1.2, 1};
        double value = Lbfgs.minimize(
                (at, gradient) -> {
                    double across = at[1] - at[0] * at[0];
                    gradient[0] = -400 * at[0] * across - 2 * (1 - at[0]);
                    gradient[1] = 200 * across;
                    return 100 * across * across + (1 - at[0]) * (1 - at[0]);
                },
                x,
                100,
                0);
        assertThat(value).isLessThan(1e-12);
        assertThat(x[0]).isCloseTo(1, within(1e-5));
        assertThat(x[1]).isCloseTo(1, within(1e-5));
    }

    /** Rows far from 0 and of a length of some tens, as features are, with soft targets and weights. */
    private static Goal goal() {
        Random random = new Random(1);
        float[] codes = new float[ROWS * CHANNELS];
        float[] targets = new float[ROWS * OUTPUTS];
        float[] weights = new float[ROWS];
        for (int i = 0; i < ROWS; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                codes[i * CHANNELS + c] = (float) (10 + 7 * random.nextGaussian() + (c == i % OUTPUTS ? 9 : 0));
            }
            targets[i * OUTPUTS + i % OUTPUTS] = 0.75f;
            targets[i * OUTPUTS + (i + 1) % OUTPUTS] = 0.25f;
            weights[i] = (1 + i % 4) / (2.5f * ROWS);
        }
        return new Goal(codes, targets, new boolean[0][], weights);
    }

    private static Values zero() {
        return new Values(new float[OUTPUTS * CHANNELS], new float[OUTPUTS]);
    }

    /** The objective is convex: a point of slope 0 is the one minimum, and the slope is computed here once more. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theSlopeIsZeroWhereTheFitEnds(Devices.Choice choice) {
        Goal goal = goal();
        Values fitted;
        try (Device device = TestDevices.open(choice)) {
            fitted = LinearProbe.fit(device, goal, zero(), RIDGE, 200);
            assertThat(device.allocatedBytes()).isLessThan(1 << 24);
            device.checkGuards();
        }
        double[] mean = new double[CHANNELS];
        for (int i = 0; i < goal.codes().length; i++) {
            mean[i % CHANNELS] += goal.codes()[i] / (double) ROWS;
        }
        double squares = 0;
        for (int i = 0; i < goal.codes().length; i++) {
            squares += Math.pow(goal.codes()[i] - mean[i % CHANNELS], 2) / ROWS;
        }
        double length = Math.sqrt(squares);
        double[] slopes = new double[OUTPUTS * CHANNELS];
        double[] biasSlopes = new double[OUTPUTS];
        for (int i = 0; i < ROWS; i++) {
            double[] logits = new double[OUTPUTS];
            for (int k = 0; k < OUTPUTS; k++) {
                logits[k] = fitted.bias()[k];
                for (int c = 0; c < CHANNELS; c++) {
                    logits[k] += fitted.weights()[k * CHANNELS + c] * (double) goal.codes()[i * CHANNELS + c];
                }
            }
            double[] p = probabilities(logits, 0, OUTPUTS);
            for (int k = 0; k < OUTPUTS; k++) {
                double wrong = goal.weights()[i] * (p[k] - goal.targets()[i * OUTPUTS + k]);
                biasSlopes[k] += wrong;
                for (int c = 0; c < CHANNELS; c++) {
                    slopes[k * CHANNELS + c] += wrong * (goal.codes()[i * CHANNELS + c] - mean[c]) / length;
                }
            }
        }
        for (int i = 0; i < slopes.length; i++) {
            assertThat(slopes[i] + RIDGE * fitted.weights()[i] * length).isCloseTo(0, within(1e-3));
        }
        for (double slope : biasSlopes) {
            assertThat(slope).isCloseTo(0, within(1e-3));
        }
    }

    @Test
    void equalRowsGiveEqualBits() {
        try (Device device = TestDevices.open(Devices.choose("cpu"))) {
            Values once = LinearProbe.fit(device, goal(), zero(), RIDGE, 200);
            Values again = LinearProbe.fit(device, goal(), zero(), RIDGE, 200);
            assertThat(once.weights()).isEqualTo(again.weights());
            assertThat(once.bias()).isEqualTo(again.bias());
        }
    }

    @Test
    void aLargeRidgeLeavesTheWeightsWhereTheyBegin() {
        Values start = zero();
        Arrays.fill(start.weights(), 0.5f);
        try (Device device = TestDevices.open(Devices.choose("cpu"))) {
            Values fitted = LinearProbe.fit(device, goal(), start, 1e6, 200);
            for (float weight : fitted.weights()) {
                assertThat(weight).isCloseTo(0.5f, within(1e-4f));
            }
        }
    }

    /** The loss once more, in double precision from logits, and its slope by central differences. */
    @Test
    void theGradientIsThatOfTheLoss() {
        int outputs = 5;
        int known = 4;
        int count = 9;
        Random random = new Random(5);
        double[] logits = new double[count * outputs];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = 2 * random.nextGaussian();
        }
        float[] targets = new float[known * outputs];
        for (int i = 0; i < known; i++) {
            double[] drawn = probabilities(random.doubles(outputs).toArray(), 0, outputs);
            for (int k = 0; k < outputs; k++) {
                targets[i * outputs + k] = (float) drawn[k];
            }
        }
        boolean[][] among = new boolean[count - known][outputs];
        for (int i = 0; i < among.length; i++) {
            for (int k = 0; k < outputs; k++) {
                among[i][k] = k == i || random.nextBoolean();
            }
        }
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = random.nextFloat();
        }
        Goal goal = new Goal(new float[0], targets, among, weights);
        float[] gradient = new float[logits.length];
        for (int i = 0; i < count; i++) {
            double[] p = probabilities(logits, i * outputs, outputs);
            for (int k = 0; k < outputs; k++) {
                gradient[i * outputs + k] = (float) Math.log(p[k]);
            }
        }
        assertThat(ProbeFit.gradient(goal, outputs, gradient)).isCloseTo(loss(goal, outputs, logits), within(1e-5));
        double step = 1e-5;
        for (int i = 0; i < logits.length; i++) {
            double[] above = logits.clone();
            double[] below = logits.clone();
            above[i] += step;
            below[i] -= step;
            double slope = (loss(goal, outputs, above) - loss(goal, outputs, below)) / (2 * step);
            assertThat((double) gradient[i]).as("logit " + i).isCloseTo(slope, within(1e-6));
        }
    }

    private static double loss(Goal goal, int outputs, double[] logits) {
        int known = goal.targets().length / outputs;
        double loss = 0;
        for (int i = 0; i < goal.weights().length; i++) {
            double[] p = probabilities(logits, i * outputs, outputs);
            double inside = 0;
            for (int k = 0; k < outputs; k++) {
                if (i < known) {
                    loss -= goal.weights()[i] * goal.targets()[i * outputs + k] * Math.log(p[k]);
                } else if (goal.among()[i - known][k]) {
                    inside += p[k];
                }
            }
            loss -= i < known ? 0 : goal.weights()[i] * Math.log(inside);
        }
        return loss;
    }

    private static double[] probabilities(double[] logits, int first, int outputs) {
        double[] p = new double[outputs];
        double sum = 0;
        for (int k = 0; k < outputs; k++) {
            p[k] = Math.exp(logits[first + k]);
            sum += p[k];
        }
        for (int k = 0; k < outputs; k++) {
            p[k] /= sum;
        }
        return p;
    }
}
