package org.stegokernels.vit;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Memory for intermediate results that all blocks share, one after the other: tokens in 32 bits, else the device's activations. */
final class Workspace implements AutoCloseable {
    private final Device device;
    private final GrowingBuffer tokens;
    /** Tokens after a layer norm, and attention's output: neither is needed any more when the other is written. */
    private final GrowingBuffer mixed;
    /** The tokens that leave the network: of that memory, too, unless it is in 16 bits. */
    private final GrowingBuffer normed;

    private final GrowingBuffer qkv;
    private final GrowingBuffer attended;
    private final GrowingBuffer hidden;
    private final GrowingBuffer gated;

    /** @param rotates whether positions rotate queries and keys: in 16 bits these would be rounded twice */
    Workspace(Device device, boolean rotates) {
        this.device = device;
        tokens = new GrowingBuffer(device);
        ElementType activations = device.activationType();
        mixed = new GrowingBuffer(device, activations);
        normed = activations == ElementType.F32 ? mixed : new GrowingBuffer(device);
        qkv = new GrowingBuffer(device, rotates ? ElementType.F32 : activations);
        attended = rotates ? new GrowingBuffer(device) : mixed;
        hidden = new GrowingBuffer(device, activations);
        gated = new GrowingBuffer(device, activations);
    }

    Kernels kernels() {
        return device.kernels();
    }

    /** Returns room for the tokens of a batch, {@code [B, T, C]}. */
    Tensor tokens(int batch, int count, int channels) {
        return tokens.view(batch, count, channels);
    }

    /** Returns room for the tokens that leave the network. */
    Tensor normed(Tensor tokens) {
        return normed.view(tokens.shape().dims());
    }

    /** Returns room for attention's output, {@code [B, T, C]}. */
    Tensor attended(Tensor tokens) {
        return attended.view(tokens.shape().dims());
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
        for (GrowingBuffer buffer : List.of(tokens, normed, mixed, qkv, attended, hidden, gated)) {
            buffer.close();
        }
    }
}
