package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.FORWARD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Values that row operations get wrong: large ones before an exponential, a maximum at each place of a row, lengths and variances
 * around epsilon, ties, tails.
 */
final class HardRows {
    /** Around the widths of vectors and of groups, so that each place of a row is once in a vector and once after the last. */
    private static final int[] WIDTHS = {1, 2, 3, 7, 9, 17, 37, 70, 131};

    /** A polynomial in floats is as good as this where the result is 1e-30, which no network notices; {@code 1 + erf} is not. */
    private static final double GELU_TAIL = 2e-3;

    private HardRows() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("layerNorm", HardRows::layerNorm);
        checks.put("gelu", HardRows::gelu);
        checks.put("swiGlu", HardRows::swiGlu);
        checks.put("normalize", HardRows::normalize);
        checks.put("softmax", HardRows::softmax);
        checks.put("logSoftmax", HardRows::logSoftmax);
        checks.put("argmax", HardRows::argmax);
        checks.put("slice", HardRows::slice);
        checks.put("mirrorMean", HardRows::mirrorMean);
        checks.put("clusterSums", HardRows::clusterSums);
        return checks;
    }

    /** Compares at each of the widths. */
    private static Comparison atEachWidth(IntFunction<Comparison> comparison) {
        return Comparison.worstOf(Arrays.stream(WIDTHS)
                .mapToObj(width -> comparison.apply(width).prefixed("width " + width + ": "))
                .toArray(Comparison[]::new));
    }

    /** Returns as many rows as there are places, the one with {@code value} at each place once, {@code others} elsewhere. */
    private static float[] atEachPlace(int width, float value, float others) {
        float[] x = OnDevice.filled(width * width, others);
        for (int i = 0; i < width; i++) {
            x[i * width + i] = value;
        }
        return x;
    }

    private static float[] joined(float[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        float[] all = new float[length];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** Returns rows of logits that overflow unless the largest is subtracted, and some that differ little far from 0. */
    private static float[] logits(Draw draw, int width) {
        return joined(
                atEachPlace(width, 100, -100),
                atEachPlace(width, -100, 100),
                atEachPlace(width, 0, -1e4f),
                draw.normal(2 * width, 1e4, 2),
                draw.normal(2 * width, -1e4, 2),
                OnDevice.filled(width, 88.5f),
                OnDevice.filled(width, -3e4f));
    }

    private static Comparison softmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard softmax", 0);
        return atEachWidth(width -> {
            float[] x = logits(draw, width);
            List<Comparison> all = new ArrayList<>();
            for (float scale : new float[] {1, -1, -2, 0.5f, 0}) {
                all.add(Comparison.relative(
                        device.softmax(x, width, scale, false), Oracle.softmax(x, width, scale), FORWARD));
            }
            float[] spread = draw.normal(20 * width, 0, 4);
            all.add(Comparison.each(
                    device.softmax(spread, width, -0.7f, true), Oracle.softmax(spread, width, -0.7f), FORWARD, 1e-12));
            return Comparison.worstOf(all.toArray(Comparison[]::new));
        });
    }

    private static Comparison logSoftmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard logSoftmax", 0);
        return atEachWidth(width -> {
            float[] x = logits(draw, width);
            List<Comparison> all = new ArrayList<>();
            for (float scale : new float[] {1, -1, -2, 0.5f, 0}) {
                all.add(Comparison.relative(
                        device.logSoftmax(x, width, scale, false), Oracle.logSoftmax(x, width, scale), FORWARD));
            }
            return Comparison.worstOf(all.toArray(Comparison[]::new));
        });
    }

    /** Rows far from 0, a variance about epsilon and far below it, and constant rows, of which beta remains. */
    private static Comparison layerNorm(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard layerNorm", 0);
        return atEachWidth(width -> {
            float[] gamma = draw.normal(width);
            float[] beta = draw.normal(width);
            float[] about = draw.normal(6 * width, 0, 1e-3);
            float[] far = joined(draw.normal(3 * width, 1e4, 1), draw.normal(3 * width, -1e4, 1));
            float[] flat = joined(OnDevice.filled(width, 0), OnDevice.filled(width, 3), draw.normal(width, 0, 1e-9));
            float[] wide = draw.normal(2 * width, 0, 1e9);
            float[] narrow =
                    joined(draw.normal(width, 0, 2e-5), draw.normal(width, 5, 3e-5), draw.normal(width, 0, 1e-4));
            return Comparison.worstOf(
                    Comparison.relative(
                            device.layerNorm(about, gamma, beta, 1e-6f, false),
                            Oracle.layerNorm(about, gamma, beta, 1e-6f),
                            FORWARD),
                    Comparison.relative(
                            device.layerNorm(about, gamma, beta, 1e-2f, true),
                            Oracle.layerNorm(about, gamma, beta, 1e-2f),
                            FORWARD),
                    Comparison.relative(
                            device.layerNorm(far, gamma, beta, 1e-6f, false),
                            Oracle.layerNorm(far, gamma, beta, 1e-6f),
                            FORWARD),
                    Comparison.relative(
                            device.layerNorm(flat, gamma, beta, 1e-6f, true),
                            Oracle.layerNorm(flat, gamma, beta, 1e-6f),
                            FORWARD),
                    Comparison.each(
                            device.layerNorm(narrow, gamma, new float[width], 1e-6f, false),
                            Oracle.layerNorm(narrow, gamma, new float[width], 1e-6f),
                            FORWARD,
                            1e-2),
                    Comparison.relative(
                            device.layerNorm(wide, gamma, beta, 1e-6f, false),
                            Oracle.layerNorm(wide, gamma, beta, 1e-6f),
                            FORWARD));
        });
    }

    /**
     * Values about 0 within 3e-7; the tail, where {@code 1 + erf} cancels, within 2e-3 of itself down to 1e-35, and 0 in the end;
     * values whose exponential overflows.
     */
    private static Comparison gelu(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] about = new float[2400];
        for (int i = 0; i < about.length; i++) {
            about[i] = -12 + i * 0.01f;
        }
        float[] tail = Arrays.copyOf(about, 901);
        float[] extreme = {60, -60, 1e4f, -1e4f, 1e30f, -1e30f, 0, 1e-20f, -1e-20f, 1e-6f, 13.5f, -13.5f};
        // A few at a time, too: what no whole vector covers goes another way.
        float[] inPieces = new float[about.length];
        for (int i = 0; i < about.length; i += 7) {
            int count = Math.min(7, about.length - i);
            System.arraycopy(device.gelu(Arrays.copyOfRange(about, i, i + count), false), 0, inPieces, i, count);
        }
        return Comparison.worstOf(
                Comparison.each(inPieces, Oracle.gelu(about), FORWARD, 0.03),
                Comparison.each(Arrays.copyOf(inPieces, tail.length), Oracle.gelu(tail), GELU_TAIL, 1e-35),
                Comparison.each(device.gelu(about, false), Oracle.gelu(about), FORWARD, 0.03),
                Comparison.each(device.gelu(tail, false), Oracle.gelu(tail), GELU_TAIL, 1e-35),
                Comparison.each(device.gelu(extreme, true), Oracle.gelu(extreme), FORWARD, 1e-30));
    }

    private static Comparison swiGlu(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] gates = new float[4001];
        for (int i = 0; i < gates.length - 1; i++) {
            gates[i] = -40 + i * 0.02f;
        }
        gates[gates.length - 1] = -1e4f;
        float[] extreme = {90, -90, 1e4f, -1e4f, 1e30f, -1e30f, 0, 1, 2, 3, -4, 5, 6, 7};
        float[] x = joined(gates, OnDevice.filled(gates.length, -1.5f));
        // Rows of three: what no whole vector covers goes another way.
        float[] inRows = OnDevice.filled(2 * (gates.length - 2), -1.5f);
        for (int i = 0; i < gates.length - 2; i++) {
            inRows[i / 3 * 6 + i % 3] = gates[i];
        }
        return Comparison.worstOf(
                Comparison.each(device.swiGlu(x, gates.length), Oracle.swiGlu(x, gates.length), FORWARD, 1e-20),
                Comparison.each(device.swiGlu(inRows, 3), Oracle.swiGlu(inRows, 3), FORWARD, 1e-20),
                Comparison.each(
                        device.swiGlu(extreme, extreme.length / 2),
                        Oracle.swiGlu(extreme, extreme.length / 2),
                        FORWARD,
                        1e-30));
    }

    /** Lengths on either side of epsilon, rows of zeros, and lengths whose square is no float. */
    private static Comparison normalize(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard normalize", 0);
        return atEachWidth(width -> {
            float[] about = joined(
                    draw.normal(4 * width, 0, 0.3 / Math.sqrt(width)),
                    draw.normal(4 * width, 0, 1.5 / Math.sqrt(width)),
                    OnDevice.filled(width, 0));
            float[] tiny = draw.normal(4 * width, 0, 1e-12);
            float[] extreme = joined(draw.normal(2 * width, 0, 1e25), draw.normal(2 * width, 0, 1e-22));
            return Comparison.worstOf(
                    Comparison.each(
                            device.normalize(about, width, 0.6f, false),
                            Oracle.normalize(about, width, 0.6f),
                            FORWARD,
                            1e-3),
                    Comparison.each(
                            device.normalize(tiny, width, 1e-12f, true),
                            Oracle.normalize(tiny, width, 1e-12f),
                            FORWARD,
                            1e-3),
                    Comparison.each(
                            device.normalize(extreme, width, 1e-30f, false),
                            Oracle.normalize(extreme, width, 1e-30f),
                            FORWARD,
                            1e-3));
        });
    }

    /** Ties of all kinds, at each place; negative values and infinities, beside which a first guess of 0 would win. */
    private static Comparison argmax(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard argmax", 0);
        return atEachWidth(width -> {
            float[] pairs = OnDevice.filled(width * width, -5);
            for (int i = 0; i < width; i++) {
                pairs[i * width + i] = -1;
                pairs[i * width + (i + 1 + draw.between(0, width - 1)) % width] = -1;
            }
            float[] infinite = atEachPlace(width, -3e38f, Float.NEGATIVE_INFINITY);
            float[] x = joined(
                    pairs,
                    atEachPlace(width, -1, -2),
                    infinite,
                    OnDevice.filled(width, Float.NEGATIVE_INFINITY),
                    OnDevice.filled(width, 0),
                    atEachPlace(width, 1, Float.POSITIVE_INFINITY));
            return Comparison.labels(device.argmax(x, width), Oracle.argmax(x, width), EXACT);
        });
    }

    /** Cuts the very first and the very last row and channel, and all. */
    private static Comparison slice(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        float[] x = new Draw(0, "hard slice", 0).normal(3 * 7 * 37);
        List<Comparison> all = new ArrayList<>();
        int[][] cuts = {{0, 0, 1, 1}, {6, 36, 1, 1}, {0, 0, 7, 37}, {1, 0, 6, 37}, {0, 1, 7, 36}, {3, 20, 2, 17}};
        for (int[] cut : cuts) {
            all.add(Comparison.relative(
                    device.slice(x, 3, 7, 37, cut[0], cut[1], cut[2], cut[3]),
                    Oracle.slice(x, 3, 7, 37, cut[0], cut[1], cut[2], cut[3]),
                    EXACT));
        }
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    /** Values whose sum is no float, and an odd width, whose middle column is its own mirror image. */
    private static Comparison mirrorMean(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard mirrorMean", 0);
        return atEachWidth(width -> {
            float[] x = draw.normal(2 * 3 * 5 * width, 0, 1e3);
            return Comparison.relative(device.mirrorMean(x, 3, 5, width), Oracle.mirrorMean(x, 3, 5, width), FORWARD);
        });
    }

    /** One cluster that gets all, clusters that get nothing and keep what they had, and sums that don't start from 0. */
    private static Comparison clusterSums(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "hard clusterSums", 0);
        return atEachWidth(width -> {
            int points = 301;
            float[] x = draw.normal(points * width);
            float[] sums = draw.normal(5 * width, 0, 100);
            int[] counts = {7, 0, 1_000_000, -3, 5};
            int[] labels = new int[points];
            Arrays.fill(labels, 4);
            labels[points - 1] = 0;
            OnDevice.Clusters found = device.clusterSums(x, labels, sums, counts, width);
            return Comparison.worstOf(
                    Comparison.labels(found.counts(), Oracle.clusterCounts(labels, counts), EXACT),
                    Comparison.relative(found.sums(), Oracle.clusterSums(x, labels, sums, width), FORWARD));
        });
    }
}
