package org.stegokernels.vit;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/**
 * One block of the encoder, with its layer norms before the branches (Dosovitskiy et al. 2021, equations 2 and 3): {@code
 * x += attention(norm1(x))}, then {@code x += mlp(norm2(x))}.
 */
final class Block {
    static final String ALL = "blocks.";
    static final String FIRST_NORM = "norm1";
    static final String FIRST_SCALE = "ls1.gamma";
    static final String SECOND_NORM = "norm2";
    static final String SECOND_SCALE = "ls2.gamma";

    private final LayerNorm norm1;
    private final Attention attention;
    private final LayerNorm norm2;
    private final Mlp mlp;

    Block(DeviceWeights weights, int index, Architecture.Encoder encoder) {
        String name = name(index);
        norm1 = new LayerNorm(weights, name + FIRST_NORM, encoder.epsilon());
        attention = new Attention(weights, name, encoder.heads(), encoder.layerScale() ? name + FIRST_SCALE : null);
        norm2 = new LayerNorm(weights, name + SECOND_NORM, encoder.epsilon());
        mlp = new Mlp(weights, name, encoder, encoder.layerScale() ? name + SECOND_SCALE : null);
    }

    /** Returns what the names of a block's tensors begin with. */
    static String name(int index) {
        return ALL + index + ".";
    }

    /**
     * Computes queries, keys and values, the input of the attention.
     *
     * @param x {@code [B, T, C]}, left as it is
     * @return {@code [B, T, 3 C]}, valid until the next call with this workspace
     */
    Tensor qkv(Tensor x, Workspace workspace) {
        return attention.qkv(norm1.of(x, workspace), workspace);
    }

    /**
     * Passes tokens through the block, in place.
     *
     * @param qkv of {@link #qkv} for these tokens
     */
    void forward(Tensor x, Tensor qkv, Workspace workspace) {
        attention.addTo(x, qkv, workspace);
        mlp.addTo(x, norm2.of(x, workspace), workspace);
    }
}
