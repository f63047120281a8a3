package org.stegokernels.device.cpu;

import java.util.List;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** The operations of the CPU device: each is in the class of its name, or in {@link RowOperations}. */
final class CpuKernels implements Kernels {
    private final CpuDevice device;
    private final Workspace workspace;
    private final Gemm gemm;
    private final PatchEmbed patchEmbed;
    private final Attention attention;
    private final RowOperations rows;
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
        this.rows = new RowOperations(lanes, parallel, workspace);
        Resample resample = new Resample(lanes.rows(), parallel, workspace);
        this.bicubic = new Bicubic(resample);
        this.bilinear = new Bilinear(resample);
        this.parallel = parallel;
        this.latticeFilter = new LatticeFilter(device, lanes, parallel, workspace);
        this.meanField = new MeanField(device, lanes, parallel, workspace, latticeFilter);
        this.clusterSums = new ClusterSums(lanes.rows(), parallel, workspace);
    }

    /** The training operations, which share workspace and threads with these. */
    CpuTrainingKernels training(Lanes lanes) {
        return new CpuTrainingKernels(lanes, gemm, rows, parallel, workspace);
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

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        rows.attentionWeights(qkv, heads, out);
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        bicubic.run(x, scaleY, scaleX, out);
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        rows.layerNorm(x, gamma, beta, epsilon, out);
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        rows.gelu(x, out);
    }

    @Override
    public void swiGlu(Tensor x, Tensor out) {
        rows.swiGlu(x, out);
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        rows.slice(x, firstRow, firstChannel, out);
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        rows.normalize(x, epsilon, out);
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        bilinear.run(x, out);
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        rows.softmax(x, scale, out);
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        rows.logSoftmax(x, scale, out);
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        rows.argmax(x, out);
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        rows.mirrorMean(x, out);
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
