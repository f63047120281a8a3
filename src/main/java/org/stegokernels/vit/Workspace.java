package org.stegokernels.vit;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/** Memory for intermediate results that all blocks share, one after the other. */
final class Workspace implements AutoCloseable {
    private final Device device;
    private final GrowingBuffer tokens;
    /** Tokens after a layer norm, and attention's output: neither is needed any more when the other is written. */
    private final GrowingBuffer mixed;

    private final GrowingBuffer qkv;
    private final GrowingBuffer hidden;
    private final GrowingBuffer gated;

    Workspace(Device device) {
        this.device = device;
        tokens = new GrowingBuffer(device);
        mixed = new GrowingBuffer(device);
        qkv = new GrowingBuffer(device);
        hidden = new GrowingBuffer(device);
        gated = new GrowingBuffer(device);
    }

    Kernels kernels() {
        return device.kernels();
    }

    /** Returns room for the tokens of a batch, {@code [B, T, C]}. */
    Tensor tokens(int batch, int count, int channels) {
        return tokens.view(batch, count, channels);
    }

    /** Returns room for as many values as the tokens have. */
    Tensor mixed(Tensor tokens) {
        return mixed.view(tokens.shape().dims());
    }

    /** Returns room for queries, keys and values, {@code [B, T, 3 C]}. */
    Tensor qkv(Tensor tokens) {
        return perToken(qkv, tokens, 3 * tokens.shape().dim(-1));
    }

    /** Returns room for the first layer of an MLP, {@code [B, T, channels]}. */
    Tensor hidden(Tensor tokens, int channels) {
        return perToken(hidden, tokens, channels);
    }

    /** Returns room for what a gate lets through, {@code [B, T, channels]}. */
    Tensor gated(Tensor tokens, int channels) {
        return perToken(gated, tokens, channels);
    }

    private static Tensor perToken(GrowingBuffer buffer, Tensor tokens, int channels) {
        Shape shape = tokens.shape();
        return buffer.view(shape.dim(0), shape.dim(1), channels);
    }

    @Override
    public void close() {
        for (GrowingBuffer buffer : List.of(tokens, mixed, qkv, hidden, gated)) {
            buffer.close();
        }
    }
}
