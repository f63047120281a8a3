package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Scores.Matching;
import org.stegokernels.image.LabelMap;

/** Calibration against the plainest computation, in double precision, over single pixels. */
class CalibrationTest {
    private static final int PREDICTIONS = 5;
    private static final int CLASSES = 3;
    /** Two clusters stand for no class. */
    private static final Matching MATCHING = new Matching(new int[] {2, Matching.NONE, 0, Matching.NONE, 1});

    private record Pixels(LabelMap predicted, float[] confidence, LabelMap labels) {
        static Pixels random(int count, long seed) {
            Random random = new Random(seed);
            byte[] predicted = new byte[count];
            byte[] labels = new byte[count];
            float[] confidence = new float[count];
            for (int i = 0; i < count; i++) {
                predicted[i] = (byte) random.nextInt(PREDICTIONS);
                int label = random.nextInt(CLASSES + 1);
                labels[i] = (byte) (label == CLASSES ? LabelMap.IGNORE : label);
                boolean sure = random.nextBoolean();
                confidence[i] = sure ? 1 - (float) Math.exp(-20 * random.nextDouble()) : random.nextFloat();
                if (random.nextInt(10) == 0) {
                    confidence[i] = random.nextInt(16) / 15f;
                }
            }
            return new Pixels(new LabelMap(count, 1, predicted), confidence, new LabelMap(count, 1, labels));
        }

        boolean counted(int i, Count count) {
            return labels.label(i, 0) < CLASSES && !(count == Count.PUBLISHED && predicted.label(i, 0) >= CLASSES);
        }

        boolean right(int i) {
            return MATCHING.classOf()[predicted.label(i, 0)] == labels.label(i, 0);
        }

        double expectedError(Count count) {
            double error = 0;
            int all = 0;
            for (int bin = 0; bin < 15; bin++) {
                double sum = 0;
                int right = 0;
                for (int i = 0; i < confidence.length; i++) {
                    boolean inside = (bin == 0 || confidence[i] > bin / 15.0)
                            && (bin == 14 || confidence[i] <= (bin + 1) / 15.0);
                    if (counted(i, count) && inside) {
                        sum += confidence[i];
                        right += right(i) ? 1 : 0;
                        all++;
                    }
                }
                error += Math.abs(right - sum);
            }
            return error / all;
        }

        double auroc(Count count) {
            double ordered = 0;
            long pairs = 0;
            for (int i = 0; i < confidence.length; i++) {
                for (int j = 0; j < confidence.length; j++) {
                    if (counted(i, count) && counted(j, count) && right(i) && !right(j)) {
                        ordered += confidence[i] > confidence[j] ? 1 : confidence[i] == confidence[j] ? 0.5 : 0;
                        pairs++;
                    }
                }
            }
            return ordered / pairs;
        }
    }

    private static Calibration calibration(Pixels pixels, Count count) {
        Calibration.Counts counts = new Calibration.Counts(PREDICTIONS, CLASSES);
        counts.add(pixels.predicted(), pixels.confidence(), pixels.labels(), count);
        return counts.under(MATCHING);
    }

    @Test
    void isThatOfTheDefinition() {
        for (Count count : Count.values()) {
            for (int seed = 0; seed < 5; seed++) {
                Pixels pixels = Pixels.random(3000, seed);
                Calibration calibration = calibration(pixels, count);
                assertThat(calibration.expectedError()).isCloseTo(pixels.expectedError(count), within(1e-12));
                assertThat(calibration.auroc()).isCloseTo(pixels.auroc(count), within(1e-3));
            }
        }
    }

    @Test
    void imagesAddUp() {
        Calibration.Counts counts = new Calibration.Counts(PREDICTIONS, CLASSES);
        Pixels pixels = Pixels.random(2000, 7);
        for (int i = 0; i < 2; i++) {
            counts.add(pixels.predicted(), pixels.confidence(), pixels.labels(), Count.ALL);
        }
        Calibration once = calibration(pixels, Count.ALL);
        Calibration twice = counts.under(MATCHING);
        assertThat(twice.expectedError()).isCloseTo(once.expectedError(), within(1e-12));
        assertThat(twice.auroc()).isCloseTo(once.auroc(), within(1e-12));
        assertThat(twice.bins().get(14).pixels())
                .isEqualTo(2 * once.bins().get(14).pixels());
    }

    private static Calibration ofTwo(float right, float wrong) {
        Calibration.Counts counts = new Calibration.Counts(2, 2);
        counts.add(
                new LabelMap(2, 1, new byte[] {0, 0}),
                new float[] {right, wrong},
                new LabelMap(2, 1, new byte[] {0, 1}),
                Count.ALL);
        return counts.under(Matching.identity(2));
    }

    @Test
    void confidencesNextToOneAreToldApart() {
        float almost = Math.nextDown(1f);
        assertThat(ofTwo(1, almost).auroc()).isEqualTo(1);
        assertThat(ofTwo(almost, Math.nextDown(almost)).auroc()).isEqualTo(1);
        assertThat(ofTwo(0.9999f, 0.99995f).auroc()).isEqualTo(0);
        assertThat(ofTwo(0.5f, 0.5f).auroc()).isEqualTo(0.5);
        assertThat(ofTwo(0, 1).auroc()).isEqualTo(0);
        assertThat(ofTwo(0, 1).expectedError()).isEqualTo(1);
    }

    @Test
    void withoutErrorsOrPixelsThereIsNothingToOrder() {
        Calibration.Counts counts = new Calibration.Counts(1, 1);
        assertThat(counts.under(Matching.identity(1)).expectedError()).isNaN();
        counts.add(new LabelMap(1, 1, new byte[1]), new float[] {0.75f}, new LabelMap(1, 1, new byte[1]), Count.ALL);
        assertThat(counts.under(Matching.identity(1)).expectedError()).isEqualTo(0.25);
        assertThat(counts.under(Matching.identity(1)).auroc()).isNaN();
    }

    @Test
    void manyClassesMakeTheStepsCoarserNotTheMemoryLarge() {
        assertThat(new Calibration.Counts(27, 27).steps()).isEqualTo(64);
        assertThat(new Calibration.Counts(171, 171).steps()).isEqualTo(8);
        assertThat(new Calibration.Counts(255, 255).steps()).isEqualTo(4);
    }
}
