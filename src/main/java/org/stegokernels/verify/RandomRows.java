package org.stegokernels.verify;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Operations that treat each row by itself, and those that only move rows about. */
final class RandomRows {
    private RandomRows() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("layerNorm", RandomRows::layerNorm);
        trials.put("gelu", RandomRows::gelu);
        trials.put("swiGlu", RandomRows::swiGlu);
        trials.put("normalize", RandomRows::normalize);
        trials.put("softmax", RandomRows::softmax);
        trials.put("logSoftmax", RandomRows::logSoftmax);
        trials.put("argmax", RandomRows::argmax);
        trials.put("slice", RandomRows::slice);
        trials.put("mirrorMean", RandomRows::mirrorMean);
        trials.put("clusterSums", RandomRows::clusterSums);
        return trials;
    }

    /** Runs {@code kernel(x, out)} on {@code [rows, channels]}, in place or not. */
    private static float[] compute(
            CheckScope scope, float[] x, int rows, int channels, boolean inPlace, BiConsumer<Tensor, Tensor> kernel) {
        Tensor in = inPlace ? scope.inOut(x, rows, channels) : scope.input(x, rows, channels);
        Tensor out = inPlace ? in : scope.output(rows, channels);
        kernel.accept(in, out);
        return scope.device().floats(out);
    }

    private static Comparison layerNorm(CheckScope scope, Draw draw) {
        int rows = draw.size(90);
        int channels = draw.size(800);
        boolean inPlace = draw.coin();
        float epsilon = draw.coin() ? 1e-6f : 1e-5f;
        double mean = draw.between(-3.0, 3.0);
        draw.note("x [%d, %d], mean %.2f, epsilon %s, in place %b", rows, channels, mean, epsilon, inPlace);
        float[] x = draw.normal(rows * channels, mean, draw.between(0.5, 3.0));
        float[] gamma = draw.normal(channels);
        float[] beta = draw.normal(channels);
        Tensor gammaTensor = scope.input(gamma, channels);
        Tensor betaTensor = scope.input(beta, channels);
        float[] out = compute(
                scope,
                x,
                rows,
                channels,
                inPlace,
                (in, to) -> scope.kernels().layerNorm(in, gammaTensor, betaTensor, epsilon, to));
        return Comparison.relative(out, Oracle.layerNorm(x, gamma, beta, epsilon), Comparison.FORWARD);
    }

    private static Comparison gelu(CheckScope scope, Draw draw) {
        int rows = draw.size(90);
        int channels = draw.size(800);
        boolean inPlace = draw.coin();
        double deviation = draw.between(0.1, 6.0);
        draw.note("x [%d, %d], deviation %.2f, in place %b", rows, channels, deviation, inPlace);
        float[] x = draw.normal(rows * channels, 0, deviation);
        x[draw.between(0, x.length - 1)] = draw.coin() ? 60 : -60;
        float[] out = compute(scope, x, rows, channels, inPlace, scope.kernels()::gelu);
        return Comparison.relative(out, Oracle.gelu(x), Comparison.FORWARD);
    }

    private static Comparison swiGlu(CheckScope scope, Draw draw) {
        int rows = draw.size(90);
        int channels = draw.size(800);
        double deviation = draw.between(0.1, 6.0);
        draw.note("x [%d, %d], deviation %.2f", rows, 2 * channels, deviation);
        float[] x = draw.normal(rows * 2 * channels, 0, deviation);
        x[draw.between(0, x.length - 1)] = draw.coin() ? 100 : -100;
        Tensor out = scope.output(rows, channels);
        scope.kernels().swiGlu(scope.input(x, rows, 2 * channels), out);
        return Comparison.relative(scope.device().floats(out), Oracle.swiGlu(x, channels), Comparison.FORWARD);
    }

    private static Comparison normalize(CheckScope scope, Draw draw) {
        int rows = draw.size(90);
        int channels = draw.size(800);
        boolean inPlace = draw.coin();
        float epsilon = draw.coin() ? 1e-12f : 1f;
        draw.note("x [%d, %d], epsilon %s, in place %b", rows, channels, epsilon, inPlace);
        float[] x = draw.normal(rows * channels, 0, draw.between(0.01, 2.0));
        if (draw.coin()) {
            Arrays.fill(x, 0, channels, 0);
        }
        float[] out = compute(
                scope, x, rows, channels, inPlace, (in, to) -> scope.kernels().normalize(in, epsilon, to));
        return Comparison.relative(out, Oracle.normalize(x, channels, epsilon), Comparison.FORWARD);
    }

    private static Comparison softmax(CheckScope scope, Draw draw) {
        int rows = draw.size(200);
        int channels = draw.size(200);
        boolean inPlace = draw.coin();
        float scale = (float) draw.between(0.2, 4.0);
        draw.note("x [%d, %d], scale %s, in place %b", rows, channels, scale, inPlace);
        float[] x = draw.normal(rows * channels, draw.between(-5.0, 5.0), 3);
        float[] out = compute(
                scope, x, rows, channels, inPlace, (in, to) -> scope.kernels().softmax(in, scale, to));
        return Comparison.relative(out, Oracle.softmax(x, channels, scale), Comparison.FORWARD);
    }

    private static Comparison logSoftmax(CheckScope scope, Draw draw) {
        int rows = draw.size(200);
        int channels = draw.size(200);
        boolean inPlace = draw.coin();
        float scale = (float) draw.between(0.2, 4.0);
        draw.note("x [%d, %d], scale %s, in place %b", rows, channels, scale, inPlace);
        float[] x = draw.normal(rows * channels, draw.between(-5.0, 5.0), 3);
        float[] out = compute(
                scope, x, rows, channels, inPlace, (in, to) -> scope.kernels().logSoftmax(in, scale, to));
        return Comparison.relative(out, Oracle.logSoftmax(x, channels, scale), Comparison.FORWARD);
    }

    /** Draws few distinct values, so that many rows tie. */
    private static Comparison argmax(CheckScope scope, Draw draw) {
        int rows = draw.size(300);
        int channels = draw.size(200);
        int distinct = draw.coin() ? draw.between(1, 5) : 1_000_000;
        draw.note("x [%d, %d], %d distinct values", rows, channels, distinct);
        int[] drawn = draw.indices(rows * channels, distinct);
        float[] x = new float[drawn.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = drawn[i] - distinct / 2f;
        }
        Tensor out = scope.intOutput(rows);
        scope.kernels().argmax(scope.input(x, rows, channels), out);
        return Comparison.labels(scope.device().ints(out), Oracle.argmax(x, channels), Comparison.EXACT);
    }

    private static Comparison slice(CheckScope scope, Draw draw) {
        int batch = draw.between(1, 3);
        int rows = draw.size(90);
        int channels = draw.size(300);
        int firstRow = draw.between(0, rows - 1);
        int firstChannel = draw.between(0, channels - 1);
        int outRows = draw.between(1, rows - firstRow);
        int outChannels = draw.between(1, channels - firstChannel);
        draw.note(
                "x [%d, %d, %d], from row %d and channel %d, out [%d, %d, %d]",
                batch, rows, channels, firstRow, firstChannel, batch, outRows, outChannels);
        float[] x = draw.normal(batch * rows * channels);
        Tensor out = scope.output(batch, outRows, outChannels);
        scope.kernels().slice(scope.input(x, batch, rows, channels), firstRow, firstChannel, out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.slice(x, batch, rows, channels, firstRow, firstChannel, outRows, outChannels),
                Comparison.EXACT);
    }

    private static Comparison mirrorMean(CheckScope scope, Draw draw) {
        int height = draw.size(20);
        int width = draw.size(20);
        int channels = draw.size(150);
        draw.note("x [2, %d, %d, %d]", height, width, channels);
        float[] x = draw.normal(2 * height * width * channels);
        Tensor out = scope.output(height, width, channels);
        scope.kernels().mirrorMean(scope.input(x, 2, height, width, channels), out);
        return Comparison.relative(
                scope.device().floats(out), Oracle.mirrorMean(x, height, width, channels), Comparison.FORWARD);
    }

    private static Comparison clusterSums(CheckScope scope, Draw draw) {
        int points = draw.size(3000);
        int channels = draw.size(130);
        int clusters = draw.size(40);
        draw.note("points [%d, %d], clusters %d", points, channels, clusters);
        float[] x = draw.normal(points * channels);
        int[] labels = draw.indices(points, clusters);
        float[] sums = draw.normal(clusters * channels);
        int[] counts = draw.indices(clusters, 1000);
        Tensor sumsTensor = scope.inOut(sums, clusters, channels);
        Tensor countsTensor = scope.inOut(counts, clusters);
        scope.kernels()
                .clusterSums(scope.input(x, points, channels), scope.input(labels, points), sumsTensor, countsTensor);
        Comparison counted = Comparison.labels(
                scope.device().ints(countsTensor), Oracle.clusterCounts(labels, counts), Comparison.EXACT);
        Comparison summed = Comparison.relative(
                scope.device().floats(sumsTensor), Oracle.clusterSums(x, labels, sums, channels), Comparison.FORWARD);
        return counted.passed() ? summed : counted.prefixed("counts: ");
    }
}
