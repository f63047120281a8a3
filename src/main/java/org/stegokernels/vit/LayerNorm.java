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

    /** Normalises tokens for a layer; the result is valid until the workspace's mixed memory is written again. */
    Tensor of(Tensor x, Workspace workspace) {
        return into(workspace.mixed(x), x, workspace);
    }

    /** Normalises the tokens that leave the network; the result is valid until the next call with this workspace. */
    Tensor last(Tensor x, Workspace workspace) {
        return into(workspace.normed(x), x, workspace);
    }

    private Tensor into(Tensor out, Tensor x, Workspace workspace) {
        workspace.kernels().layerNorm(x, gamma, beta, epsilon, out);
        return out;
    }
}
