package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.DeviceWeights;

/**
 * A vision transformer with pre-norm blocks and a class token (Dosovitskiy et al. 2021), as DINO, DINOv2, DINOv3 and DeiT
 * have them. Layer scale is folded into the weights when they are loaded.
 */
final class VisionTransformer implements Backbone {
    private static final String TOKENS = "the backbone's tokens";

    private final Architecture architecture;
    private final Device device;
    private final DeviceWeights weights;

    private final PatchEmbedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNorm norm;

    private final Workspace workspace;
    private final GrowingBuffer features;
    private final GrowingBuffer attention;
    private final GrowingBuffer attentionToPatches;
    private final FiniteCheck check;

    private boolean closed;

    /** @param weights closed with this object */
    VisionTransformer(Architecture architecture, Device device, DeviceWeights weights) {
        this.architecture = architecture;
        this.device = device;
        this.weights = weights;
        embedding = new PatchEmbedding(architecture, device, weights);
        for (int i = 0; i < architecture.depth(); i++) {
            blocks.add(new Block(weights, i, architecture.encoder()));
        }
        norm = new LayerNorm(
                weights, Architecture.FINAL_NORM, architecture.encoder().epsilon());
        workspace = new Workspace(device, architecture.rotates());
        features = new GrowingBuffer(device);
        attention = new GrowingBuffer(device);
        attentionToPatches = new GrowingBuffer(device);
        check = new FiniteCheck(device);
    }

    /**
     * The results of a run, in the workspace.
     *
     * @param out {@code [B, T, C]} of the final layer norm; null if the run ended before
     * @param qkv {@code [B, T, 3 C]} of the last block; if the run ended before, not yet turned by the positions
     */
    private record Run(Tensor out, Tensor qkv) {}

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Tensor features(Tensor image, FeatureKind kind) {
        return features(run(image, kind, Observer.NONE), kind);
    }

    @Override
    public Attended featuresWithAttention(Tensor image, FeatureKind kind) {
        Run run = run(image, kind, Observer.NONE);
        Tensor features = features(run, kind);
        if (kind == FeatureKind.KK) {
            embedding.rotate(image, run.qkv());
        }
        return new Attended(features, classAttention(run.qkv()));
    }

    @Override
    public Tensor tokens(Tensor image, Observer observer) {
        return run(image, FeatureKind.FEAT, observer).out();
    }

    /** Runs as far as the features need: for keys, not beyond the last block's. */
    private Run run(Tensor image, FeatureKind kind, Observer observer) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        Tensor x = embedding.embed(image, workspace, observer);
        observer.tokens(0, x);
        int last = blocks.size() - 1;
        for (int i = 0; i < last; i++) {
            forward(i, image, x, observer);
        }
        // Checked when all is enqueued, since the check waits.
        if (kind == FeatureKind.KK) {
            Tensor qkv = blocks.get(last).qkv(x, workspace);
            check.require(x, TOKENS);
            return new Run(null, qkv);
        }
        Tensor qkv = forward(last, image, x, observer);
        Tensor out = norm.last(x, workspace);
        check.require(x, TOKENS);
        return new Run(out, qkv);
    }

    /** Passes tokens through a block, in place, and returns what its attention took. */
    private Tensor forward(int block, Tensor image, Tensor x, Observer observer) {
        Tensor qkv = blocks.get(block).qkv(x, workspace);
        embedding.rotate(image, qkv);
        observer.qkv(block, qkv);
        blocks.get(block).forward(x, qkv, workspace);
        observer.tokens(block + 1, x);
        return qkv;
    }

    /** Cuts the tokens or keys of the patches out of a run's. */
    private Tensor features(Run run, FeatureKind kind) {
        Tensor all = kind == FeatureKind.KK ? run.qkv() : run.out();
        int firstChannel = kind == FeatureKind.KK ? architecture.width() : 0;
        Shape shape = all.shape();
        int prefix = architecture.prefixTokens();
        Tensor out = features.view(shape.dim(0), shape.dim(1) - prefix, architecture.width());
        device.kernels().slice(all, prefix, firstChannel, out);
        check.require(out, "the features");
        return out;
    }

    private Tensor classAttention(Tensor qkv) {
        int batch = qkv.shape().dim(0);
        int tokens = qkv.shape().dim(1);
        int heads = architecture.heads();
        Tensor all = attention.view(batch, heads, 1, tokens);
        device.kernels().attentionWeights(qkv, heads, all);
        check.require(all, "the attention of the class token");
        int prefix = architecture.prefixTokens();
        Tensor out = attentionToPatches.view(batch, heads, tokens - prefix);
        device.kernels().slice(all.view(batch, heads, tokens), 0, prefix, out);
        return out;
    }

    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            weights.close();
            embedding.close();
            workspace.close();
            check.close();
            for (GrowingBuffer buffer : List.of(features, attention, attentionToPatches)) {
                buffer.close();
            }
        }
    }
}
