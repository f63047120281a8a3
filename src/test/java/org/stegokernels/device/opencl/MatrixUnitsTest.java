package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report.Result;

/**
 * The kernels for matrix units, whose one instruction is computed by {@code matrix_units.cl} item for item: how fragments
 * are loaded, laid out and stored is what runs on a GPU.
 */
class MatrixUnitsTest {
    /** Rows, inputs, outputs: less than a tile, tails in all three, odd ones, several tiles, more slices than places. */
    private static final int[][] LINEAR = {
        {1, 1, 1}, {5, 33, 7}, {16, 32, 8}, {67, 30, 41}, {131, 72, 70}, {140, 170, 136}
    };

    /** Every number another than the default. */
    private static final Map<String, Integer> OTHER = Map.of(
            "warpsDown",
            1,
            "warpsAcross",
            4,
            "warpRows",
            2,
            "warpColumns",
            1,
            "queryWarps",
            2,
            "warpQueries",
            1,
            "keySlices",
            2);

    private static Device open(Map<String, Integer> tiles) {
        return open(tiles, Precision.FP16);
    }

    private static Device open(Map<String, Integer> tiles, Precision precision) {
        return open(MatrixTiles.Units.NVIDIA_EMULATED, tiles, precision);
    }

    private static Device open(MatrixTiles.Units units, Map<String, Integer> tiles, Precision precision) {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        Tuning tuning = Tuning.gpu(limits, units).with(tiles);
        return OpenClDevices.open(found, limits, tuning, precision);
    }

