package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory, or a part of it. */
final class TornadoBuffer implements Tensor.Buffer {
    private final TornadoContext context;
    private final ElementType type;
    private final int length;
    private final Block block;
    /** Null unless this is a part. */
    private final Tensor.Buffer whole;

    private boolean closed;

    TornadoBuffer(TornadoContext context, ElementType type, int length, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        this.whole = null;
        block = context.take(type, length, what);
        if (type == ElementType.F32) {
            context.fill(block.start(), length, 0f);
        } else {
            context.fill(block.start(), length, 0);
        }
    }

    /** Makes a part of a buffer, from an element on to its end; closing it closes the buffer. */
    TornadoBuffer(TornadoBuffer whole, int first) {
        this.context = whole.context;
        this.type = whole.type;
        this.length = whole.length - first;
        this.whole = whole;
        block = new Block(whole.block, first);
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
            if (whole != null) {
                whole.close();
            }
        }
    }
}
