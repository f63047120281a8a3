package org.stegokernels.verify;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;

/**
 * Each operation of {@link Kernels} as the device computes it, from host arrays to host arrays, with the parameters that
 * {@link Oracle} has: a check holds one against the other.
 */
final class OnDevice {
    private final CheckScope scope;
    private final Kernels kernels;

    OnDevice(CheckScope scope) {
        this.scope = scope;
        this.kernels = scope.kernels();
    }

    /** Sums and counts of clusters. */
    record Clusters(float[] sums, int[] counts) {}

    /** Runs {@code kernel(x, out)} on rows of {@code channels}, in place or not. */
    private float[] rows(float[] x, int channels, boolean inPlace, BiConsumer<Tensor, Tensor> kernel) {
        int rows = x.length / channels;
        Tensor in = inPlace ? scope.inOut(x, rows, channels) : scope.input(x, rows, channels);
        Tensor out = inPlace ? in : scope.output(rows, channels);
        kernel.accept(in, out);
        return floats(out);
    }

    private float[] floats(Tensor tensor) {
        return scope.device().floats(tensor);
    }

    /**
     * Computes a linear layer.
     *
     * @param added the residual, or null
     * @param inPlace whether the residual is the output
     */
    float[] linear(
            float[] x,
            float[] weight,
            float[] bias,
            Activation activation,
            float[] added,
            int inputs,
            int outputs,
            boolean inPlace) {
        int rows = x.length / inputs;
        Tensor out = inPlace ? scope.inOut(added, rows, outputs) : scope.output(rows, outputs);
        Tensor residual = inPlace ? out : added == null ? null : scope.input(added, rows, outputs);
        kernels.linear(
                scope.input(x, rows, inputs), scope.linear(weight, bias, inputs, outputs), activation, residual, out);
        return floats(out);
    }

    /** Computes the patch embedding of {@code [batch, 3, height, width]}. */
    float[] patchEmbed(
            float[] image,
            int batch,
            int height,
            int width,
            float[] weight,
            float[] bias,
            int patch,
            float[] prefix,
            float[] positions,
            int outputs) {
        int patches = positions.length / outputs;
        int prefixes = prefix.length / outputs;
        Tensor out = scope.output(batch, prefixes + patches, outputs);
        kernels.patchEmbed(
                scope.input(image, batch, 3, height, width),
                scope.linear(weight, bias, 3 * patch * patch, outputs),
                patch,
                scope.input(prefix, prefixes, outputs),
                scope.input(positions, patches, outputs),
                out);
        return floats(out);
    }

    float[] attention(float[] qkv, int batch, int tokens, int heads, int headDim) {
        Tensor out = scope.output(batch, tokens, heads * headDim);
        kernels.attention(scope.input(qkv, batch, tokens, 3 * heads * headDim), heads, out);
        return floats(out);
    }

    /** Returns queries and keys turned, values as they are. */
    float[] rope(float[] qkv, int batch, int tokens, int heads, float[] cos, float[] sin, int patches, int half) {
        Tensor turned = scope.inOut(qkv, batch, tokens, 3 * heads * 2 * half);
        kernels.rope(scope.input(cos, patches, half), scope.input(sin, patches, half), turned);
        return floats(turned);
    }

    float[] attentionWeights(float[] qkv, int batch, int tokens, int heads, int headDim, int queries) {
        Tensor out = scope.output(batch, heads, queries, tokens);
        kernels.attentionWeights(scope.input(qkv, batch, tokens, 3 * heads * headDim), heads, out);
        return floats(out);
    }

    float[] bicubic(
            float[] x,
            int batch,
            int height,
            int width,
            int channels,
            double scaleY,
            double scaleX,
            int outHeight,
            int outWidth) {
        Tensor out = scope.output(batch, outHeight, outWidth, channels);
        kernels.bicubic(scope.input(x, batch, height, width, channels), scaleY, scaleX, out);
        return floats(out);
    }

