package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.weights.Safetensors;

/** The specification against PyTorch's results, and by hand where there are none. */
class OracleTest {
    private static Safetensors ops;

    @BeforeAll
    static void open() {
        ops = ReferenceVectors.open("ops");
    }

    @AfterAll
    static void close() {
        ops.close();
    }

    private static HostTensor channelsLast(String name) {
        return ReferenceVectors.channelsLast(ops.tensor(name));
    }

    /** PyTorch computes in single precision, so a few units in its last place remain. */
    private static void assertMatches(double[] actual, float[] expected) {
        float[] rounded = new float[actual.length];
        for (int i = 0; i < actual.length; i++) {
            rounded[i] = (float) actual[i];
        }
        ReferenceVectors.assertClose("oracle", rounded, expected, 1e-6);
    }

    @Test
    void linear() {
        Shape weight = ops.entry("linear.weight").shape();
        assertMatches(
                Oracle.linear(
                        ops.floats("linear.x"),
                        ops.floats("linear.weight"),
                        ops.floats("linear.bias"),
                        Activation.NONE,
                        null,
                        weight.dim(1),
                        weight.dim(0)),
                ops.floats("linear.y"));
    }

    @Test
    void linearAddsBiasAndResidualBeforeTheActivation() {
        float[] x = {1, 2};
        float[] weight = {1, 1, -1, -1};
        float[] bias = {0.5f, -0.5f};
        float[] residual = {10, 2};
        assertThat(Oracle.linear(x, weight, bias, Activation.RELU, residual, 2, 2))
                .containsExactly(13.5, 0);
        assertThat(Oracle.linear(x, weight, null, Activation.NONE, null, 2, 2)).containsExactly(3, -3);
        assertThat(Oracle.linear(x, weight, null, Activation.GELU, null, 2, 2)[1])
                .isCloseTo(-0.0040496941, within(1e-9));
    }

    @Test
    void patchEmbed() {
        float[] image = {1, 2, 3, 4, 5, 6, 7, 8};
        float[] weight = {1, 10, 100, 1000, 1, 1, 1, 1};
        float[] bias = {0.5f, 0.25f};
        float[] prefix = {-1, -2};
        float[] positions = {5, 6, 7, 8};
        assertThat(Oracle.patchEmbed(image, 1, 1, 2, 4, weight, bias, 2, prefix, positions, 2))
                .containsExactly(-1, -2, 6521 + 0.5 + 5, 14 + 0.25 + 6, 8743 + 0.5 + 7, 22 + 0.25 + 8);
    }

    @Test
    void layerNorm() {
        assertMatches(
                Oracle.layerNorm(
                        ops.floats("layer_norm.x"),
                        ops.floats("layer_norm.weight"),
                        ops.floats("layer_norm.bias"),
                        1e-6),
                ops.floats("layer_norm.y"));
    }

    @Test
    void gelu() {
        assertMatches(Oracle.gelu(ops.floats("gelu.x")), ops.floats("gelu.y"));
    }

    @Test
    void attention() {
        Shape shape = ops.entry("attention.q").shape();
        int batch = shape.dim(0);
        int heads = shape.dim(1);
        int tokens = shape.dim(2);
        int headDim = shape.dim(3);
        float[][] parts = {ops.floats("attention.q"), ops.floats("attention.k"), ops.floats("attention.v")};
        float[] qkv = new float[3 * shape.size()];
        float[] expected = new float[shape.size()];
        for (int i = 0; i < shape.size(); i++) {
            int d = i % headDim;
            int t = i / headDim % tokens;
            int h = i / headDim / tokens % heads;
            int b = i / headDim / tokens / heads;
            for (int part = 0; part < 3; part++) {
                qkv[(((b * tokens + t) * 3 + part) * heads + h) * headDim + d] = parts[part][i];
            }
            expected[((b * tokens + t) * heads + h) * headDim + d] = ops.floats("attention.y")[i];
        }
        assertMatches(Oracle.attention(qkv, batch, tokens, heads, headDim), expected);
    }

