package org.stegokernels.device.launch;

import java.util.List;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Launch;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;
import org.stegokernels.tensor.Tensor;

/** The operations of a device that launches kernels: each starts the kernels of the operation's name. */
public final class LaunchedKernels implements Kernels {
    private final Launcher launcher;
    private final OwnOperations own;
    private final ClusterSums clusterSums;
    private final LatticeFilter latticeFilter;
    private final MeanField meanField;
    private final Workspace patchRows;

    public LaunchedKernels(Launcher launcher, OwnOperations own) {
        this.launcher = launcher;
        this.own = own;
        this.clusterSums = new ClusterSums(launcher, new Sums(launcher), new IndexCheck(launcher));
        this.latticeFilter = new LatticeFilter(launcher);
        this.meanField = new MeanField(launcher, latticeFilter);
        this.patchRows = Workspace.floats(launcher, "the pixels of patches");
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        return own.linear().pack(Weights.of(launcher, weight, bias), "a linear layer " + weight);
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        int rows = x.shape().rows();
        Memory added = residual == null ? null : launcher.memory(residual);
        own.linear().run(launcher.memory(x), rows, weights, activation, added, RowMap.same(rows), launcher.memory(out));
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        int batch = image.shape().dim(0);
        int patches = positions.shape().dim(0);
        int rows = batch * patches;
        Memory pixels = patchRows.take((long) rows * projection.inputs());
        launcher.launch("patch_embed", "gather_patches")
                .with(image)
                .with(rows)
                .with(image.shape().dim(1))
                .with(image.shape().dim(2))
                .with(image.shape().dim(3))
                .with(patch)
                .with(pixels)
                .doesByRow(2 * KernelTime.bytes(image))
                .overRows(rows);
        int size = prefix.shape().size();
        launcher.launch("patch_embed", "copy_prefix")
                .with(prefix)
                .with(size)
                .with(out.shape().dim(1) * out.shape().dim(2))
                .with(out)
                .overItems(size, batch);
        RowMap map = new RowMap(Math.max(1, patches), prefix.shape().dim(0));
        own.linear()
                .run(pixels, rows, projection, Activation.NONE, launcher.memory(positions), map, launcher.memory(out));
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        own.attention().run(qkv, heads, out);
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        int depth = qkv.shape().dim(2) / 3 / heads;
        int rows = out.shape().rows();
        launcher.launch("attention_weights", "attention_weights")
                .with(qkv)
                .with(rows)
                .with(qkv.shape().dim(1))
                .with(heads)
                .with(depth)
                .with(out.shape().dim(2))
                .with((float) (1 / Math.sqrt(depth)))
                .with(out)
                .does(2.0 * out.shape().size() * depth, KernelTime.bytes(qkv, out))
                .overRows(rows);
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        own.bicubic().run(x, scaleY, scaleX, out);
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        launcher.launch("bilinear", "bilinear")
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(x.shape().dim(3))
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .overRows(out.shape().rows());
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        launcher.launch("layer_norm", "layer_norm")
                .with(x)
                .with(gamma)
                .with(beta)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(out)
                .doesByRow(KernelTime.bytes(x, out))
                .overRows(x.shape().rows());
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        overRowsOf(x, byRow("gelu", "gelu", x), out);
    }

    @Override
    public void swiGlu(Tensor x, Tensor out) {
        launcher.launch("swi_glu", "swi_glu")
                .with(x)
                .with(out.shape().rows())
                .with(out.shape().dim(-1))
                .with(out)
                .doesByRow(KernelTime.bytes(x, out))
                .overRows(out.shape().rows());
    }

    @Override
    public void rope(Tensor cos, Tensor sin, Tensor qkv) {
        int half = cos.shape().dim(1);
        int patches = cos.shape().dim(0);
        int rows = qkv.shape().dim(0) * patches;
        int heads = qkv.shape().dim(2) / 3 / half;
        double turned = 2.0 * rows * heads * half;
        launcher.launch("rope", "rope")
                .with(cos)
                .with(sin)
                .with(rows)
                .with(patches)
                .with(qkv.shape().dim(1))
                .with(heads)
                .with(half)
                .with(qkv)
                .does(3 * turned, 2 * Float.BYTES * turned + KernelTime.bytes(cos, sin), KernelTime.bytes(cos, sin))
                .overRows(rows);
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        overRowsOf(x, byRow("normalize", "normalize_rows", x).with(epsilon), out);
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        overRowsOf(x, byRow("softmax", "softmax", x).with(scale), out);
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        overRowsOf(x, byRow("softmax", "log_softmax", x).with(scale), out);
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        overRowsOf(x, byRow("argmax", "argmax", x), out);
    }

    private Launch byRow(String family, String kernel, Tensor x) {
        return launcher.launch(family, kernel)
                .with(x)
                .with(x.shape().rows())
                .with(x.shape().dim(-1));
    }

    private static void overRowsOf(Tensor x, Launch launch, Tensor out) {
        launch.with(out).doesByRow(KernelTime.bytes(x, out)).overRows(x.shape().rows());
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        launcher.launch("slice", "slice")
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(firstRow)
                .with(firstChannel)
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .doesByRow(2 * KernelTime.bytes(out))
                .overRows(out.shape().rows());
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        launcher.launch("mirror_mean", "mirror_mean")
                .with(x)
                .with(out.shape().rows())
                .with(out.shape().dim(1))
                .with(out.shape().dim(2))
                .with(out)
                .doesByRow(KernelTime.bytes(x, out))
                .overRows(out.shape().rows());
    }

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        clusterSums.run(points, labels, sums, counts);
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        return new LatticeTables(launcher, points, dims, own.lattices());
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        ((LatticeTables) lattice).build(positions);
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        latticeFilter.run((LatticeTables) lattice, x, out);
    }

    @Override
    public void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        meanField.run(logits, lattices, weights, iterations, out);
    }
}