    static Stream<Named<Map<String, Integer>>> tiles() {
        return Stream.of(Named.of("default", Map.of()), Named.of("other", OTHER));
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void linearMatchesTheOracle(Map<String, Integer> tiles) {
        linearMatchesTheOracle(MatrixTiles.Units.NVIDIA_EMULATED, tiles, Precision.FP16);
    }

    @Test
    void linearOnAmdMatchesTheOracle() {
        linearMatchesTheOracle(MatrixTiles.Units.AMD_EMULATED, Map.of(), Precision.FP16);
        Map<String, Integer> other = Map.of("warpsDown", 1, "warpsAcross", 2, "warpRows", 2, "warpColumns", 3);
        linearMatchesTheOracle(MatrixTiles.Units.AMD_EMULATED, other, Precision.FP16);
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void linearInTf32MatchesTheOracle(Map<String, Integer> tiles) {
        linearMatchesTheOracle(MatrixTiles.Units.NVIDIA_EMULATED, tiles, Precision.TF32);
    }

    private static void linearMatchesTheOracle(
            MatrixTiles.Units units, Map<String, Integer> tiles, Precision precision) {
        try (Device device = open(units, tiles, precision)) {
            for (int[] shape : LINEAR) {
                for (Activation activation : Activation.values()) {
                    linear(device, shape, activation, activation != Activation.RELU);
                }
            }
            device.checkGuards();
        }
    }

    private static void linear(Device device, int[] shape, Activation activation, boolean withResidual) {
        int rows = shape[0];
        int inputs = shape[1];
        int outputs = shape[2];
        float[] x = halves(ThreadCounts.normal(1, rows * inputs, 0, 1));
        float[] weight = halves(ThreadCounts.normal(2, outputs * inputs, 0, 1 / Math.sqrt(inputs)));
        float[] bias = ThreadCounts.normal(3, outputs, 0, 1);
        float[] residual = withResidual ? ThreadCounts.normal(4, rows * outputs, 0, 1) : null;
        try (Tensor weights = device.upload(weight, outputs, inputs);
                Tensor offsets = device.upload(bias, outputs);
                LinearWeights packed = device.kernels().packLinear(weights, offsets);
                Tensor in = device.upload(x, rows, inputs);
                Tensor out = withResidual ? device.upload(residual, rows, outputs) : device.allocate(rows, outputs)) {
            device.kernels().linear(in, packed, activation, withResidual ? out : null, out);
            double[] expected = Oracle.linear(x, weight, bias, activation, residual, inputs, outputs);
            // Inputs have 10 bits already: nothing is rounded but sums, in 32.
            Comparison comparison = Comparison.relative(device.floats(out), expected, Comparison.FORWARD);
            assertThat(comparison.passed())
                    .as("%d x %d x %d %s: %s", rows, inputs, outputs, activation, comparison)
                    .isTrue();
        }
    }

    /** Tails in tokens and channels, one step of keys and more than local memory has places for. */
    @ParameterizedTest
    @EnumSource(names = {"FP16", "TF32"})
    void attentionMatchesTheOracle(Precision precision) {
        try (Device device = open(Map.of(), precision)) {
            attention(device, 2, 1, 2, 44);
            attention(device, 1, 5, 1, 37);
            attention(device, 1, 131, 1, 64);
            device.checkGuards();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "TF32"})
    void attentionInOtherTilesMatchesTheOracle(Precision precision) {
        try (Device device = open(OTHER, precision)) {
            attention(device, 2, 5, 2, 17);
            attention(device, 1, 70, 2, 24);
            attention(device, 1, 65, 1, 32);
            device.checkGuards();
        }
    }

    /** More keys a step would not fit: wide heads take fewer. */
    @ParameterizedTest
    @EnumSource(names = {"FP16", "TF32"})
    void attentionOfWideHeadsMatchesTheOracle(Precision precision) {
        try (Device device = open(Map.of(), precision)) {
            attention(device, 1, 40, 1, 100);
        }
    }

    /** Heads that registers have no room for, or that would be mostly padding, are computed without matrix units. */
    @ParameterizedTest
    @EnumSource(names = {"FP16", "TF32"})
    void attentionOfHeadsTooWideOrNarrowMatchesTheOracle(Precision precision) {
        try (Device device = open(Map.of(), precision)) {
            attention(device, 1, 20, 1, MatrixTiles.WIDEST_HEAD + 4);
            attention(device, 1, 20, 3, MatrixTiles.NARROWEST_HEAD - 1);
        }
    }

    private static void attention(Device device, int batch, int tokens, int heads, int depth) {
        int channels = heads * depth;
        float[] qkv = ThreadCounts.normal(7, batch * tokens * 3 * channels, 0, 2);
        try (Tensor in = device.upload(qkv, batch, tokens, 3 * channels);
                Tensor out = device.allocate(batch, tokens, channels)) {
            device.kernels().attention(in, heads, out);
            double[] expected = Oracle.attention(qkv, batch, tokens, heads, depth);
            Comparison comparison = Comparison.relative(device.floats(out), expected, Comparison.FORWARD)
                    .in(device.precision());
            assertThat(comparison.passed())
                    .as("%d tokens, %d heads of %d: %s", tokens, heads, depth, comparison)
                    .isTrue();
        }
    }

    /** Returns activations of 16 bits: a layer that changes nothing has rounded them. */
    private static Tensor activations(Device device, float[] values, int... dims) {
        int channels = dims[dims.length - 1];
        float[] same = new float[channels * channels];
        for (int i = 0; i < channels; i++) {
            same[i * channels + i] = 1;
        }
        Tensor out = device.allocate(ElementType.F16, Shape.of(dims));
        try (Tensor in = device.upload(values, dims);
                Tensor weight = device.upload(same, channels, channels);
                LinearWeights weights = device.kernels().packLinear(weight, null)) {
            device.kernels().linear(in, weights, Activation.NONE, null, out);
        }
        return out;
    }

    /** Returns activations {@code [B, T, C]} as floats. */
    private static float[] floats(Device device, Tensor activations) {
        try (Tensor out = device.allocate(ElementType.F32, activations.shape())) {
            device.kernels().slice(activations, 0, 0, out);
            return device.floats(out);
        }
    }

    /** Rows of whole chunks are read as they lie, others are laid out first. */
    @Test
    void activationsOfSixteenBitsPassFromLayerToLayer() {
        try (Device device = open(Map.of())) {
            for (int channels : new int[] {33, 40, 72}) {
                int rows = 131;
                float[] x = ThreadCounts.normal(11, rows * channels, 1, 2);
                float[] gamma = ThreadCounts.normal(12, channels, 1, 0.1);
                float[] beta = ThreadCounts.normal(13, channels, 0, 1);
                float[] weight = halves(ThreadCounts.normal(14, 24 * channels, 0, 1 / Math.sqrt(channels)));
                float[] bias = ThreadCounts.normal(15, 24, 0, 1);
                Tensor normed = device.allocate(ElementType.F16, Shape.of(1, rows, channels));
                Tensor out = device.allocate(ElementType.F16, Shape.of(1, rows, 24));
                device.kernels()
                        .layerNorm(
                                device.upload(x, 1, rows, channels),
                                device.upload(gamma, channels),
                                device.upload(beta, channels),
                                1e-6f,
                                normed);
                float[] kept = floats(device, normed);
                double[] norm = Oracle.layerNorm(x, gamma, beta, 1e-6f);
                assertThat(kept).as("rounded once").isEqualTo(halves(kept));
                assertPasses(device, kept, norm);
                LinearWeights weights =
                        device.kernels().packLinear(device.upload(weight, 24, channels), device.upload(bias, 24));
                device.kernels().linear(normed, weights, Activation.GELU, null, out);
                double[] layer = Oracle.linear(kept, weight, bias, Activation.GELU, null, channels, 24);
                assertPasses(device, floats(device, out), layer);
            }
            device.checkGuards();
        }
    }

    /** With and without matrix units, with tails. */
    @Test
    void attentionOfSixteenBitActivationsMatchesTheOracle() {
        try (Device device = open(Map.of())) {
            for (int depth : new int[] {15, 37, 40, MatrixTiles.WIDEST_HEAD + 4}) {
                int tokens = 41;
                float[] qkv = halves(ThreadCounts.normal(16, tokens * 3 * depth, 0, 1));
                Tensor out = device.allocate(ElementType.F16, Shape.of(1, tokens, depth));
                device.kernels().attention(activations(device, qkv, 1, tokens, 3 * depth), 1, out);
                assertPasses(device, floats(device, out), Oracle.attention(qkv, 1, tokens, 1, depth));
            }
            device.checkGuards();
        }
    }

    @Test
    void gatesAndRotationsOfSixteenBitActivationsMatchTheOracle() {
        try (Device device = open(Map.of())) {
            int rows = 9;
            float[] x = halves(ThreadCounts.normal(17, rows * 48, 0, 2));
            Tensor gated = device.allocate(ElementType.F16, Shape.of(1, rows, 24));
            device.kernels().swiGlu(activations(device, x, 1, rows, 48), gated);
            assertPasses(device, floats(device, gated), Oracle.swiGlu(x, 24));

            float[] cos = ThreadCounts.normal(18, (rows - 2) * 8, 0, 1);
            float[] sin = ThreadCounts.normal(19, (rows - 2) * 8, 0, 1);
            Tensor turned = activations(device, x, 1, rows, 48);
            device.kernels().rope(device.upload(cos, rows - 2, 8), device.upload(sin, rows - 2, 8), turned);
            assertPasses(device, floats(device, turned), Oracle.rope(x, 1, rows, 1, cos, sin, rows - 2, 8));

            Tensor weights = device.allocate(1, 1, 2, rows);
            device.kernels().attentionWeights(activations(device, x, 1, rows, 48), 1, weights);
            assertPasses(device, device.floats(weights), Oracle.attentionWeights(x, 1, rows, 1, 16, 2));
            device.checkGuards();
        }
    }

    private static void assertPasses(Device device, float[] actual, double[] expected) {
        Comparison comparison =
                Comparison.relative(actual, expected, Comparison.FORWARD).in(device.precision());
        assertThat(comparison.passed()).as(comparison.toString()).isTrue();
    }

    @Test
    void onlyActivationsMayHaveSixteenBits() {
        try (Device device = open(Map.of(), Precision.TF32)) {
            assertThatIllegalArgumentException().isThrownBy(() -> device.allocate(ElementType.F16, Shape.of(4, 8)));
        }
        try (Device device = open(Map.of())) {
            Tensor halves = device.allocate(ElementType.F16, Shape.of(4, 8));
            Tensor floats = device.allocate(4, 8);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().softmax(floats, 1, halves));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().gelu(halves, halves));
            assertThatIllegalArgumentException().isThrownBy(() -> device.floats(halves));
        }
    }