    @Test
    void attentionWeightsAreThoseOfTheFirstQueries() {
        float[] qkv = {1, 0, 0, 3, 2, 0};
        double first = 1 / (1 + Math.exp(2));
        double second = 1 / (1 + Math.exp(6));
        assertThat(Oracle.attentionWeights(qkv, 1, 2, 1, 1, 1))
                .containsExactly(new double[] {first, 1 - first}, within(1e-15));
        assertThat(Oracle.attentionWeights(qkv, 1, 2, 1, 1, 2))
                .containsExactly(new double[] {first, 1 - first, second, 1 - second}, within(1e-15));
    }

    @Test
    void bicubic() {
        HostTensor expected = channelsLast("bicubic.y");
        HostTensor x = channelsLast("grid_sample.x");
        double[] scale = ops.doubles("bicubic.scale");
        int[] dims = x.shape().dims();
        assertMatches(
                Oracle.bicubic(
                        x.values(),
                        dims[0],
                        dims[1],
                        dims[2],
                        dims[3],
                        scale[0],
                        scale[1],
                        expected.shape().dim(1),
                        expected.shape().dim(2)),
                expected.values());
    }

    @Test
    void bilinear() {
        HostTensor expected = channelsLast("bilinear.y");
        HostTensor x = channelsLast("grid_sample.x");
        int[] dims = x.shape().dims();
        assertMatches(
                Oracle.bilinear(
                        x.values(),
                        dims[0],
                        dims[1],
                        dims[2],
                        dims[3],
                        expected.shape().dim(1),
                        expected.shape().dim(2)),
                expected.values());
    }

    @Test
    void normalize() {
        HostTensor x = channelsLast("grid_sample.x");
        assertMatches(
                Oracle.normalize(x.values(), x.shape().dim(-1), 1e-12),
                channelsLast("normalize.y").values());
        assertThat(Oracle.normalize(new float[] {0, 0, 3, 4}, 2, 1e-12)).containsExactly(0, 0, 0.6, 0.8);
        assertThat(Oracle.normalize(new float[] {3, 4}, 2, 10)).containsExactly(0.3, 0.4);
    }

    @Test
    void softmax() {
        int channels = ops.entry("softmax.x").shape().dim(-1);
        assertMatches(Oracle.softmax(ops.floats("softmax.x"), channels, 1), ops.floats("softmax.y"));
        assertMatches(Oracle.logSoftmax(ops.floats("softmax.x"), channels, 1), ops.floats("log_softmax.y"));
    }

    @Test
    void softmaxScalesItsInput() {
        float[] x = {0, 1};
        double first = 1 / (1 + Math.exp(3));
        assertThat(Oracle.softmax(x, 2, 3)).containsExactly(new double[] {first, 1 - first}, within(1e-15));
        assertThat(Oracle.logSoftmax(x, 2, 3)[0]).isCloseTo(Math.log(first), within(1e-15));
    }

    @Test
    void argmaxTakesTheFirstOfATie() {
        assertThat(Oracle.argmax(new float[] {1, 3, 3, -5, -4, -4}, 3)).containsExactly(1, 1);
    }

    @Test
    void slice() {
        float[] x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        assertThat(Oracle.slice(x, 2, 3, 2, 1, 1, 2, 1)).containsExactly(3, 5, 9, 11);
    }

    @Test
    void mirrorMean() {
        float[] x = {1, 2, 3, 30, 20, 10};
        assertThat(Oracle.mirrorMean(x, 1, 3, 1)).containsExactly(5.5, 11, 16.5);
    }

    @Test
    void clusterSums() {
        float[] points = {1, 2, 3, 4, 5, 6};
        int[] labels = {2, 0, 2};
        assertThat(Oracle.clusterSums(points, labels, new float[] {0, 0, 9, 9, 1, 1}, 2))
                .containsExactly(3, 4, 9, 9, 7, 9);
        assertThat(Oracle.clusterCounts(labels, new int[] {0, 4, 1})).containsExactly(1, 4, 3);
    }
}
