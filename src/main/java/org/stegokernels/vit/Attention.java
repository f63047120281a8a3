package org.stegokernels.vit;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/** Multi-head self-attention of a block, with its projection (Vaswani et al. 2017). */
final class Attention {
    static final String QKV = "attn.qkv";
    static final String PROJECTION = "attn.proj";

    private final LinearWeights toQkv;
    private final LinearWeights projection;
    private final int heads;

    /** @param scale the tensor with the factors of a layer scale; null for none */
    Attention(DeviceWeights weights, String block, int heads, String scale) {
        this.heads = heads;
        toQkv = weights.linear(block + QKV);
        projection = weights.linear(block + PROJECTION, scale);
    }

    /**
     * Computes queries, keys and values.
     *
     * @param normed tokens after the block's first layer norm, {@code [B, T, C]}
     * @return {@code [B, T, 3 C]}, valid until the next call with this workspace
     */
    Tensor qkv(Tensor normed, Workspace workspace) {
        Tensor qkv = workspace.qkv(normed);
        workspace.kernels().linear(normed, toQkv, Activation.NONE, null, qkv);
        return qkv;
    }

    /** Adds the projected attention to tokens: {@code x += projection(attention(qkv))}. */
    void addTo(Tensor x, Tensor qkv, Workspace workspace) {
        Tensor attended = workspace.attended(x);
        workspace.kernels().attention(qkv, heads, attended);
        workspace.kernels().linear(attended, projection, Activation.NONE, x, x);
    }
}
