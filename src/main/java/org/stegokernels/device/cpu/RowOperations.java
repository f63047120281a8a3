package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.TrainingKernels.AdamRates;
import org.stegokernels.tensor.Tensor;

/** The operations that go through rows one by one, or through elements: blocks of them over the threads. */
final class RowOperations {
    private final RowLanes rows;
    private final TrainingLanes training;
    private final Parallel parallel;
    private final Workspace workspace;

    RowOperations(Lanes lanes, Parallel parallel, Workspace workspace) {
        this.rows = lanes.rows();
        this.training = lanes.training();
        this.parallel = parallel;
        this.workspace = workspace;
    }

    private void overRows(Tensor x, RowBlocks.Block body) {
        RowBlocks.forEach(parallel, x.shape().rows(), x.shape().dim(-1), body);
    }

    private void overElements(Tensor x, RowBlocks.Block body) {
        RowBlocks.forEach(parallel, x.shape().size(), 1, body);
    }

    /** Two passes over each row for mean and variance, one to write. */
    void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        float[] scale = CpuDevice.array(gamma);
        float[] shift = CpuDevice.array(beta);
        int channels = x.shape().dim(-1);
        overRows(
                x,
                (first, count, worker) ->
                        rows.layerNorm(from, first * channels, count, channels, scale, shift, epsilon, to));
    }

    /** GELU on its own; linear layers apply it in their epilogue instead. */
    void gelu(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        overElements(x, (first, count, worker) -> rows.gelu(from, first, first + count, to));
    }

    void swiGlu(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = out.shape().dim(-1);
        overRows(out, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                rows.swiGlu(from, 2 * row * channels, channels, to, row * channels);
            }
        });
    }

    void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int tokens = x.shape().dim(1);
        int channels = x.shape().dim(2);
        int outTokens = out.shape().dim(1);
        int outChannels = out.shape().dim(2);
        overRows(out, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                int token = row / outTokens * tokens + firstRow + row % outTokens;
                System.arraycopy(from, token * channels + firstChannel, to, row * outChannels, outChannels);
            }
        });
    }

    void normalize(Tensor x, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        overRows(x, (first, count, worker) -> rows.normalize(from, first * channels, count, channels, epsilon, to));
    }

    /**
     * The largest value of a row is subtracted first, so no finite input overflows; a row with NaN, plus infinity or nothing
     * but minus infinity becomes NaN.
     */
    void softmax(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        overRows(
                x,
                (first, count, worker) ->
                        rows.softmax(from, first * channels, count, channels, scale, scratch[worker], to));
    }

    void logSoftmax(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        overRows(
                x,
                (first, count, worker) ->
                        rows.logSoftmax(from, first * channels, count, channels, scale, scratch[worker], to));
    }

    void argmax(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        int[] to = CpuDevice.intArray(out);
        int channels = x.shape().dim(-1);
        overRows(x, (first, count, worker) -> rows.argmax(from, first, count, channels, to));
    }

    /** Blocks of lines. */
    void mirrorMean(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int height = out.shape().dim(0);
        int width = out.shape().dim(1);
        int channels = out.shape().dim(2);
        int line = width * channels;
        RowBlocks.forEach(parallel, height, line, (first, lines, worker) -> {
            for (int y = first; y < first + lines; y++) {
                rows.mirrorMean(from, y * line, (height + y) * line, width, channels, to, y * line);
            }
        });
    }

    /** Softmax of the scores of single queries, stored: for pictures and for checking, a row at a time. */
    void attentionWeights(Tensor qkv, int heads, Tensor out) {
        float[] from = CpuDevice.array(qkv);
        float[] to = CpuDevice.array(out);
        int tokens = qkv.shape().dim(1);
        int depth = qkv.shape().dim(2) / 3 / heads;
        int queries = out.shape().dim(2);
        int stride = 3 * heads * depth;
        float scale = (float) (1 / Math.sqrt(depth));
        float[][] scratch = workspace.workers(tokens);
        parallel.forEach(qkv.shape().dim(0) * heads * queries, (row, worker) -> {
            int head = row / queries;
            int start = head / heads * tokens * stride + head % heads * depth;
            int query = start + row % queries * stride;
            int keys = start + heads * depth;
            for (int token = 0; token < tokens; token++) {
                float score = 0;
                for (int d = 0; d < depth; d++) {
                    score += from[query + d] * from[keys + token * stride + d];
                }
                to[row * tokens + token] = score;
            }
            rows.softmax(to, row * tokens, 1, tokens, scale, scratch[worker], to);
        });
    }

    void addScaled(Tensor x, float factor, Tensor sum) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(sum);
        overElements(x, (first, count, worker) -> training.addScaled(from, first, count, factor, to, first));
    }

    void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        float[] output = CpuDevice.array(y);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        overElements(y, (first, count, worker) -> training.positivePart(output, g, first, first + count, out));
    }

    void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] by = CpuDevice.array(factors);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        int perImage = x.shape().rows() / Math.max(1, x.shape().dim(0));
        overRows(x, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                training.multiply(from, row * channels, by, row / perImage * channels, channels, to, row * channels);
            }
        });
    }

    /** Takes out of the gradient what of it is along the row. */
    void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        float[] in = CpuDevice.array(x);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        int channels = x.shape().dim(-1);
        overRows(x, (first, count, worker) -> {
            for (int row = first * channels; row < (first + count) * channels; row += channels) {
                double squares = training.dot(in, row, in, row, channels);
                double length = Math.sqrt(squares);
                double along = length < epsilon ? 0 : training.dot(in, row, g, row, channels) / squares;
                double scale = 1 / Math.max(length, epsilon);
                training.combine(g, row, (float) scale, in, row, (float) (-along * scale), channels, out, row);
            }
        });
    }

    /** The mean negative product of rows, and its gradient. */
    double agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA) {
        float[] x = CpuDevice.array(a);
        float[] y = CpuDevice.array(b);
        float[] g = CpuDevice.array(gradA);
        int channels = a.shape().dim(-1);
        int count = a.shape().rows();
        float factor = -weight / count;
        double sum = RowBlocks.sum(parallel, count, channels, (first, length, worker) -> {
            double dots = 0;
            for (int row = first * channels; row < (first + length) * channels; row += channels) {
                dots += training.dot(x, row, y, row, channels);
            }
            Arrays.fill(g, first * channels, (first + length) * channels, 0f);
            training.addScaled(y, first * channels, length * channels, factor, g, first * channels);
            return dots;
        });
        return -sum / count;
    }

    void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamRates rates) {
        float[] value = CpuDevice.array(parameter);
        float[] g = CpuDevice.array(gradient);
        float[] m = CpuDevice.array(mean);
        float[] v = CpuDevice.array(square);
        overElements(parameter, (first, count, worker) -> training.adam(value, g, m, v, first, first + count, rates));
    }

    /** A few dozen rows, on one thread. */
    static void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        float[] sum = CpuDevice.array(sums);
        float[] mean = CpuDevice.array(means);
        int[] count = CpuDevice.intArray(counts);
        int[] total = CpuDevice.intArray(totals);
        int channels = sums.shape().dim(1);
        for (int cluster = 0; cluster < sums.shape().dim(0); cluster++) {
            total[cluster] = Math.addExact(total[cluster], count[cluster]);
            for (int i = cluster * channels; total[cluster] > 0 && i < (cluster + 1) * channels; i++) {
                mean[i] += (float) ((sum[i] - (double) count[cluster] * mean[i]) / total[cluster]);
            }
        }
    }
}
