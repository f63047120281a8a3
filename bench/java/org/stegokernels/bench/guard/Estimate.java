package org.stegokernels.bench.guard;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The speed of a path, from several forks with several samples each.
 *
 * <p>Two kinds of noise: a neighbour takes the processor for a moment, which the median of a fork's samples passes
 * over; and Java compiles a path better in one fork than in another, for the whole of the fork. What the code can do
 * shows in the better forks, so the level is their upper quartile.
 *
 * @param level the ratio
 * @param low lower end of its 95% interval (bootstrap over forks and samples; Efron 1979)
 * @param high upper end
 */
record Estimate(double level, double low, double high) {
    private static final int RESAMPLES = 400;
    private static final double TAIL = 0.025;
    private static final double QUARTILE = 0.75;
    private static final double HALF = 0.5;

    /** @param forks for each fork its samples, at least one */
    static Estimate of(List<double[]> forks) {
        Random random = new Random(0);
        double[] levels = new double[RESAMPLES];
        double[] medians = new double[forks.size()];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int f = 0; f < medians.length; f++) {
                medians[f] = quantile(resampled(forks.get(random.nextInt(medians.length)), random), HALF);
            }
            levels[i] = quantile(medians.clone(), QUARTILE);
        }
        for (int f = 0; f < medians.length; f++) {
            medians[f] = median(forks.get(f));
        }
        double level = quantile(medians, QUARTILE);
        return new Estimate(
                level,
                Math.min(level, quantile(levels.clone(), TAIL)),
                Math.max(level, quantile(levels.clone(), 1 - TAIL)));
    }

    private static double[] resampled(double[] samples, Random random) {
        double[] drawn = new double[samples.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = samples[random.nextInt(drawn.length)];
        }
        return drawn;
    }

    static double median(double[] samples) {
        return quantile(samples.clone(), HALF);
    }

    /** Interpolates linearly between two values; sorts the array. */
    private static double quantile(double[] values, double share) {
        Arrays.sort(values);
        double at = share * (values.length - 1);
        int below = (int) at;
        int above = Math.min(values.length - 1, below + 1);
        return values[below] + (at - below) * (values[above] - values[below]);
    }

    /** Returns half the interval as a part of the level. */
    double spread() {
        return (high - low) / 2 / level;
    }
}
