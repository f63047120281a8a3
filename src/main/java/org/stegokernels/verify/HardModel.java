package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.FORWARD;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;

/** Values that layers, resizes and the lattice get wrong. */
final class HardModel {
    private HardModel() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("linear", HardModel::linear);
        checks.put("patchEmbed", HardModel::patchEmbed);
        checks.put("rope", HardModel::rope);
        checks.put("attention", HardModel::attention);
        checks.put("attentionWeights", HardModel::attentionWeights);
        checks.put("bicubic", HardModel::bicubic);
        checks.put("bilinear", HardModel::bilinear);
        checks.put("buildLattice", HardModel::buildLattice);
        checks.put("latticeFilter", HardModel::latticeFilter);
        checks.put("meanField", HardModel::meanField);
        return checks;
    }

    /** Sums far from 0 before each activation, with and without bias and residual, of one row and of an odd number of them. */
    private static Comparison linear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard linear", 0);
        List<Comparison> all = new ArrayList<>();
        int inputs = 37;
        int outputs = 45;
        for (int rows : new int[] {1, 2, 29}) {
            float[] x = draw.normal(rows * inputs, 0, 3);
            float[] weight = draw.normal(outputs * inputs);
            for (Activation activation : Activation.values()) {
                for (float[] bias : new float[][] {null, draw.normal(outputs, 0, 10)}) {
                    for (float[] added : new float[][] {null, draw.normal(rows * outputs, 0, 10)}) {
                        double[] expected = Oracle.linear(x, weight, bias, activation, added, inputs, outputs);
                        for (boolean inPlace : added == null ? new boolean[] {false} : new boolean[] {false, true}) {
                            float[] out = device.linear(x, weight, bias, activation, added, inputs, outputs, inPlace);
                            all.add(Comparison.relative(out, expected, FORWARD));
                        }
                    }
                }
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** Images that are higher than wide and wider than high, one patch, no prefix, several. */
    private static Comparison patchEmbed(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard patchEmbed", 0);
        List<Comparison> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 1, 0}, {2, 1, 5, 1}, {2, 5, 1, 4}, {3, 3, 4, 0}};
        for (int[] size : sizes) {
            int patch = 5;
            int outputs = 19;
            int inputs = 3 * patch * patch;
            int height = size[1] * patch;
            int width = size[2] * patch;
            float[] image = draw.normal(size[0] * 3 * height * width);
            float[] weight = draw.normal(outputs * inputs, 0, 1 / Math.sqrt(inputs));
            float[] bias = size[0] == 2 ? null : draw.normal(outputs);
            float[] prefix = draw.normal(size[3] * outputs);
            float[] positions = draw.normal(size[1] * size[2] * outputs);
            all.add(Comparison.relative(
                    device.patchEmbed(image, size[0], height, width, weight, bias, patch, prefix, positions, outputs),
                    Oracle.patchEmbed(
                            image, size[0], 3, height, width, weight, bias, patch, prefix, positions, outputs),
                    FORWARD));
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** Quarter turns, after which every element is one that was there, and turns of large values; heads of any width. */
    private static Comparison rope(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard rope", 0);
        List<Comparison> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 1, 1, 1}, {2, 5, 5, 3, 7}, {2, 9, 4, 2, 16}, {1, 6, 1, 1, 33}, {3, 4, 3, 5, 8}};
        for (int[] s : sizes) {
            float[] qkv = draw.normal(s[0] * s[1] * 3 * s[3] * 2 * s[4], 0, 1e4);
            float[] cos = new float[s[2] * s[4]];
            float[] sin = new float[s[2] * s[4]];
            for (int i = 0; i < cos.length; i++) {
                int quarters = draw.between(0, 3);
                cos[i] = quarters % 2 == 0 ? 1 - quarters : 0;
                sin[i] = quarters % 2 == 1 ? 2 - quarters : 0;
            }
            all.add(Comparison.each(
                    device.rope(qkv, s[0], s[1], s[3], cos, sin, s[2], s[4]),
                    Oracle.rope(qkv, s[0], s[1], s[3], cos, sin, s[2], s[4]),
                    EXACT,
                    1));
            float[] any = draw.normal(cos.length);
            float[] other = draw.normal(cos.length);
            all.add(Comparison.relative(
                    device.rope(qkv, s[0], s[1], s[3], any, other, s[2], s[4]),
                    Oracle.rope(qkv, s[0], s[1], s[3], any, other, s[2], s[4]),
                    FORWARD));
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** Queries, keys and values of one head, {@code [tokens, headDim]} each, as {@code [1, tokens, 3 headDim]}. */
    private static float[] qkv(float[] q, float[] k, float[] v, int headDim) {
        float[] all = new float[q.length + k.length + v.length];
        for (int i = 0; i < q.length; i++) {
            int to = i / headDim * 3 * headDim + i % headDim;
            all[to] = q[i];
            all[to + headDim] = k[i];
            all[to + 2 * headDim] = v[i];
        }
        return all;
    }

    /** Returns ones of either sign. */
    private static float[] signs(Draw draw, int count, float size) {
        float[] signs = new float[count];
        for (int i = 0; i < count; i++) {
            signs[i] = draw.coin() ? size : -size;
        }
        return signs;
    }

    private static float[] negated(float[] x) {
        float[] out = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = -x[i];
        }
        return out;
    }

    /** Scores that stand far apart, all far below 0, all the same, and growing from key to key. */
    private static float[][] scores(Draw draw, int tokens, int headDim) {
        float[] q = signs(draw, tokens * headDim, 14);
        float[] v = draw.normal(tokens * headDim);
        float[] same = OnDevice.filled(tokens * headDim, 14);
        float[] growing = new float[tokens * headDim];
        for (int token = 0; token < tokens; token++) {
            growing[token * headDim] = (float) (20.0 * token / tokens * Math.sqrt(headDim));
        }
        float[] first = new float[tokens * headDim];
        for (int token = 0; token < tokens; token++) {
            first[token * headDim] = 1;
        }
        return new float[][] {
            qkv(q, q, v, headDim),
            qkv(q, negated(q), v, headDim),
            qkv(same, negated(same), v, headDim),
            qkv(same, same, v, headDim),
            qkv(first, growing, v, headDim),
            qkv(first, negated(growing), v, headDim)
        };
    }

    private static Comparison attention(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard attention", 0);
        List<Comparison> all = new ArrayList<>();
        for (int[] size : new int[][] {{1, 16}, {2, 64}, {33, 64}, {263, 16}}) {
            for (float[] qkv : scores(draw, size[0], size[1])) {
                all.add(Comparison.relative(
                        device.attention(qkv, 1, size[0], 1, size[1]),
                        Oracle.attention(qkv, 1, size[0], 1, size[1]),
                        FORWARD));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    private static Comparison attentionWeights(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard attentionWeights", 0);
        List<Comparison> all = new ArrayList<>();
        for (int[] size : new int[][] {{1, 16}, {33, 64}, {70, 16}}) {
            for (float[] qkv : scores(draw, size[0], size[1])) {
                all.add(Comparison.relative(
                        device.attentionWeights(qkv, 1, size[0], 1, size[1], size[0]),
                        Oracle.attentionWeights(qkv, 1, size[0], 1, size[1], size[0]),
                        FORWARD));
            }
        }
        float[] many = draw.normal(2 * 19 * 3 * 3 * 8);
        all.add(Comparison.relative(
                device.attentionWeights(many, 2, 19, 3, 8, 4), Oracle.attentionWeights(many, 2, 19, 3, 8, 4), FORWARD));
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** An image of one value, which stays so to the last digits; one pixel; one line; scales far from the ratio of the sizes. */
    private static Comparison bicubic(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard bicubic", 0);
        List<Comparison> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 4, 5}, {1, 9, 3, 20}, {9, 1, 20, 3}, {14, 14, 17, 13}, {5, 6, 5, 6}};
        for (int[] s : sizes) {
            for (int channels : new int[] {1, 19}) {
                double scaleY = (s[2] + 0.1) / s[0];
                double scaleX = (s[3] + 0.1) / s[1] * (channels == 1 ? 1.5 : 1);
                float[] flat = OnDevice.filled(s[0] * s[1] * channels, 1e4f);
                float[] x = draw.normal(2 * s[0] * s[1] * channels);
                all.add(Comparison.each(
                        device.bicubic(flat, 1, s[0], s[1], channels, scaleY, scaleX, s[2], s[3]),
                        Oracle.bicubic(flat, 1, s[0], s[1], channels, scaleY, scaleX, s[2], s[3]),
                        FORWARD / 10,
                        1));
                all.add(Comparison.relative(
                        device.bicubic(x, 2, s[0], s[1], channels, scaleY, scaleX, s[2], s[3]),
                        Oracle.bicubic(x, 2, s[0], s[1], channels, scaleY, scaleX, s[2], s[3]),
                        FORWARD));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** One pixel, one line, an image of one value, the same size, and far fewer lines than there were. */
    private static Comparison bilinear(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard bilinear", 0);
        List<Comparison> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 4, 5}, {1, 9, 3, 20}, {9, 1, 20, 3}, {40, 31, 3, 2}, {5, 6, 5, 6}, {3, 4, 24, 32}};
        for (int[] s : sizes) {
            for (int channels : new int[] {1, 19}) {
                float[] flat = OnDevice.filled(s[0] * s[1] * channels, -1e4f);
                float[] x = draw.normal(2 * s[0] * s[1] * channels);
                all.add(Comparison.each(
                        device.bilinear(flat, 1, s[0], s[1], channels, s[2], s[3]),
                        Oracle.bilinear(flat, 1, s[0], s[1], channels, s[2], s[3]),
                        FORWARD / 10,
                        1));
                all.add(Comparison.relative(
                        device.bilinear(x, 2, s[0], s[1], channels, s[2], s[3]),
                        Oracle.bilinear(x, 2, s[0], s[1], channels, s[2], s[3]),
                        FORWARD));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /**
     * The vertices that the arithmetic of the catalogue finds, in binary32 and in its order, for pixels as an image has them, a
     * third of which lie on faces of simplices, and for positions that all do: another rounding chooses other corners there.
     */
    private static Comparison buildLattice(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard buildLattice", 0);
        List<Comparison> all = new ArrayList<>();
        for (int dims : new int[] {1, 2, 5}) {
            float[] positions = LatticePoints.pixels(draw, 37, 53, dims);
            all.add(Comparison.labels(
                    new int[] {device.lattice(positions, dims).vertices()},
                    new int[] {LatticeOracle.embeddedAsFloats(positions, dims).vertices()},
                    EXACT));
        }
        for (int dims = 1; dims <= 6; dims++) {
            for (int reach : new int[] {1, 4, 30}) {
                float[] positions = LatticePoints.onFaces(draw, 2500, dims, reach);
                all.add(Comparison.labels(
                        new int[] {device.lattice(positions, dims).vertices()},
                        new int[] {
                            LatticeOracle.embeddedAsFloats(positions, dims).vertices()
                        },
                        EXACT));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** All points in one simplex, points so far apart that none meets another, one point, and keys spread wide. */
    private static Comparison latticeFilter(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard latticeFilter", 0);
        List<Comparison> all = new ArrayList<>();
        for (int[] s : new int[][] {{1, 5, 0}, {300, 2, 0}, {300, 5, 0}, {300, 3, 400}, {300, 5, 60}}) {
            float[] positions = LatticePoints.inside(draw, s[0], s[1], s[2]);
            Lattice lattice = device.lattice(positions, s[1]);
            LatticeOracle oracle = new LatticeOracle(positions, s[1]);
            all.add(Comparison.labels(new int[] {lattice.vertices()}, new int[] {oracle.vertices()}, EXACT));
            for (int channels : new int[] {1, 3, 21}) {
                float[] x = draw.normal(s[0] * channels, 1, 2);
                all.add(Comparison.relative(
                        device.latticeFilter(lattice, x), oracle.filter(Comparison.widened(x), channels), FORWARD));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** Logits that overflow, three and four kernels, weights below 0 and of 0, one class, and no kernel at all. */
    private static Comparison meanField(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard meanField", 0);
        List<Comparison> all = new ArrayList<>();
        int points = 150;
        float[][] weights = {{}, {3}, {2, -1.5f}, {1, 0, 2.5f}, {0.5f, 1, 1.5f, 2}};
        for (float[] of : weights) {
            for (int channels : new int[] {1, 5, 19}) {
                List<Lattice> lattices = new ArrayList<>();
                List<LatticeOracle> oracles = new ArrayList<>();
                for (int k = 0; k < of.length; k++) {
                    float[] positions = LatticePoints.inside(draw, points, k + 1, 1);
                    lattices.add(device.lattice(positions, k + 1));
                    oracles.add(new LatticeOracle(positions, k + 1));
                }
                float[] logits = draw.normal(points * channels, 95, channels == 5 ? 8 : 2);
                all.add(Comparison.largest(
                        device.meanField(logits, channels, lattices, of, 3),
                        LatticeOracle.meanField(logits, channels, oracles, of, 3),
                        FORWARD));
            }
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }
}
