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
import org.stegokernels.tensor.Tensor;
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
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        Tuning tuning = Tuning.gpu(limits, MatrixTiles.Units.EMULATED).with(tiles);
        return OpenClDevices.open(found, limits, tuning, precision);
    }

    static Stream<Named<Map<String, Integer>>> tiles() {
        return Stream.of(Named.of("default", Map.of()), Named.of("other", OTHER));
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void linearMatchesTheOracle(Map<String, Integer> tiles) {
        linearMatchesTheOracle(tiles, Precision.FP16);
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void linearInTf32MatchesTheOracle(Map<String, Integer> tiles) {
        linearMatchesTheOracle(tiles, Precision.TF32);
    }

    private static void linearMatchesTheOracle(Map<String, Integer> tiles, Precision precision) {
        try (Device device = open(tiles, precision)) {
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
        try (Device device = open(OTHER, precision)) {
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
        MatrixTiles tiles = MatrixTiles.of(MatrixTiles.Units.EMULATED);
        for (String name : List.of("warpsDown", "warpsAcross", "queryWarps")) {
            Map<String, Integer> numbers = tiles.numbers();
            numbers.put(name, 3);
            assertThatIllegalArgumentException().isThrownBy(() -> tiles.with(numbers));
        }
    }
}
