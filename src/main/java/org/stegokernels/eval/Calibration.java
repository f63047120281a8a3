package org.stegokernels.eval;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Scores.Matching;
import org.stegokernels.image.LabelMap;

/**
 * The worth of a classifier's confidences: whether of the pixels with confidence 0.8 four in five are right, and whether
 * right pixels have more of it than wrong ones. Shares, not percentages.
 *
 * @param expectedError the expected calibration error (ECE; Guo et al. 2017): the mean over pixels of the distance
 *     between accuracy and mean confidence of the bin that a pixel is in; NaN without pixels
 * @param auroc the area under the ROC curve of the confidence as a sign of being right (Hendrycks and Gimpel 2017): the
 *     probability that a right pixel has more of it than a wrong one, equal ones counting half. 0.5 is a guess; NaN if
 *     all pixels are right, or all wrong
 * @param bins {@link #BINS} of equal width over the confidence, rising; each includes its upper end
 */
public record Calibration(double expectedError, double auroc, List<Bin> bins) {
    /** The bins of the expected calibration error. */
    public static final int BINS = 15;

    /**
     * The pixels with confidences in one bin.
     *
     * @param confidence their mean confidence; NaN without pixels
     * @param accuracy the share of them that is right; NaN without pixels
     */
    public record Bin(long pixels, double confidence, double accuracy) {}

    /** Copies the list. */
    public Calibration {
        bins = List.copyOf(bins);
    }

    /**
     * Counts of pixels by prediction, class and confidence, from which calibrations are computed once it is known what
     * class a prediction stands for.
     *
     * <p>Memory is bounded, whatever the number of pixels, by counting them in a fixed histogram: each halving of the
     * distance of a confidence to 1, down to the least that a float can have, is divided into {@link #steps} equal
     * steps, 64 of them unless there are very many classes. The confidences of one step count as equal in the area under
     * the curve; the calibration error is exact.
     */
    static final class Counts {
        private static final int MOST_STEPS_LOG = 6;
        private static final int HALVINGS = 24;
        private static final int MAX_COUNTS = 8 << 20;
        private static final int MANTISSA_BITS = 23;
        private static final int EXPONENT_OF_ONE = 127;

        private final int classes;
        private final int stepsLog;
        /** By prediction and class: the pixels of each bin, then those of each step, the most confident first. */
        private final long[][] counts;
        /** By bin. */
        private final double[] sums = new double[BINS];

        Counts(int predictions, int classes) {
            this.classes = classes;
            counts = new long[predictions * classes][];
            int log = MOST_STEPS_LOG;
            while (log > 0 && (long) counts.length * (HALVINGS << log) > MAX_COUNTS) {
                log--;
            }
            stepsLog = log;
        }

        /** Returns the steps of the histogram for each halving of the distance to 1. */
        int steps() {
            return 1 << stepsLog;
        }

        /**
         * Counts the pixels of an image; those whose label is no class are passed over.
         *
         * @param confidence of each prediction, 0 to 1
         * @param count the treatment of pixels in extra clusters
         */
        void add(LabelMap predicted, float[] confidence, LabelMap labels, Count count) {
            for (int i = 0; i < confidence.length; i++) {
                int prediction = predicted.labels()[i] & 0xFF;
                int label = labels.labels()[i] & 0xFF;
                if (label < classes && !(count == Count.PUBLISHED && prediction >= classes)) {
                    add(prediction * classes + label, confidence[i]);
                }
            }
        }

        private void add(int pair, float confidence) {
            if (counts[pair] == null) {
                counts[pair] = new long[BINS + (HALVINGS << stepsLog) + 2];
            }
            int bin = Math.max(0, (int) Math.ceil((double) confidence * BINS) - 1);
            sums[bin] += confidence;
            counts[pair][bin]++;
            counts[pair][BINS + step(confidence)]++;
        }

        /** Returns 0 for a confidence of 1, and more for less of it. */
        private int step(float confidence) {
            float distance = 1 - confidence;
            int first = EXPONENT_OF_ONE - HALVINGS << stepsLog;
            return distance == 0 ? 0 : 1 + (Float.floatToIntBits(distance) >> MANTISSA_BITS - stepsLog) - first;
        }

        Calibration under(Matching matching) {
            int length = BINS + (HALVINGS << stepsLog) + 2;
            long[] right = new long[length];
            long[] wrong = new long[length];
            for (int pair = 0; pair < counts.length; pair++) {
                boolean matched = matching.classOf()[pair / classes] == pair % classes;
                for (int i = 0; counts[pair] != null && i < length; i++) {
                    (matched ? right : wrong)[i] += counts[pair][i];
                }
            }
            double error = 0;
            long all = 0;
            List<Bin> bins = new ArrayList<>();
            for (int bin = 0; bin < BINS; bin++) {
                long pixels = right[bin] + wrong[bin];
                bins.add(new Bin(pixels, sums[bin] / pixels, (double) right[bin] / pixels));
                error += Math.abs(right[bin] - sums[bin]);
                all += pixels;
            }
            return new Calibration(error / all, auroc(right, wrong), bins);
        }

        private static double auroc(long[] right, long[] wrong) {
            double allRight = 0;
            double allWrong = 0;
            double ordered = 0;
            for (int i = right.length - 1; i >= BINS; i--) {
                ordered += right[i] * (allWrong + wrong[i] / 2.0);
                allRight += right[i];
                allWrong += wrong[i];
            }
            return ordered / (allRight * allWrong);
        }
    }
}
