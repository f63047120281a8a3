package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.stegokernels.eval.Evaluator.PrecisionRecall;

/** Curves against thresholds tried one after the other. */
class PrecisionRecallTest {
    @Test
    void workedOutByHand() {
        // Predictions from the top: yes, no, then one of two that are alike.
        PrecisionRecall curve = PrecisionRecall.of(
                "x", new float[] {-0.5f, 0.9f, 0.2f, -0.5f}, new boolean[] {true, true, false, false});
        assertThat(curve.averagePrecision()).isCloseTo(0.5 * 1 + 0.5 * 2 / 4, within(1e-12));
        assertThat(curve.positives()).isEqualTo(0.5);
        assertThat(curve.pairs()).isEqualTo(4);
        assertThat(curve.recall()).startsWith(0.5).endsWith(1);
        assertThat(curve.precision()).startsWith(1).endsWith(0.5);
    }

    @Test
    void theSameAsEveryThresholdTried() {
        Random random = new Random(3);
        for (int round = 0; round < 30; round++) {
            int pairs = 1 + random.nextInt(600);
            float[] similarities = new float[pairs];
            boolean[] same = new boolean[pairs];
            same[0] = true;
            for (int i = 0; i < pairs; i++) {
                // Few different values, so that many are alike; both zeros are.
                similarities[i] = (random.nextInt(41) - 20) / (round % 2 == 0 ? 20f : -20f);
                same[i] |= random.nextInt(20) < 10 + 10 * similarities[i];
            }
            PrecisionRecall curve = PrecisionRecall.of("x", similarities, same);
            assertThat(curve.averagePrecision()).isCloseTo(averagePrecision(similarities, same), within(1e-12));
            for (int i = 0; i < curve.recall().length; i++) {
                assertThat(isReached(similarities, same, curve.recall()[i], curve.precision()[i]))
                        .isTrue();
            }
        }
    }

    @Test
    void withoutAPairOfOneClassThereIsNoPrecision() {
        PrecisionRecall curve = PrecisionRecall.of("x", new float[] {1, 2}, new boolean[2]);
        assertThat(curve.averagePrecision()).isNaN();
        assertThat(curve.positives()).isZero();
    }

    private static double averagePrecision(float[] similarities, boolean[] same) {
        double area = 0;
        double before = 0;
        for (float threshold : thresholds(similarities).descendingSet()) {
            double[] at = at(similarities, same, threshold);
            area += (at[0] - before) * at[1];
            before = at[0];
        }
        return area;
    }

    private static boolean isReached(float[] similarities, boolean[] same, double recall, double precision) {
        return thresholds(similarities).stream()
                .map(t -> at(similarities, same, t))
                .anyMatch(at -> Math.abs(at[0] - recall) < 1e-12 && Math.abs(at[1] - precision) < 1e-12);
    }

    private static TreeSet<Float> thresholds(float[] similarities) {
        TreeSet<Float> thresholds = new TreeSet<>();
        for (float similarity : similarities) {
            thresholds.add(similarity + 0f);
        }
        return thresholds;
    }

    /** Recall and precision of all that is at least the threshold. */
    private static double[] at(float[] similarities, boolean[] same, float threshold) {
        double above = 0;
        double right = 0;
        double all = 0;
        for (int i = 0; i < similarities.length; i++) {
            all += same[i] ? 1 : 0;
            above += similarities[i] >= threshold ? 1 : 0;
            right += similarities[i] >= threshold && same[i] ? 1 : 0;
        }
        return new double[] {right / all, right / above};
    }
}
