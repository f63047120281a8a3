package org.stegokernels.verify;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Nearest keys, nearest centres and running means. */
final class RandomNeighbors {
    private RandomNeighbors() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("topK", RandomNeighbors::topK);
        trials.put("nearestCenters", RandomNeighbors::nearestCenters);
        trials.put("runningMeans", RandomNeighbors::runningMeans);
        return trials;
    }

    /** Draws small integers, so that products are exact and many tie; order and indices must then be exact too. */
    private static Comparison topK(CheckScope scope, Draw draw) {
        boolean same = draw.between(0, 1) == 1;
        int keys = draw.size(500);
        int queries = same ? keys : draw.size(150);
        int channels = draw.size(70);
        int k = draw.between(1, Math.min(keys, 40));
        int distinct = draw.between(2, 9);
        String which = same ? "the same" : "others";
        draw.note("queries [%d, %d], keys %d, %s, k %d, %d distinct", queries, channels, keys, which, k, distinct);
        float[] x = integers(draw, keys * channels, distinct);
        float[] q = same ? x : integers(draw, queries * channels, distinct);
        return compareTopK(new TrainingOnDevice(scope), q, x, channels, k);
    }

    /** Compares indices exactly: products must be, too. */
    static Comparison compareTopK(TrainingOnDevice device, float[] q, float[] x, int channels, int k) {
        TrainingOnDevice.Neighbors found = device.topK(q, x, channels, k);
        int queries = q.length / channels;
        int keys = x.length / channels;
        double[] products = TrainingOracle.products(q, x, channels);
        int[] expected = new int[queries * k];
        double[] values = new double[queries * k];
        for (int query = 0; query < queries; query++) {
            int row = query * keys;
            int[] order = IntStream.range(0, keys)
                    .boxed()
                    .sorted((a, b) -> Double.compare(products[row + b], products[row + a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < k; i++) {
                expected[query * k + i] = order[i];
                values[query * k + i] = products[row + order[i]];
            }
        }
        return Comparison.worstOf(
                Comparison.labels(found.indices(), expected, Comparison.EXACT),
                Comparison.relative(found.similarities(), values, Comparison.FORWARD));
    }

    private static Comparison nearestCenters(CheckScope scope, Draw draw) {
        int points = draw.size(600);
        int channels = draw.size(100);
        int clusters = draw.size(40);
        int chosen = draw.size(900);
        draw.note("points [%d, %d], rows %d, centers %d", points, channels, chosen, clusters);
        float[] x = draw.normal(points * channels);
        float[] centers = draw.normal(clusters * channels);
        int[] rows = draw.indices(chosen, points);
        return compareNearest(new TrainingOnDevice(scope), x, rows, centers, channels, false);
    }

    /** @param exact whether distances are: the first of several nearest centres must then be found */
    static Comparison compareNearest(
            TrainingOnDevice device, float[] x, int[] rows, float[] centers, int channels, boolean exact) {
        TrainingOnDevice.Assigned assigned = device.nearestCenters(x, rows, centers, channels);
        int clusters = centers.length / channels;
        int[] found = assigned.labels();
        int[] nearest = nearest(x, centers, rows, exact ? new int[rows.length] : found, channels);
        float[] picked = new float[rows.length * channels];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(x, rows[i] * channels, picked, i * channels, channels);
        }
        Comparison labels = Comparison.labels(found, nearest, Comparison.EXACT);
        return !labels.passed()
                ? labels
                : Comparison.worstOf(
                        Comparison.relative(
                                assigned.sums(),
                                Oracle.clusterSums(picked, found, new float[clusters * channels], channels),
                                Comparison.FORWARD),
                        Comparison.labels(
                                assigned.counts(), Oracle.clusterCounts(found, new int[clusters]), Comparison.EXACT));
    }

    /** Returns the nearest centre of each row; the one found, if it is as near within rounding. */
    private static int[] nearest(float[] x, float[] centers, int[] rows, int[] found, int channels) {
        int clusters = centers.length / channels;
        double[] distances = TrainingOracle.squaredDistances(x, centers, channels);
        int[] nearest = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            int row = rows[i] * clusters;
            for (int c = 1; c < clusters; c++) {
                nearest[i] = distances[row + c] < distances[row + nearest[i]] ? c : nearest[i];
            }
            boolean inside = found[i] >= 0 && found[i] < clusters;
            if (inside && distances[row + found[i]] <= distances[row + nearest[i]] * (1 + 1e-5)) {
                nearest[i] = found[i];
            }
        }
        return nearest;
    }

    private static Comparison runningMeans(CheckScope scope, Draw draw) {
        int clusters = draw.size(40);
        int channels = draw.size(100);
        draw.note("means [%d, %d]", clusters, channels);
        float[] sums = draw.normal(clusters * channels, 0, 10);
        float[] means = draw.normal(clusters * channels);
        int[] counts = draw.indices(clusters, 20);
        int[] totals = draw.indices(clusters, 100);
        Arrays.fill(totals, 0, clusters / 3, 0);
        double[] expected = new double[means.length];
        int[] expectedTotals = new int[clusters];
        for (int i = 0; i < expected.length; i++) {
            int c = i / channels;
            int total = totals[c] + counts[c];
            expectedTotals[c] = total;
            expected[i] = total == 0 ? means[i] : means[i] + (sums[i] - (double) counts[c] * means[i]) / total;
        }
        Tensor meanTensor = scope.inOut(means, clusters, channels);
        Tensor totalTensor = scope.inOut(totals, clusters);
        scope.training()
                .runningMeans(
                        scope.input(sums, clusters, channels), scope.input(counts, clusters), totalTensor, meanTensor);
        return Comparison.worstOf(
                Comparison.relative(scope.device().floats(meanTensor), expected, Comparison.FORWARD),
                Comparison.labels(scope.device().ints(totalTensor), expectedTotals, Comparison.EXACT));
    }

    private static float[] integers(Draw draw, int count, int distinct) {
        int[] drawn = draw.indices(count, distinct);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = drawn[i] - distinct / 2;
        }
        return values;
    }
}
