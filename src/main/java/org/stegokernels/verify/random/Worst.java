package org.stegokernels.verify.random;

import org.stegokernels.verify.Comparison;

/** One comparison for several results of one operation. */
final class Worst {
    private Worst() {}

    /** The first that failed, with its number, or the one of the largest error. */
    static Comparison of(Comparison... comparisons) {
        Comparison worst = comparisons[0];
        for (int i = 0; i < comparisons.length; i++) {
            if (!comparisons[i].passed()) {
                return comparisons[i].behind("result " + (i + 1) + ": ");
            }
            worst = comparisons[i].error() > worst.error() ? comparisons[i] : worst;
        }
        return worst;
    }
}
