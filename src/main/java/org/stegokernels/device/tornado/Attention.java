package org.stegokernels.device.tornado;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernel of this name. */
final class Attention implements OwnOperations.Attention {
    private static final int QUERIES = org.stegokernels.tornado.Attention.QUERIES;
    private static final int CHANNELS = org.stegokernels.tornado.Attention.CHANNELS;

    private final TornadoContext context;

    Attention(TornadoContext context) {
        this.context = context;
    }

    @Override
    public void run(Tensor qkv, int heads, Tensor out) {
        int tokens = qkv.shape().dim(1);
        int depth = out.shape().dim(2) / heads;
        int allHeads = qkv.shape().dim(0) * heads;
        long blocks = (tokens + QUERIES - 1) / QUERIES;
        context.call(Kernel.ATTENTION)
                .with(qkv)
                .with(tokens)
                .with(heads)
                .with(depth)
                .with((float) (1 / Math.sqrt(depth)))
                .with(out)
                .does(4.0 * allHeads * tokens * tokens * depth, KernelTime.bytes(qkv, out))
                .overGroups(blocks * ((depth + CHANNELS - 1) / CHANNELS), allHeads);
    }
}
