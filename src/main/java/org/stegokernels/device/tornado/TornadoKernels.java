package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.stegokernels.device.Activation;
import org.stegokernels.device.Contract;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Lattice;
import org.stegokernels.device.LinearWeights;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tornado.Attention;

/** The operations of a TornadoVM device: checks the shapes, then runs the kernel of the operation's name. */
final class TornadoKernels implements Kernels {
    private final TornadoContext context;
    private final Linear linear;
    private final ClusterSums clusterSums;
    private final LatticeFilter latticeFilter;
    private final MeanField meanField;
    private final Workspace tapStarts;
    private final Workspace tapWeights;

    TornadoKernels(TornadoContext context) {
        this.context = context;
        this.linear = new Linear(context);
        this.clusterSums = new ClusterSums(context, new Sums(context), new IndexCheck(context));
        this.latticeFilter = new LatticeFilter(context);
        this.meanField = new MeanField(context, latticeFilter);
        this.tapStarts = Workspace.ints(context, "taps of a resize");
        this.tapWeights = Workspace.floats(context, "taps of a resize");
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        Contract.packLinear(weight, bias);
        return new PackedLinear(context, weight, bias);
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        Contract.linear(x, weights, residual, out);
        linear.run(x, ((PackedLinear) weights).weights(), activation, residual, out);
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        Contract.patchEmbed(image, projection, patch, prefix, positions, out);
        linear.patchEmbed(image, ((PackedLinear) projection).weights(), patch, prefix, positions, out);
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        Contract.attention(qkv, heads, out);
        int tokens = qkv.shape().dim(1);
        int depth = out.shape().dim(2) / heads;
        int allHeads = qkv.shape().dim(0) * heads;
        int blocks = (tokens + Attention.QUERIES - 1) / Attention.QUERIES;
        context.call(Kernel.ATTENTION)
                .with(qkv)
                .with(tokens)
                .with(heads)
                .with(depth)
                .with((float) (1 / Math.sqrt(depth)))
                .with(out)
                .does(4.0 * allHeads * tokens * tokens * depth, KernelTime.bytes(qkv, out))
                .groups((long) blocks * ((depth + Attention.CHANNELS - 1) / Attention.CHANNELS), allHeads);
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        Contract.attentionWeights(qkv, heads, out);
        int depth = qkv.shape().dim(2) / 3 / heads;
        context.call(Kernel.ATTENTION_WEIGHTS)
                .with(qkv)
                .with(out.shape().rows())
                .with(qkv.shape().dim(1))
                .with(heads)
                .with(depth)
                .with(out.shape().dim(2))
                .with((float) (1 / Math.sqrt(depth)))
                .with(out)
                .does(2.0 * out.shape().size() * depth, KernelTime.bytes(qkv, out))
                .rows(out.shape().rows());
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        Contract.bicubic(x, scaleY, scaleX, out);
        Taps taps = Taps.of(out.shape().dim(1), scaleY, out.shape().dim(2), scaleX);
        int starts = tapStarts.take(taps.starts().length);
        int weights = tapWeights.take(taps.weights().length);
        context.write(ElementType.I32, starts, MemorySegment.ofArray(taps.starts()), taps.starts().length);
        context.write(ElementType.F32, weights, MemorySegment.ofArray(taps.weights()), taps.weights().length);
        resize(Kernel.BICUBIC, x, out)
                .with(starts)
                .with(weights)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(out.shape().rows());
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        Contract.bilinear(x, out);
        requireCountable("bilinear", x.shape(), out.shape());
        resize(Kernel.BILINEAR, x, out)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(out.shape().rows());
    }

    private KernelCall resize(Kernel kernel, Tensor x, Tensor out) {
        return context.call(kernel)
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(x.shape().dim(3))
                .with(out.shape().dim(1))
                .with(out.shape().dim(2));
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        Contract.layerNorm(x, gamma, beta, out);
        context.call(Kernel.LAYER_NORM)
                .with(x)
                .with(gamma)
                .with(beta)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(x.shape().rows());
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        Contract.gelu(x, out);
        int size = x.shape().size();
        context.call(Kernel.GELU)
                .with(x)
                .with(size)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .items(size);
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        Contract.normalize(x, out);
        byRow(Kernel.NORMALIZE, x, epsilon, out);
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        Contract.softmax(x, out);
        byRow(Kernel.SOFTMAX, x, scale, out);
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        Contract.logSoftmax(x, out);
        byRow(Kernel.LOG_SOFTMAX, x, scale, out);
    }

    /** A kernel over the rows of x that has one number as a parameter. */
    private void byRow(Kernel kernel, Tensor x, float parameter, Tensor out) {
        context.call(kernel)
                .with(x)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(parameter)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(x.shape().rows());
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        Contract.argmax(x, out);
        context.call(Kernel.ARGMAX)
                .with(x)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(x.shape().rows());
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        Contract.slice(x, firstRow, firstChannel, out);
        context.call(Kernel.SLICE)
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(firstRow)
                .with(firstChannel)
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .does(0, 2 * KernelTime.bytes(out))
                .rows(out.shape().rows());
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        Contract.mirrorMean(x, out);
        context.call(Kernel.MIRROR_MEAN)
                .with(x)
                .with(out.shape().rows())
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(out.shape().rows());
    }

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        Contract.clusterSums(points, labels, sums, counts);
        clusterSums.run(points, labels, sums, counts);
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        Contract.allocateLattice(points, dims);
        return new PermutohedralLattice(context, points, dims);
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        Contract.buildLattice(positions, lattice);
        ((PermutohedralLattice) lattice).build(positions);
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        Contract.latticeFilter(lattice, x, out);
        latticeFilter.run((PermutohedralLattice) lattice, x, out);
    }

    @Override
    public void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        Contract.meanField(logits, lattices, weights, iterations, out);
        meanField.run(
                logits, lattices.stream().map(PermutohedralLattice.class::cast).toList(), weights, iterations, out);
    }

    /** Coordinates of a bilinear resize are counted in integers, up to twice the product of a side before and behind it. */
    static void requireCountable(String operation, Shape from, Shape to) {
        for (int side = 1; side <= 2; side++) {
            if (2L * from.dim(side) * to.dim(side) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(operation + ": images are too large: " + from + ", " + to);
            }
        }
    }
}
