package org.stegokernels.vit;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/** The perceptron of a block: a linear layer, a non-linearity, and a second linear layer. */
final class Mlp {
    private final LinearWeights first;
    private final LinearWeights second;
    private final int hidden;

    /** @param scale the tensor with the factors of a layer scale; null for none */
    Mlp(DeviceWeights weights, String block, Architecture.Encoder encoder, String scale) {
        hidden = encoder.hidden();
        first = weights.linear(block + encoder.mlp().first());
        second = weights.linear(block + encoder.mlp().second(), scale);
    }

    /**
     * Adds the MLP's output to tokens: {@code x += second(gelu(first(normed)))}.
     *
     * @param normed tokens after the block's second layer norm, {@code [B, T, C]}
     */
    void addTo(Tensor x, Tensor normed, Workspace workspace) {
        Tensor inner = workspace.hidden(x, hidden);
        workspace.kernels().linear(normed, first, Activation.GELU, null, inner);
        workspace.kernels().linear(inner, second, Activation.NONE, x, x);
    }
}
