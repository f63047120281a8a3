package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;
import org.stegokernels.weights.Safetensors;

/** Attention and attention weights against double-precision loops and the reference vectors. */
class AttentionTest {
    /** Batch, tokens, heads, depth: around blocks of queries and keys, depths that fill no tile. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1}, {2, 5, 1, 20}, {1, 17, 3, 64}, {2, 33, 2, 7}, {1, 128, 2, 32}, {1, 129, 1, 16}, {1, 300, 2, 64}
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] shape : SHAPES) {
            float[] qkv = ThreadCounts.normal(1, shape[0] * shape[1] * 3 * shape[2] * shape[3], 0, 1);
            check(choice, shape, qkv);
        }
    }

    /** Scores from -2000 to 2000: the softmax is all on one key, and nothing overflows. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void holdsOutAgainstLargeScores(Devices.Choice choice) {
        int[] shape = {1, 150, 1, 8};
        check(choice, shape, ThreadCounts.normal(2, 150 * 24, 0, 15));
    }

    /** A maximum that grows from block to block forces a correction in each. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void correctsTheRunningMaximum(Devices.Choice choice) {
        int tokens = 700;
        float[] qkv = ThreadCounts.normal(3, tokens * 24, 0, 1);
        for (int token = 0; token < tokens; token++) {
            for (int d = 0; d < 8; d++) {
                qkv[token * 24 + d] = 1;
                qkv[token * 24 + 8 + d] = token * 0.01f;
            }
        }
        check(choice, new int[] {1, tokens, 1, 8}, qkv);
    }

    private static void check(Devices.Choice choice, int[] shape, float[] qkv) {
        int batch = shape[0];
        int tokens = shape[1];
        int heads = shape[2];
        int channels = heads * shape[3];
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor result = device.allocate(batch, tokens, channels);
            device.kernels().attention(device.upload(qkv, batch, tokens, 3 * channels), heads, result);
            return result;
        });
        compare("attention", shape, out, Oracle.attention(qkv, batch, tokens, heads, shape[3]));
        int queries = (tokens + 1) / 2;
        float[] weights = ThreadCounts.floats(choice, device -> {
            Tensor result = device.allocate(batch, heads, queries, tokens);
            device.kernels().attentionWeights(device.upload(qkv, batch, tokens, 3 * channels), heads, result);
            return result;
        });
        compare(
                "attentionWeights",
                shape,
                weights,
                Oracle.attentionWeights(qkv, batch, tokens, heads, shape[3], queries));
    }

    private static void compare(String what, int[] shape, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed())
                .as(what + " " + Shape.of(shape) + ": " + comparison)
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            Shape shape = file.entry("attention.q").shape();
            int batch = shape.dim(0);
            int heads = shape.dim(1);
            int tokens = shape.dim(2);
            int depth = shape.dim(3);
            float[] qkv = new float[3 * shape.size()];
            String[] names = {"attention.q", "attention.k", "attention.v"};
            for (int part = 0; part < 3; part++) {
                scatter(file.floats(names[part]), batch, heads, tokens, depth, qkv, 3, part);
            }
            float[] expected = new float[shape.size()];
            scatter(file.floats("attention.y"), batch, heads, tokens, depth, expected, 1, 0);
            Tensor out = device.allocate(batch, tokens, heads * depth);
            device.kernels().attention(device.upload(qkv, batch, tokens, 3 * heads * depth), heads, out);
            assertClose("attention", device.floats(out), expected, Comparison.FORWARD);
        }
    }

    /** {@code [B, heads, T, D]} into part {@code part} of {@code [B, T, parts, heads, D]}. */
    private static void scatter(
            float[] from, int batch, int heads, int tokens, int depth, float[] to, int parts, int part) {
        int source = 0;
        for (int b = 0; b < batch; b++) {
            for (int head = 0; head < heads; head++) {
                for (int token = 0; token < tokens; token++, source += depth) {
                    int target = (((b * tokens + token) * parts + part) * heads + head) * depth;
                    System.arraycopy(from, source, to, target, depth);
                }
            }
        }
    }
}
