package org.stegokernels.vit;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/** The perceptron of a block: a linear layer, GELU or the gate of SwiGLU, and a second linear layer. */
final class Mlp {
    private final LinearWeights first;
    private final LinearWeights second;
    private final int hidden;
    private final boolean gated;

    /** @param scale the tensor with the factors of a layer scale; null for none */
    Mlp(DeviceWeights weights, String block, Architecture.Encoder encoder, String scale) {
        hidden = encoder.hidden();
        gated = encoder.mlp().gated();
        first = weights.linear(block + encoder.mlp().first());
        second = weights.linear(block + encoder.mlp().second(), scale);
    }

    /**
     * Adds the MLP's output to tokens: {@code x += second(gelu(first(normed)))}, or {@code x += second(silu(a) b)} with a
     * and b the halves of {@code first(normed)}.
     *
     * @param normed tokens after the block's second layer norm, {@code [B, T, C]}
     */
    void addTo(Tensor x, Tensor normed, Workspace workspace) {
        Tensor inner = gated ? gate(normed, workspace) : gelu(normed, workspace);
        workspace.kernels().linear(inner, second, Activation.NONE, x, x);
    }

    private Tensor gelu(Tensor normed, Workspace workspace) {
        Tensor inner = workspace.hidden(normed, hidden);
        workspace.kernels().linear(normed, first, Activation.GELU, null, inner);
        return inner;
    }

    private Tensor gate(Tensor normed, Workspace workspace) {
        Tensor halves = workspace.hidden(normed, 2 * hidden);
        workspace.kernels().linear(normed, first, Activation.NONE, null, halves);
        Tensor inner = workspace.gated(normed, hidden);
        workspace.kernels().swiGlu(halves, inner);
        return inner;
    }
}