    float[] bilinear(float[] x, int batch, int height, int width, int channels, int outHeight, int outWidth) {
        Tensor out = scope.output(batch, outHeight, outWidth, channels);
        kernels.bilinear(scope.input(x, batch, height, width, channels), out);
        return floats(out);
    }

    float[] layerNorm(float[] x, float[] gamma, float[] beta, float epsilon, boolean inPlace) {
        Tensor gammas = scope.input(gamma, gamma.length);
        Tensor betas = scope.input(beta, beta.length);
        return rows(x, gamma.length, inPlace, (in, out) -> kernels.layerNorm(in, gammas, betas, epsilon, out));
    }

    float[] gelu(float[] x, boolean inPlace) {
        return rows(x, x.length, inPlace, kernels::gelu);
    }

    float[] swiGlu(float[] x, int channels) {
        int rows = x.length / channels / 2;
        Tensor out = scope.output(rows, channels);
        kernels.swiGlu(scope.input(x, rows, 2 * channels), out);
        return floats(out);
    }

    float[] normalize(float[] x, int channels, float epsilon, boolean inPlace) {
        return rows(x, channels, inPlace, (in, out) -> kernels.normalize(in, epsilon, out));
    }

    float[] softmax(float[] x, int channels, float scale, boolean inPlace) {
        return rows(x, channels, inPlace, (in, out) -> kernels.softmax(in, scale, out));
    }

    float[] logSoftmax(float[] x, int channels, float scale, boolean inPlace) {
        return rows(x, channels, inPlace, (in, out) -> kernels.logSoftmax(in, scale, out));
    }

    int[] argmax(float[] x, int channels) {
        int rows = x.length / channels;
        Tensor out = scope.intOutput(rows);
        kernels.argmax(scope.input(x, rows, channels), out);
        return scope.device().ints(out);
    }

    float[] slice(
            float[] x,
            int batch,
            int rows,
            int channels,
            int firstRow,
            int firstChannel,
            int outRows,
            int outChannels) {
        Tensor out = scope.output(batch, outRows, outChannels);
        kernels.slice(scope.input(x, batch, rows, channels), firstRow, firstChannel, out);
        return floats(out);
    }

    float[] mirrorMean(float[] x, int height, int width, int channels) {
        Tensor out = scope.output(height, width, channels);
        kernels.mirrorMean(scope.input(x, 2, height, width, channels), out);
        return floats(out);
    }

    Clusters clusterSums(float[] points, int[] labels, float[] sums, int[] counts, int channels) {
        Tensor sumsOut = scope.inOut(sums, counts.length, channels);
        Tensor countsOut = scope.inOut(counts, counts.length);
        kernels.clusterSums(
                scope.input(points, labels.length, channels), scope.input(labels, labels.length), sumsOut, countsOut);
        return new Clusters(floats(sumsOut), scope.device().ints(countsOut));
    }

    /** Builds a lattice that lives as long as the scope. */
    Lattice lattice(float[] positions, int dims) {
        Lattice lattice = scope.owned(kernels.allocateLattice(positions.length / dims, dims));
        rebuild(lattice, positions);
        return lattice;
    }

    void rebuild(Lattice lattice, float[] positions) {
        kernels.buildLattice(scope.input(positions, lattice.points(), lattice.dims()), lattice);
    }

    float[] latticeFilter(Lattice lattice, float[] x) {
        int channels = x.length / lattice.points();
        Tensor out = scope.output(lattice.points(), channels);
        kernels.latticeFilter(lattice, scope.input(x, lattice.points(), channels), out);
        return floats(out);
    }

    float[] meanField(float[] logits, int channels, List<Lattice> lattices, float[] weights, int iterations) {
        int points = logits.length / channels;
        Tensor out = scope.output(points, channels);
        kernels.meanField(scope.input(logits, points, channels), lattices, weights, iterations, out);
        return floats(out);
    }

    /** Returns an array of one value. */
    static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }
}
