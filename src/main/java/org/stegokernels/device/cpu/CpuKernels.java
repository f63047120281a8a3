package org.stegokernels.device.cpu;

import java.util.List;
import org.stegokernels.device.Activation;
import org.stegokernels.device.Contract;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Lattice;
import org.stegokernels.device.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** The operations of the CPU device: checks the shapes, then hands arrays to the class of the operation's name. */
final class CpuKernels implements Kernels {
    private final CpuDevice device;
    private final Workspace workspace;

    CpuKernels(CpuDevice device, Lanes lanes, Parallel parallel) {
        this.device = device;
        this.workspace = new Workspace(parallel.threads());
    }

    long workspaceBytes() {
        return workspace.bytes();
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        Contract.packLinear(weight, bias);
        throw new UnsupportedOperationException("packLinear");
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        Contract.linear(x, weights, residual, out);
        throw new UnsupportedOperationException("linear");
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        Contract.patchEmbed(image, projection, patch, prefix, positions, out);
        throw new UnsupportedOperationException("patchEmbed");
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        Contract.attention(qkv, heads, out);
        throw new UnsupportedOperationException("attention");
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        Contract.attentionWeights(qkv, heads, out);
        throw new UnsupportedOperationException("attentionWeights");
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        Contract.bicubic(x, scaleY, scaleX, out);
        throw new UnsupportedOperationException("bicubic");
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        Contract.layerNorm(x, gamma, beta, out);
        throw new UnsupportedOperationException("layerNorm");
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        Contract.gelu(x, out);
        throw new UnsupportedOperationException("gelu");
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        Contract.slice(x, firstRow, firstChannel, out);
        throw new UnsupportedOperationException("slice");
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        Contract.normalize(x, out);
        throw new UnsupportedOperationException("normalize");
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        Contract.bilinear(x, out);
        throw new UnsupportedOperationException("bilinear");
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        Contract.softmax(x, out);
        throw new UnsupportedOperationException("softmax");
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        Contract.logSoftmax(x, out);
        throw new UnsupportedOperationException("logSoftmax");
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        Contract.argmax(x, out);
        throw new UnsupportedOperationException("argmax");
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        Contract.mirrorMean(x, out);
        throw new UnsupportedOperationException("mirrorMean");
    }

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        Contract.clusterSums(points, labels, sums, counts);
        throw new UnsupportedOperationException("clusterSums");
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        throw new UnsupportedOperationException("allocateLattice");
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        Contract.buildLattice(positions, lattice);
        throw new UnsupportedOperationException("buildLattice");
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        Contract.latticeFilter(lattice, x, out);
        throw new UnsupportedOperationException("latticeFilter");
    }

    @Override
    public void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        Contract.meanField(logits, lattices, weights, iterations, out);
        throw new UnsupportedOperationException("meanField");
    }
}
