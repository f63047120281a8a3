package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.FORWARD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;

/**
 * NaN and the infinities as {@link org.stegokernels.device.Kernels} specifies them: what is made of NaN is NaN, what is not stays
 * as it is, and no device drops one in silence.
 */
final class NonFiniteChecks {
    private static final float NAN = Float.NaN;
    private static final float INFINITE = Float.POSITIVE_INFINITY;

    private NonFiniteChecks() {}

    static void run(Checks checks) {
        forward().forEach((operation, body) -> checks.checkTwice("nan/" + operation, body));
        training().forEach((operation, body) -> checks.checkTrainingTwice("nan/" + operation, body));
    }

    private static Map<String, Checks.Body> forward() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("linear", NonFiniteChecks::linear);
        checks.put("patchEmbed", NonFiniteChecks::patchEmbed);
        checks.put("rope", NonFiniteChecks::rope);
        checks.put("attention", NonFiniteChecks::attention);
        checks.put("attentionWeights", NonFiniteChecks::attentionWeights);
        checks.put("layerNorm", NonFiniteChecks::layerNorm);
        checks.put("gelu", NonFiniteChecks::gelu);
        checks.put("swiGlu", NonFiniteChecks::swiGlu);
        checks.put("normalize", NonFiniteChecks::normalize);
        checks.put("softmax", NonFiniteChecks::softmax);
        checks.put("logSoftmax", NonFiniteChecks::logSoftmax);
        checks.put("argmax", NonFiniteChecks::argmax);
        checks.put("slice", NonFiniteChecks::slice);
        checks.put("mirrorMean", NonFiniteChecks::mirrorMean);
        checks.put("bilinear", NonFiniteChecks::bilinear);
        checks.put("bicubic", NonFiniteChecks::bicubic);
        checks.put("clusterSums", NonFiniteChecks::clusterSums);
        checks.put("latticeFilter", NonFiniteChecks::latticeFilter);
        checks.put("meanField", NonFiniteChecks::meanField);
        return checks;
    }

    private static Map<String, Checks.Body> training() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("linearGradient", NonFiniteChecks::linearGradient);
        checks.put("gridSample", NonFiniteChecks::gridSample);
        checks.put("topK", NonFiniteChecks::topK);
        checks.putAll(NonFiniteTraining.checks());
        return checks;
    }

    private static Comparison each(float[] actual, double[] expected) {
        return Comparison.each(actual, expected, FORWARD, 1);
    }

    /** NaN in one row of x, in the residual, in a weight and in the bias, before each activation. */
    private static Comparison linear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "nan linear", 0);
        List<Comparison> all = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            for (int where = 0; where < 4; where++) {
                float[] x = draw.normal(11 * 21);
                float[] weight = draw.normal(35 * 21, 0, 0.2);
                float[] bias = draw.normal(35);
                float[] added = draw.normal(11 * 35);
                float[] hit = new float[][] {x, weight, bias, added}[where];
                hit[hit.length / 2] = NAN;
                all.add(each(
                        device.linear(x, weight, bias, activation, added, 21, 35, false),
                        Oracle.linear(x, weight, bias, activation, added, 21, 35)));
            }
        }
        return HardTraining.worst(all);
    }

    /** A pixel makes its patch NaN, and no other. */
    private static Comparison patchEmbed(CheckScope scope) {
        Draw draw = new Draw(0, "nan patchEmbed", 0);
        float[] image = draw.normal(2 * 3 * 12 * 16);
        image[400] = NAN;
        float[] weight = draw.normal(19 * 48, 0, 0.1);
        float[] bias = draw.normal(19);
        float[] prefix = draw.normal(19);
        float[] positions = draw.normal(12 * 19);
        return each(
                new OnDevice(scope).patchEmbed(image, 2, 12, 16, weight, bias, 4, prefix, positions, 19),
                Oracle.patchEmbed(image, 2, 3, 12, 16, weight, bias, 4, prefix, positions, 19));
    }

    /** An element makes itself and its partner NaN, if its token turns; a value, and a token that does not, itself alone. */
    private static Comparison rope(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "nan rope", 0);
        float[] cos = draw.normal(4 * 9);
        float[] sin = draw.normal(4 * 9);
        List<Comparison> all = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            float[] qkv = draw.normal(2 * 6 * 3 * 36);
            qkv[(3 * 3 + part) * 36 + 18 + 4] = NAN;
            qkv[(7 * 3 + part) * 36 + 11] = NAN;
            all.add(each(device.rope(qkv, 2, 6, 2, cos, sin, 4, 9), Oracle.rope(qkv, 2, 6, 2, cos, sin, 4, 9)));
        }
        return HardTraining.worst(all);
    }

    /** A query makes its row NaN, a key its whole head, a value its channel; other heads and images stay. */
    private static Comparison attention(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return eachPart(
                (qkv, tokens) -> device.attention(qkv, 2, tokens, 2, 16),
                (qkv, tokens) -> Oracle.attention(qkv, 2, tokens, 2, 16));
    }

    private static Comparison attentionWeights(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return eachPart(
                (qkv, tokens) -> device.attentionWeights(qkv, 2, tokens, 2, 16, tokens),
                (qkv, tokens) -> Oracle.attentionWeights(qkv, 2, tokens, 2, 16, tokens));
    }

    /** Compares with one element NaN of the queries, of the keys and of the values. */
    private static Comparison eachPart(RowsOf device, RowsOfOracle oracle) {
        Draw draw = new Draw(0, "nan attention", 0);
        List<Comparison> all = new ArrayList<>();
        for (int tokens : new int[] {5, 141}) {
            for (int part = 0; part < 3; part++) {
                float[] qkv = draw.normal(2 * tokens * 3 * 2 * 16);
                qkv[((tokens - 2) * 3 + part) * 32 + 7] = NAN;
                all.add(each(device.apply(qkv, tokens), oracle.apply(qkv, tokens)));
            }
        }
        return HardTraining.worst(all);
    }

    /** Compares rows of several widths with one element each that is NaN or infinite. */
    private static Comparison rows(float[] elements, RowsOf device, RowsOfOracle oracle) {
        Draw draw = new Draw(0, "nan rows", 0);
        List<Comparison> all = new ArrayList<>();
        for (int width : new int[] {2, 3, 17, 37}) {
            for (float element : elements) {
                float[] x = withRows(draw, width, element);
                all.add(each(device.apply(x, width), oracle.apply(x, width)));
            }
        }
        return HardTraining.worst(all);
    }

    /** Computes something of rows, or of another array that one number says the shape of. */
    @FunctionalInterface
    private interface RowsOf {
        float[] apply(float[] x, int width);
    }

    /** Computes what is expected of {@link RowsOf}. */
    @FunctionalInterface
    private interface RowsOfOracle {
        double[] apply(float[] x, int width);
    }

    private static Comparison layerNorm(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] gamma = new Draw(0, "nan layerNorm", 0).normal(37);
        return rows(
                new float[] {NAN, INFINITE},
                (x, width) ->
                        device.layerNorm(x, Arrays.copyOf(gamma, width), Arrays.copyOf(gamma, width), 1e-6f, false),
                (x, width) -> Oracle.layerNorm(x, Arrays.copyOf(gamma, width), Arrays.copyOf(gamma, width), 1e-6f));
    }

    private static Comparison gelu(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN, INFINITE}, (x, width) -> device.gelu(x, width == 3), (x, width) -> Oracle.gelu(x));
    }

    private static Comparison swiGlu(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN},
                (x, width) -> device.swiGlu(x, x.length / 2 / width),
                (x, width) -> Oracle.swiGlu(x, x.length / 2 / width));
    }

    private static Comparison normalize(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] small = {0, NAN, 0.2f};
        return Comparison.worstOf(
                rows(
                        new float[] {NAN, INFINITE},
                        (x, width) -> device.normalize(x, width, 1e-12f, width == 3),
                        (x, width) -> Oracle.normalize(x, width, 1e-12f)),
                each(device.normalize(small, 3, 1e-12f, false), new double[] {NAN, NAN, NAN}));
    }

    private static Comparison softmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN, INFINITE, -INFINITE},
                (x, width) -> device.softmax(x, width, 1, width == 3),
                (x, width) -> Oracle.softmax(x, width, 1));
    }

    private static Comparison logSoftmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN, INFINITE, -INFINITE},
                (x, width) -> device.logSoftmax(x, width, 1, width == 3),
                (x, width) -> Oracle.logSoftmax(x, width, 1));
    }

    /** An element that is cut out stays what it is; one that is not gets nowhere. */
    private static Comparison slice(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN, INFINITE},
                (x, width) -> device.slice(x, 1, x.length / width, width, 1, 1, x.length / width - 1, width - 1),
                (x, width) -> Oracle.slice(x, 1, x.length / width, width, 1, 1, x.length / width - 1, width - 1));
    }

    private static Comparison mirrorMean(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return rows(
                new float[] {NAN, INFINITE},
                (x, width) -> device.mirrorMean(x, x.length / width / 2, 1, width),
                (x, width) -> Oracle.mirrorMean(x, x.length / width / 2, 1, width));
    }

    /** Returns an even number of normal rows, a value at one place of each second row. */
    private static float[] withRows(Draw draw, int width, float value) {
        int rows = 2 * ((width + 1) / 2);
        float[] x = draw.normal(rows * width);
        for (int row = 0; row < rows; row += 2) {
            x[row * width + row % width] = value;
        }
        return x;
    }

    /** NaN is passed over, at each place; a row of nothing else gives 0. */
    private static Comparison argmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        List<Comparison> all = new ArrayList<>();
        for (int width : new int[] {1, 2, 9, 17, 70}) {
            float[] x = new float[(width + 1) * width];
            int[] expected = new int[width + 1];
            for (int row = 0; row <= width; row++) {
                for (int c = 0; c < width; c++) {
                    x[row * width + c] = c == row ? -1 : NAN;
                }
                expected[row] = row % width * (row < width ? 1 : 0);
            }
            all.add(Comparison.labels(device.argmax(x, width), expected, EXACT));
        }
        return HardTraining.worst(all);
    }

    /** An output that takes more than a trace of a pixel is NaN if that is; one that does not reach it stays. */
    private static Comparison bilinear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return resize(
                (x, channels) -> device.bilinear(x, 1, 9, 8, channels, 20, 23),
                (x, channels) -> Oracle.bilinear(x, 1, 9, 8, channels, 20, 23));
    }

    private static Comparison bicubic(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        return resize(
                (x, channels) -> device.bicubic(x, 1, 9, 8, channels, 20.1 / 9, 23.1 / 8, 20, 23),
                (x, channels) -> Oracle.bicubic(x, 1, 9, 8, channels, 20.1 / 9, 23.1 / 8, 20, 23));
    }

    private static Comparison resize(RowsOf device, RowsOfOracle oracle) {
        Draw draw = new Draw(0, "nan resize", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 17}) {
            float[] x = draw.normal(9 * 8 * channels);
            all.add(spread(
                    x, (4 * 8 + 3) * channels, in -> device.apply(in, channels), in -> oracle.apply(in, channels)));
        }
        return HardTraining.worst(all);
    }

    /** Compares a linear operation with one element NaN; where that has hardly any weight, either result is right. */
    private static Comparison spread(
            float[] x, int hit, Function<float[], float[]> device, Function<float[], double[]> oracle) {
        float[] one = new float[x.length];
        one[hit] = 1;
        double[] weights = oracle.apply(one);
        float[] without = x.clone();
        without[hit] = 0;
        double[] expected = oracle.apply(without);
        float[] nan = x.clone();
        nan[hit] = NAN;
        float[] actual = device.apply(nan);
        for (int i = 0; i < expected.length; i++) {
            if (Math.abs(weights[i]) > 1e-3) {
                expected[i] = NAN;
            } else if (Float.isNaN(actual[i]) && reaches(weights, i)) {
                expected[i] = NAN;
            }
        }
        return each(actual, expected);
    }

    /** Returns whether an element beside i has weight: i may be an output that reads the element with a weight of 0. */
    private static boolean reaches(double[] weights, int i) {
        for (int at = Math.max(0, i - 500); at < Math.min(weights.length, i + 500); at++) {
            if (weights[at] != 0) {
                return true;
            }
        }
        return false;
    }

    /** A point makes its cluster's channel NaN, and nothing else. */
    private static Comparison clusterSums(CheckScope scope) {
        Draw draw = new Draw(0, "nan clusterSums", 0);
        float[] x = draw.normal(90 * 19);
        x[20 * 19 + 3] = NAN;
        int[] labels = draw.indices(90, 5);
        float[] sums = draw.normal(5 * 19);
        OnDevice.Clusters found = new OnDevice(scope).clusterSums(x, labels, sums, new int[5], 19);
        return each(found.sums(), Oracle.clusterSums(x, labels, sums, 19));
    }

    /** A point's value spreads to no other channel and to no point far away. */
    private static Comparison latticeFilter(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "nan lattice", 0);
        float[] positions = LatticePoints.inside(draw, 60, 2, 1);
        for (int p = 30; p < 60; p++) {
            positions[2 * p] += 40;
        }
        Lattice lattice = device.lattice(positions, 2);
        float[] x = draw.normal(60 * 3);
        double[] expected = new LatticeOracle(positions, 2).filter(Comparison.widened(x), 3);
        x[1] = NAN;
        float[] actual = device.latticeFilter(lattice, x);
        for (int p = 0; p < 30; p++) {
            boolean may = p == 0 || Float.isNaN(actual[3 * p + 1]);
            expected[3 * p + 1] = may ? NAN : expected[3 * p + 1];
        }
        return each(actual, expected);
    }

    /** Without iterations, a logit makes its own row NaN and no other. */
    private static Comparison meanField(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "nan meanField", 0);
        Lattice lattice = device.lattice(LatticePoints.inside(draw, 60, 2, 1), 2);
        float[] x = draw.normal(60 * 3);
        x[1] = NAN;
        return each(device.meanField(x, 3, List.of(lattice), new float[] {1}, 0), Oracle.softmax(x, 3, 1));
    }

    /** A gradient makes its row, its weights and its bias NaN, and nothing else. */
    private static Comparison linearGradient(CheckScope scope) {
        Draw draw = new Draw(0, "nan linearGradient", 0);
        float[] x = draw.normal(40 * 19);
        float[] weight = draw.normal(21 * 19);
        float[] g = draw.normal(40 * 21);
        g[13 * 21 + 20] = NAN;
        TrainingOnDevice.LinearGradients found =
                new TrainingOnDevice(scope).linearGradient(x, weight, g, 19, 21, true, true, true);
        return Comparison.worstOf(
                each(found.x(), TrainingOracle.product(g, weight, 40, 21, 19)),
                each(found.weight(), TrainingOracle.transposedProduct(g, x, 40, 21, 19)),
                each(found.bias(), TrainingOracle.transposedProduct(OnDevice.filled(40, 1), g, 40, 1, 21)));
    }

    /** A coordinate that is not a number is the first column or row, as PyTorch has it; one that is infinite is the border. */
    private static Comparison gridSample(CheckScope scope) {
        Draw draw = new Draw(0, "nan gridSample", 0);
        float[] x = draw.normal(5 * 6 * 17);
        float[] coords = {NAN, 0.3f, 0.2f, NAN, NAN, NAN, INFINITE, -INFINITE, 0.1f, 0.2f};
        float[] meant = {-1, 0.3f, 0.2f, -1, -1, -1, 1, -1, 0.1f, 0.2f};
        int[] chosen = {0};
        return each(
                new TrainingOnDevice(scope).gridSample(x, 5, 6, 17, chosen, coords),
                TrainingOracle.gridSample(Comparison.widened(x), 5, 6, 17, chosen, meant));
    }

    /** Keys that are NaN are never found; where too few are left, the index is -1. */
    private static Comparison topK(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        List<Comparison> all = new ArrayList<>();
        for (int keys : new int[] {5, 70}) {
            float[] x = new float[keys * 2];
            for (int i = 0; i < keys; i++) {
                x[2 * i] = i % 3 == 1 ? NAN : -i;
                x[2 * i + 1] = 1;
            }
            int left = keys - (keys + 1) / 3;
            int[] expected = new int[keys];
            for (int i = 0, key = 0; i < keys; i++, key++) {
                key += key % 3 == 1 ? 1 : 0;
                expected[i] = i < left ? key : -1;
            }
            all.add(Comparison.labels(
                    device.topK(new float[] {1, 0.5f}, x, 2, keys).indices(), expected, EXACT));
        }
        return HardTraining.worst(all);
    }
}