    /** As 16 bits hold them. */
    private static float[] halves(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            boolean small = Math.abs(values[i]) < 0x1p-14f;
            rounded[i] = small ? 0 : Float.intBitsToFloat((bits + 0xfff + (bits >> 13 & 1)) & ~0x1fff);
        }
        return rounded;
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "TF32"})
    void aTransformerPassesVerify(Precision precision) {
        aTransformerPassesVerify(open(OTHER, precision));
    }

    /** Attention has no matrix units there, but reads and writes 16 bits. */
    @Test
    void aTransformerOnAmdPassesVerify() {
        aTransformerPassesVerify(open(MatrixTiles.Units.AMD_EMULATED, Map.of(), Precision.FP16));
    }

    private static void aTransformerPassesVerify(Device opened) {
        try (Device device = opened) {
            List<Result> failed = new ArrayList<>();
            Verifier.Options options = Verifier.Options.DEFAULT.withOnly("vit_micro_p8/40x56/feat");
            int checks = Verifier.verify(device, options, result -> {
                        if (result.status() != Result.Status.PASS) {
                            failed.add(result);
                        }
                    })
                    .results()
                    .size();
            assertThat(failed).isEmpty();
            assertThat(checks).isPositive();
        }
    }

    @Test
    void tilesThatItemsCantShareAreRefused() {
        MatrixTiles tiles = MatrixTiles.of(MatrixTiles.Units.NVIDIA_EMULATED);
        for (String name : List.of("warpsDown", "warpsAcross", "queryWarps")) {
            Map<String, Integer> numbers = tiles.numbers();
            numbers.put(name, 3);
            assertThatIllegalArgumentException().isThrownBy(() -> tiles.with(numbers));
        }
    }
}
