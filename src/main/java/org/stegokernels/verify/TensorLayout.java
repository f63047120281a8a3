package org.stegokernels.verify;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;

/** Conversion of PyTorch's layouts, channels first, to ours, channels last. */
final class TensorLayout {
    private TensorLayout() {}

    /** Returns 0, 1, ... {@code count - 1}. */
    static int[] upTo(int count) {
        return IntStream.range(0, count).toArray();
    }

    /** Joins two tensors of one shape, the second after the first along the first dimension. */
    static HostTensor stacked(HostTensor first, HostTensor second) {
        int[] dims = first.shape().dims();
        float[] values = Arrays.copyOf(first.values(), 2 * first.values().length);
        System.arraycopy(second.values(), 0, values, first.values().length, second.values().length);
        dims[0] *= 2;
        return new HostTensor(Shape.of(dims), values);
    }

    /** Transposes {@code [B, C, H, W]} to {@code [B, H, W, C]}. */
    static HostTensor channelsLast(HostTensor nchw) {
        Shape shape = nchw.shape();
        int batch = shape.dim(0);
        int channels = shape.dim(1);
        int height = shape.dim(2);
        int width = shape.dim(3);
        float[] values = transposed(nchw.values(), batch, channels, height * width);
        return new HostTensor(Shape.of(batch, height, width, channels), values);
    }

    /** Transposes {@code [B, rows, columns]} to {@code [B, columns, rows]}. */
    static float[] transposed(float[] values, int batch, int rows, int columns) {
        float[] out = new float[values.length];
        for (int b = 0; b < batch; b++) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    out[(b * columns + c) * rows + r] = values[(b * rows + r) * columns + c];
                }
            }
        }
        return out;
    }

    /**
     * Swaps the two axes of each image's grid of points, as the published sampling does: {@code out[b, i, j] =
     * coords[b, j, i]}. A loss over all pairs of points doesn't see the difference, a picture of them does.
     */
    static float[] pointsTransposed(float[] coords, int samples) {
        float[] out = new float[coords.length];
        int perImage = samples * samples;
        for (int point = 0; point < coords.length / 2; point++) {
            int i = point % perImage / samples;
            int j = point % samples;
            int from = point / perImage * perImage + j * samples + i;
            out[2 * point] = coords[2 * from];
            out[2 * point + 1] = coords[2 * from + 1];
        }
        return out;
    }

    /**
     * Queries, keys and values, each {@code [B, heads, T, D]}, as the output of one linear layer, {@code [B, T, 3 *
     * heads * D]}.
     */
    static HostTensor interleaved(HostTensor queries, HostTensor keys, HostTensor values) {
        Shape shape = queries.shape();
        int batch = shape.dim(0);
        int heads = shape.dim(1);
        int tokens = shape.dim(2);
        int headDim = shape.dim(3);
        float[][] parts = {queries.values(), keys.values(), values.values()};
        float[] out = new float[3 * shape.size()];
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < tokens; t++) {
                for (int part = 0; part < 3; part++) {
                    for (int h = 0; h < heads; h++) {
                        int from = ((b * heads + h) * tokens + t) * headDim;
                        int to = (((b * tokens + t) * 3 + part) * heads + h) * headDim;
                        System.arraycopy(parts[part], from, out, to, headDim);
                    }
                }
            }
        }
        return new HostTensor(Shape.of(batch, tokens, 3 * heads * headDim), out);
    }

    /** Transposes {@code [B, heads, T, D]} to heads concatenated, {@code [B, T, heads * D]}. */
    static HostTensor headsConcatenated(HostTensor perHead) {
        Shape shape = perHead.shape();
        int batch = shape.dim(0);
        int heads = shape.dim(1);
        int tokens = shape.dim(2);
        int headDim = shape.dim(3);
        float[] out = new float[shape.size()];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < tokens; t++) {
                    int from = ((b * heads + h) * tokens + t) * headDim;
                    System.arraycopy(perHead.values(), from, out, ((b * tokens + t) * heads + h) * headDim, headDim);
                }
            }
        }
        return new HostTensor(Shape.of(batch, tokens, heads * headDim), out);
    }
}
