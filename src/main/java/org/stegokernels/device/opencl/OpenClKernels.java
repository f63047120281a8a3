package org.stegokernels.device.opencl;

import java.util.List;
import org.stegokernels.device.Activation;
import org.stegokernels.device.Contract;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Lattice;
import org.stegokernels.device.LinearWeights;
import org.stegokernels.device.Precision;
import org.stegokernels.tensor.Tensor;

/** The operations of an OpenCL device: checks the shapes, then enqueues the kernel of the operation's name. */
final class OpenClKernels implements Kernels {
    private final OpenClContext context;
    private final RowKernels rows;
    private final Linear linear;
    private final Attention attention;
    private final ClusterSums clusterSums;
    private final LatticeFilter latticeFilter;
    private final MeanField meanField;

    OpenClKernels(OpenClContext context, RowKernels rows) {
        this.context = context;
        this.rows = rows;
        this.linear = new Linear(context, rows, context.precision() == Precision.FP16);
        this.attention = new Attention(context);
        this.clusterSums = new ClusterSums(context, rows);
        this.latticeFilter = new LatticeFilter(context, rows);
        this.meanField = new MeanField(context, rows, latticeFilter);
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        Contract.packLinear(weight, bias);
        return new PackedLinear(context, weight, bias);
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        Contract.linear(x, weights, residual, out);
        linear.run(x, ((PackedLinear) weights).panels(), activation, residual, out);
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        Contract.patchEmbed(image, projection, patch, prefix, positions, out);
        linear.patchEmbed(image, ((PackedLinear) projection).panels(), patch, prefix, positions, out);
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        Contract.attention(qkv, heads, out);
        attention.run(qkv, heads, out);
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        Contract.attentionWeights(qkv, heads, out);
        int tokens = qkv.shape().dim(1);
        int depth = qkv.shape().dim(2) / 3 / heads;
        int queries = out.shape().dim(2);
        rows.call("attention_weights", "attention_weights")
                .with(qkv)
                .with(out.shape().rows())
                .with(tokens)
                .with(heads)
                .with(depth)
                .with(queries)
                .with((float) (1 / Math.sqrt(depth)))
                .with(out)
                .does(2.0 * out.shape().size() * depth, KernelTime.bytes(qkv, out))
                .runGroups(rows.groups(out.shape().rows()), rows.lanes());
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        Contract.bicubic(x, scaleY, scaleX, out);
        KernelCall call = resize("bicubic", x, out);
        for (double scale : new double[] {scaleY, scaleX}) {
            float inverse = (float) (1 / scale);
            call.with(inverse).with((float) (1 / scale - inverse));
        }
        finishResize(call, x, out);
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        Contract.bilinear(x, out);
        finishResize(resize("bilinear", x, out), x, out);
    }

    private KernelCall resize(String name, Tensor x, Tensor out) {
        return rows.call(name, name)
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(x.shape().dim(3))
                .with(out.shape().dim(1))
                .with(out.shape().dim(2));
    }

    private void finishResize(KernelCall call, Tensor x, Tensor out) {
        call.with(out)
                .does(0, KernelTime.bytes(x, out))
                .runGroups(rows.groups(out.shape().rows()), rows.lanes());
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        Contract.layerNorm(x, gamma, beta, out);
        rows.call("layer_norm", "layer_norm")
                .with(x)
                .with(gamma)
                .with(beta)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .runGroups(rows.groups(x.shape().rows()), rows.lanes());
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        Contract.gelu(x, out);
        byRow("gelu", "gelu", x, null, out);
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        Contract.normalize(x, out);
        byRow("normalize", "normalize_rows", x, epsilon, out);
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        Contract.softmax(x, out);
        byRow("softmax", "softmax", x, scale, out);
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        Contract.logSoftmax(x, out);
        byRow("softmax", "log_softmax", x, scale, out);
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        Contract.argmax(x, out);
        byRow("argmax", "argmax", x, null, out);
    }

    /** A kernel over the rows of x that has at most one number as a parameter. */
    private void byRow(String file, String kernel, Tensor x, Float parameter, Tensor out) {
        KernelCall call = rows.call(file, kernel)
                .with(x)
                .with(x.shape().rows())
                .with(x.shape().dim(-1));
        if (parameter != null) {
            call.with(parameter.floatValue());
        }
        call.with(out)
                .does(0, KernelTime.bytes(x, out))
                .runGroups(rows.groups(x.shape().rows()), rows.lanes());
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        Contract.slice(x, firstRow, firstChannel, out);
        rows.call("slice", "slice")
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
                .runGroups(rows.groups(out.shape().rows()), rows.lanes());
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        Contract.mirrorMean(x, out);
        rows.call("mirror_mean", "mirror_mean")
                .with(x)
                .with(out.shape().rows())
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .runGroups(rows.groups(out.shape().rows()), rows.lanes());
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
}
