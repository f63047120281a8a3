package org.stegokernels.device.cpu;

import java.util.List;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** The operations of the CPU device: each is in the class of its name, or here if it is a loop over rows. */
final class CpuKernels implements Kernels {
    private final CpuDevice device;
    private final Workspace workspace;
    private final Gemm gemm;
    private final PatchEmbed patchEmbed;
    private final Attention attention;
    private final RowLanes rows;
    private final Bicubic bicubic;
    private final Bilinear bilinear;
    private final ClusterSums clusterSums;
    private final Parallel parallel;
    private final LatticeFilter latticeFilter;
    private final MeanField meanField;

    CpuKernels(CpuDevice device, Lanes lanes, Parallel parallel) {
        this.device = device;
        this.workspace = new Workspace(parallel.threads());
        this.gemm = new Gemm(lanes.gemm(), parallel, workspace);
        this.patchEmbed = new PatchEmbed(gemm, parallel, workspace);
        this.attention = new Attention(lanes.gemm(), lanes.attention(), parallel, workspace);
        this.rows = lanes.rows();
        Resample resample = new Resample(lanes.rows(), parallel, workspace);
        this.bicubic = new Bicubic(resample);
        this.bilinear = new Bilinear(resample);
        this.parallel = parallel;
        this.latticeFilter = new LatticeFilter(device, lanes, parallel, workspace);
        this.meanField = new MeanField(device, lanes, parallel, workspace, latticeFilter);
        this.clusterSums = new ClusterSums(lanes.rows(), parallel, workspace);
    }

    /** Returns the training operations, which share workspace and threads with these. */
    CpuTrainingKernels training(Lanes lanes) {
        return new CpuTrainingKernels(lanes, gemm, parallel, workspace);
    }

    long workspaceBytes() {
        return workspace.bytes();
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        return gemm.pack(
                device,
                CpuDevice.array(weight),
                bias == null ? null : CpuDevice.array(bias),
                outputs,
                inputs,
                new float[gemm.panelFloats(outputs, inputs)]);
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        float[] added = residual == null ? null : CpuDevice.array(residual);
        gemm.linear(
                new Gemm.Product(
                        CpuDevice.array(x), (PackedLinear) weights, activation, added, CpuDevice.array(out), 0),
                x.shape().rows());
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        patchEmbed.embed(image, (PackedLinear) projection, patch, prefix, positions, out);
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        int channels = out.shape().dim(2);
        attention.run(
                CpuDevice.array(qkv),
                qkv.shape().dim(0),
                qkv.shape().dim(1),
                heads,
                channels / heads,
                CpuDevice.array(out));
    }

    /** Computes the softmax of the scores of single queries, stored: for pictures and for checking, a row at a time. */
    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
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

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        bicubic.run(x, scaleY, scaleX, out);
    }

    /** Makes two passes over each row for mean and variance, one to write. */
    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        float[] scale = CpuDevice.array(gamma);
        float[] shift = CpuDevice.array(beta);
        int channels = x.shape().dim(-1);
        RowBlocks.overRows(
                parallel,
                x,
                (first, count, worker) ->
                        rows.layerNorm(from, first * channels, count, channels, scale, shift, epsilon, to));
    }

    /** Computes GELU on its own; linear layers apply it in their epilogue instead. */
    @Override
    public void gelu(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        RowBlocks.overElements(parallel, x, (first, count, worker) -> rows.gelu(from, first, first + count, to));
    }

    @Override
    public void swiGlu(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = out.shape().dim(-1);
        RowBlocks.overRows(parallel, out, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                rows.swiGlu(from, 2 * row * channels, channels, to, row * channels);
            }
        });
    }

    /** Turns the queries and keys of one token at a time: as many heads as both have. */
    @Override
    public void rope(Tensor cos, Tensor sin, Tensor qkv) {
        float[] cosines = CpuDevice.array(cos);
        float[] sines = CpuDevice.array(sin);
        float[] x = CpuDevice.array(qkv);
        int patches = cos.shape().dim(0);
        int half = cos.shape().dim(1);
        int tokens = qkv.shape().dim(1);
        int stride = qkv.shape().dim(2);
        int heads = stride / 3 / half;
        RowBlocks.forEach(parallel, qkv.shape().dim(0) * patches, heads * half, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                int token = row / patches * tokens + tokens - patches + row % patches;
                rows.rope(cosines, sines, row % patches * half, half, x, token * stride, heads);
            }
        });
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int tokens = x.shape().dim(1);
        int channels = x.shape().dim(2);
        int outTokens = out.shape().dim(1);
        int outChannels = out.shape().dim(2);
        RowBlocks.overRows(parallel, out, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                int token = row / outTokens * tokens + firstRow + row % outTokens;
                System.arraycopy(from, token * channels + firstChannel, to, row * outChannels, outChannels);
            }
        });
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        RowBlocks.overRows(
                parallel,
                x,
                (first, count, worker) -> rows.normalize(from, first * channels, count, channels, epsilon, to));
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        bilinear.run(x, out);
    }

    /**
     * Computes the softmax. The largest value of a row is subtracted first, so no finite input overflows; a row with
     * NaN, plus infinity or nothing but minus infinity becomes NaN.
     */
    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        RowBlocks.overRows(
                parallel,
                x,
                (first, count, worker) ->
                        rows.softmax(from, first * channels, count, channels, scale, scratch[worker], to));
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        RowBlocks.overRows(
                parallel,
                x,
                (first, count, worker) ->
                        rows.logSoftmax(from, first * channels, count, channels, scale, scratch[worker], to));
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        int[] to = CpuDevice.intArray(out);
        int channels = x.shape().dim(-1);
        RowBlocks.overRows(parallel, x, (first, count, worker) -> rows.argmax(from, first, count, channels, to));
    }

    /** Blocks of lines. */
    @Override
    public void mirrorMean(Tensor x, Tensor out) {
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

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        clusterSums.run(points, labels, sums, counts);
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        return new PermutohedralLattice(device, parallel, points, dims);
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        ((PermutohedralLattice) lattice).build(CpuDevice.array(positions));
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        latticeFilter.run((PermutohedralLattice) lattice, x, out);
    }

    @Override
    public void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        meanField.run(logits, lattices, weights, iterations, out);
    }
}
