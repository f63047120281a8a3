package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.FORWARD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;

/**
 * Each operation of {@link org.stegokernels.device.Kernels} once at a size of real use: past each chunk, pack, wave and table that
 * a device may cut its work by.
 */
final class LargeModel {
    private LargeModel() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("linear", LargeModel::linear);
        checks.put("patchEmbed", LargeModel::patchEmbed);
        checks.put("rope", LargeModel::rope);
        checks.put("attention", LargeModel::attention);
        checks.put("attentionWeights", LargeModel::attentionWeights);
        checks.put("layerNorm", LargeModel::layerNorm);
        checks.put("gelu", LargeModel::gelu);
        checks.put("swiGlu", LargeModel::swiGlu);
        checks.put("normalize", LargeModel::normalize);
        checks.put("softmax", LargeModel::softmax);
        checks.put("logSoftmax", LargeModel::logSoftmax);
        checks.put("argmax", LargeModel::argmax);
        checks.put("slice", LargeModel::slice);
        checks.put("mirrorMean", LargeModel::mirrorMean);
        checks.put("clusterSums", LargeModel::clusterSums);
        checks.put("bicubic", LargeModel::bicubic);
        checks.put("bilinear", LargeModel::bilinear);
        checks.put("latticeFilter", LargeModel::latticeFilter);
        checks.put("meanField", LargeModel::meanField);
        return checks;
    }

    /** Returns some rows of an array, those at the ends among them: an oracle's time is not spent on all. */
    static float[] some(float[] x, int channels) {
        int rows = x.length / channels;
        int kept = Math.min(rows, 40);
        float[] out = new float[kept * channels];
        for (int i = 0; i < kept; i++) {
            System.arraycopy(x, row(i, kept, rows) * channels, out, i * channels, channels);
        }
        return out;
    }

    private static int row(int i, int kept, int rows) {
        return kept == 1 ? 0 : (int) ((long) i * (rows - 1) / (kept - 1));
    }

    /** More rows than a wave has tasks, and more inputs and outputs than any model has. */
    private static Comparison linear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large linear", 0);
        Comparison[] all = new Comparison[2];
        int[][] sizes = {{1571, 385, 1549}, {67, 5123, 1100}};
        for (int i = 0; i < sizes.length; i++) {
            int inputs = sizes[i][1];
            int outputs = sizes[i][2];
            float[] x = draw.normal(sizes[i][0] * inputs);
            float[] weight = draw.normal(outputs * inputs, 0, 1 / Math.sqrt(inputs));
            float[] bias = draw.normal(outputs);
            float[] added = draw.normal(sizes[i][0] * outputs);
            float[] out = device.linear(x, weight, bias, Activation.GELU, added, inputs, outputs, i == 0);
            all[i] = Comparison.relative(
                    some(out, outputs),
                    Oracle.linear(
                            some(x, inputs), weight, bias, Activation.GELU, some(added, outputs), inputs, outputs),
                    FORWARD);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison patchEmbed(CheckScope scope) {
        Draw draw = new Draw(0, "large patchEmbed", 0);
        int outputs = 1031;
        float[] image = draw.normal(2 * 3 * 160 * 152);
        float[] weight = draw.normal(outputs * 192, 0, 0.07);
        float[] bias = draw.normal(outputs);
        float[] prefix = draw.normal(5 * outputs);
        float[] positions = draw.normal(20 * 19 * outputs);
        return Comparison.relative(
                new OnDevice(scope).patchEmbed(image, 2, 160, 152, weight, bias, 8, prefix, positions, outputs),
                Oracle.patchEmbed(image, 2, 3, 160, 152, weight, bias, 8, prefix, positions, outputs),
                FORWARD);
    }

    /** The tokens of an image of 320 by 320, and the heads of a model wider than ViT-g. */
    private static Comparison attention(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large attention", 0);
        float[] tokens = draw.normal(2 * 1601 * 3 * 24);
        float[] heads = draw.normal(2 * 70 * 3 * 27 * 64);
        float[] deep = draw.normal(70 * 3 * 259);
        return Comparison.worstOf(
                Comparison.relative(
                        device.attention(tokens, 2, 1601, 1, 24), Oracle.attention(tokens, 2, 1601, 1, 24), FORWARD),
                Comparison.relative(
                        device.attention(heads, 2, 70, 27, 64), Oracle.attention(heads, 2, 70, 27, 64), FORWARD),
                Comparison.relative(
                        device.attention(deep, 1, 70, 1, 259), Oracle.attention(deep, 1, 70, 1, 259), FORWARD));
    }

    /** The queries and keys of a ViT-B, and heads wider than any. */
    private static Comparison rope(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large rope", 0);
        int[][] sizes = {{1, 1605, 1600, 13, 32}, {2, 9, 7, 2, 1031}};
        Comparison[] all = new Comparison[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int[] s = sizes[i];
            float[] qkv = draw.normal(s[0] * s[1] * 3 * s[3] * 2 * s[4]);
            float[] cos = draw.normal(s[2] * s[4]);
            float[] sin = draw.normal(s[2] * s[4]);
            all[i] = Comparison.relative(
                    device.rope(qkv, s[0], s[1], s[3], cos, sin, s[2], s[4]),
                    Oracle.rope(qkv, s[0], s[1], s[3], cos, sin, s[2], s[4]),
                    FORWARD);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison attentionWeights(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] qkv = new Draw(0, "large attentionWeights", 0).normal(2 * 1601 * 3 * 13 * 8);
        return Comparison.relative(
                device.attentionWeights(qkv, 2, 1601, 13, 8, 3),
                Oracle.attentionWeights(qkv, 2, 1601, 13, 8, 3),
                FORWARD);
    }

    /** A test of rows, at a width past every table and at a number of rows past every wave. */
    private static Comparison rows(String operation, CheckScope scope, Rows rows) {
        Draw draw = new Draw(0, operation, 0);
        return Comparison.worstOf(
                rows.compare(new OnDevice(scope), draw.normal(3 * 5001, 0.5, 2), 5001, draw),
                rows.compare(new OnDevice(scope), draw.normal(20_011 * 19, 0.5, 2), 19, draw));
    }

    /** Compares an operation on rows of {@code channels}. */
    @FunctionalInterface
    private interface Rows {
        Comparison compare(OnDevice device, float[] x, int channels, Draw draw);
    }

    private static Comparison layerNorm(CheckScope scope) {
        return rows("large layerNorm", scope, (device, x, channels, draw) -> {
            float[] gamma = draw.normal(channels);
            float[] beta = draw.normal(channels);
            return Comparison.relative(
                    device.layerNorm(x, gamma, beta, 1e-6f, false), Oracle.layerNorm(x, gamma, beta, 1e-6f), FORWARD);
        });
    }

    private static Comparison gelu(CheckScope scope) {
        return rows(
                "large gelu",
                scope,
                (device, x, channels, draw) -> Comparison.relative(device.gelu(x, true), Oracle.gelu(x), FORWARD));
    }

    private static Comparison swiGlu(CheckScope scope) {
        return rows("large swiGlu", scope, (device, x, channels, draw) -> {
            float[] even = Arrays.copyOf(x, x.length / (2 * channels) * 2 * channels);
            return Comparison.relative(device.swiGlu(even, channels), Oracle.swiGlu(even, channels), FORWARD);
        });
    }

    private static Comparison normalize(CheckScope scope) {
        return rows(
                "large normalize",
                scope,
                (device, x, channels, draw) -> Comparison.relative(
                        device.normalize(x, channels, 1e-12f, true), Oracle.normalize(x, channels, 1e-12f), FORWARD));
    }

    private static Comparison softmax(CheckScope scope) {
        return rows(
                "large softmax",
                scope,
                (device, x, channels, draw) -> Comparison.relative(
                        device.softmax(x, channels, 1.5f, false), Oracle.softmax(x, channels, 1.5f), FORWARD));
    }

    private static Comparison logSoftmax(CheckScope scope) {
        return rows(
                "large logSoftmax",
                scope,
                (device, x, channels, draw) -> Comparison.relative(
                        device.logSoftmax(x, channels, 1.5f, false), Oracle.logSoftmax(x, channels, 1.5f), FORWARD));
    }

    private static Comparison argmax(CheckScope scope) {
        return rows(
                "large argmax",
                scope,
                (device, x, channels, draw) ->
                        Comparison.labels(device.argmax(x, channels), Oracle.argmax(x, channels), EXACT));
    }

    private static Comparison slice(CheckScope scope) {
        float[] x = new Draw(0, "large slice", 0).normal(2 * 785 * 1153);
        return Comparison.relative(
                new OnDevice(scope).slice(x, 2, 785, 1153, 1, 65, 784, 1067),
                Oracle.slice(x, 2, 785, 1153, 1, 65, 784, 1067),
                EXACT);
    }

    private static Comparison mirrorMean(CheckScope scope) {
        float[] x = new Draw(0, "large mirrorMean", 0).normal(2 * 41 * 37 * 387);
        return Comparison.relative(
                new OnDevice(scope).mirrorMean(x, 41, 37, 387), Oracle.mirrorMean(x, 41, 37, 387), FORWARD);
    }

    /** More points than the chunks of a wave hold, more clusters and channels than any table. */
    private static Comparison clusterSums(CheckScope scope) {
        Draw draw = new Draw(0, "large clusterSums", 0);
        return Comparison.worstOf(
                clusterSums(scope, draw, 263_001, 3, 29),
                clusterSums(scope, draw, 2100, 1030, 7),
                clusterSums(scope, draw, 33_001, 131, 1031));
    }

    private static Comparison clusterSums(CheckScope scope, Draw draw, int points, int channels, int clusters) {
        float[] x = draw.normal(points * channels);
        int[] labels = draw.indices(points, clusters);
        float[] sums = draw.normal(clusters * channels);
        int[] counts = draw.indices(clusters, 100);
        OnDevice.Clusters found = new OnDevice(scope).clusterSums(x, labels, sums, counts, channels);
        return Comparison.worstOf(
                Comparison.labels(found.counts(), Oracle.clusterCounts(labels, counts), EXACT),
                Comparison.relative(found.sums(), Oracle.clusterSums(x, labels, sums, channels), FORWARD));
    }

    /** The positions of a ViT-B, and lines of tens of thousands of pixels, where products of sizes are no ints. */
    private static Comparison bicubic(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large bicubic", 0);
        float[] positions = draw.normal(28 * 28 * 387);
        float[] line = draw.normal(40_000);
        double scale = 40.1 / 28;
        return Comparison.worstOf(
                Comparison.relative(
                        device.bicubic(positions, 1, 28, 28, 387, scale, scale, 40, 41),
                        Oracle.bicubic(positions, 1, 28, 28, 387, scale, scale, 40, 41),
                        FORWARD),
                Comparison.relative(
                        device.bicubic(line, 1, 1, 40_000, 1, 1, 1.25, 1, 50_000),
                        Oracle.bicubic(line, 1, 1, 40_000, 1, 1, 1.25, 1, 50_000),
                        FORWARD));
    }

    /** The code of an image of 320 by 320 at full size, and long lines. */
    private static Comparison bilinear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large bilinear", 0);
        float[] code = draw.normal(40 * 40 * 27);
        float[] wide = draw.normal(3 * 5 * 1030);
        float[] line = draw.normal(40_000);
        return Comparison.worstOf(
                Comparison.relative(
                        device.bilinear(code, 1, 40, 40, 27, 320, 320),
                        Oracle.bilinear(code, 1, 40, 40, 27, 320, 320),
                        FORWARD),
                Comparison.relative(
                        device.bilinear(wide, 1, 3, 5, 1030, 7, 9),
                        Oracle.bilinear(wide, 1, 3, 5, 1030, 7, 9),
                        FORWARD),
                Comparison.relative(
                        device.bilinear(line, 1, 1, 40_000, 1, 1, 50_001),
                        Oracle.bilinear(line, 1, 1, 40_000, 1, 1, 50_001),
                        FORWARD),
                Comparison.relative(
                        device.bilinear(line, 1, 40_000, 1, 1, 50_001, 1),
                        Oracle.bilinear(line, 1, 40_000, 1, 1, 50_001, 1),
                        FORWARD));
    }

    /**
     * Tens of thousands of vertices far apart, whose keys collide if only a part of them is compared; many channels; all points on
     * three vertices, whose sums must have an order; and the pixels of a photograph, thousands of whose vertices hang together.
     */
    private static Comparison latticeFilter(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large latticeFilter", 0);
        int[][] sizes = {{9001, 5, 40, 3}, {9001, 5, 2, 5}, {20_001, 2, 100, 3}, {1030, 3, 2, 131}, {50_001, 2, 0, 3}};
        List<Comparison> all = new ArrayList<>();
        for (int[] s : sizes) {
            float[] positions = LatticePoints.inside(draw, s[0], s[1], s[2]);
            filter(device, draw, positions, new LatticeOracle(positions, s[1]), s[1], s[3], all);
        }
        for (int dims : new int[] {2, 5}) {
            float[] positions = LatticePoints.photograph(draw, 97, 113, dims);
            filter(device, draw, positions, LatticeOracle.embeddedAsFloats(positions, dims), dims, 4, all);
        }
        return HardTraining.worst(all);
    }

    private static void filter(
            OnDevice device,
            Draw draw,
            float[] positions,
            LatticeOracle oracle,
            int dims,
            int channels,
            List<Comparison> all) {
        Lattice lattice = device.lattice(positions, dims);
        float[] x = draw.normal(positions.length / dims * channels);
        all.add(Comparison.labels(new int[] {lattice.vertices()}, new int[] {oracle.vertices()}, EXACT));
        all.add(Comparison.relative(
                device.latticeFilter(lattice, x), oracle.filter(Comparison.widened(x), channels), FORWARD));
    }

    /** An image's two kernels over more points than a wave has, and more classes than any table. */
    private static Comparison meanField(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "large meanField", 0);
        int[][] sizes = {{5003, 27}, {301, 151}};
        Comparison[] all = new Comparison[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int points = sizes[i][0];
            int classes = sizes[i][1];
            float[] near = LatticePoints.inside(draw, points, 2);
            float[] alike = LatticePoints.inside(draw, points, 5);
            float[] logits = draw.normal(points * classes, 0, 2);
            float[] weights = {3, 4};
            all[i] = Comparison.largest(
                    device.meanField(
                            logits, classes, List.of(device.lattice(near, 2), device.lattice(alike, 5)), weights, 2),
                    LatticeOracle.meanField(
                            logits,
                            classes,
                            List.of(new LatticeOracle(near, 2), new LatticeOracle(alike, 5)),
                            weights,
                            2),
                    FORWARD);
        }
        return Comparison.worstOf(all);
    }
}
