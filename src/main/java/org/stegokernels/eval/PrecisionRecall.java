package org.stegokernels.eval;

import java.util.Arrays;

/**
 * The precision and recall of the similarity of two points in predicting that they are of one class (Hamilton et al. 2022, figure 2): of the
 * pairs above a threshold of similarity, the precision is the share that is of one class, the recall the share of all
 * such pairs that is above. The curve goes through all thresholds, from the highest similarity down.
 *
 * @param name what the similarity is of
 * @param averagePrecision the sum over thresholds of precision times the recall gained, as scikit-learn defines it;
 *     equal similarities are one threshold. NaN without a pair of one class.
 * @param positives share of all pairs that is of one class: the precision of a guess
 * @param pairs how many
 * @param recall of up to {@link #POINTS} thresholds, rising
 * @param precision of the same
 */
public record PrecisionRecall(
        String name, double averagePrecision, double positives, long pairs, double[] recall, double[] precision) {
    /** A curve is drawn with so many points at most; the average precision is of all. */
    public static final int POINTS = 256;

    /**
     * Computes the curve of some pairs.
     *
     * @param similarities of which none is NaN
     * @param sameClass for each pair
     */
    public static PrecisionRecall of(String name, float[] similarities, boolean[] sameClass) {
        long[] pairs = new long[similarities.length];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = encode(similarities[i], sameClass[i]);
        }
        return of(name, pairs);
    }

    /** Encodes a pair as a number that grows with its similarity; the lowest bit says whether both are of one class. */
    static long encode(float similarity, boolean sameClass) {
        // Adding 0 makes -0 into 0: they are equal.
        int bits = Float.floatToIntBits(similarity + 0f);
        int rising = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        return (long) rising << 1 | (sameClass ? 1 : 0);
    }

    /** @param pairs as {@link #encode} makes them; sorted by this call */
    static PrecisionRecall of(String name, long[] pairs) {
        Arrays.parallelSort(pairs);
        long all = Arrays.stream(pairs).filter(pair -> (pair & 1) != 0).count();
        double[] recall = new double[POINTS];
        double[] precision = new double[POINTS];
        int points = 0;
        double area = 0;
        long found = 0;
        long foundBefore = 0;
        for (int i = pairs.length - 1; i >= 0; i--) {
            found += pairs[i] & 1;
            boolean threshold = i == 0 || pairs[i] >> 1 != pairs[i - 1] >> 1;
            if (!threshold) {
                continue;
            }
            long seen = pairs.length - i;
            area += (double) (found - foundBefore) / all * found / seen;
            foundBefore = found;
            double reached = (double) found / all;
            // One point where the recall passes each of so many equal steps; the last step is the end of the curve.
            if (points < POINTS && (reached * POINTS >= points + 1 || i == 0)) {
                recall[points] = reached;
                precision[points] = (double) found / seen;
                points++;
            }
        }
        return new PrecisionRecall(
                name,
                all == 0 ? Double.NaN : area,
                (double) all / pairs.length,
                pairs.length,
                Arrays.copyOf(recall, points),
                Arrays.copyOf(precision, points));
    }
}
