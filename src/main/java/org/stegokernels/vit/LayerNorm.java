package org.stegokernels.vit;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/** A layer norm over the channels of each token (Ba, Kiros and Hinton 2016). */
final class LayerNorm {
    private final Tensor gamma;
    private final Tensor beta;
    private final float epsilon;

    LayerNorm(DeviceWeights weights, String name, float epsilon) {
        this.gamma = weights.tensor(name + ".weight");
        this.beta = weights.tensor(name + ".bias");
        this.epsilon = epsilon;
    }

    /** Normalises tokens; the result is valid until the workspace's mixed memory is written again. */
    Tensor of(Tensor x, Workspace workspace) {
        Tensor out = workspace.mixed(x);
        workspace.kernels().layerNorm(x, gamma, beta, epsilon, out);
        return out;
    }
}
