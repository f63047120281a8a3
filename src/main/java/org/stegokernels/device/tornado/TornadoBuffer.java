package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory. */
final class TornadoBuffer implements Tensor.Buffer {
    private final TornadoContext context;
    private final ElementType type;
    private final int length;
    private final Block block;
    private boolean closed;

    TornadoBuffer(TornadoContext context, ElementType type, int length, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        block = context.take(type, length, what);
        if (type == ElementType.F32) {
            context.fill(block.start(), length, 0f);
        } else {
            context.fill(block.start(), length, 0);
        }
    }

    /** Returns the memory of a tensor of this family of devices. */
    static Block memory(Tensor tensor) {
        return ((TornadoBuffer) tensor.buffer()).block;
    }

    @Override
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the tensor is closed");
        }
        return context;
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void close() {
        synchronized (context) {
            block.close();
            closed = true;
        }
    }
}
