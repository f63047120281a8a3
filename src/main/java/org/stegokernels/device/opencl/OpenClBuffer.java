package org.stegokernels.device.opencl;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory, or a part of it. */
final class OpenClBuffer implements Tensor.Buffer {
    private final OpenClContext context;
    private final ElementType type;
    private final int length;
    private final OpenClMemory memory;
    /** Null unless this is a part. */
    private final Tensor.Buffer whole;

    private boolean closed;

    OpenClBuffer(OpenClContext context, ElementType type, int length, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        this.whole = null;
        memory = new OpenClMemory(context, type, length, what);
        context.clear(memory);
    }

    /**
     * Makes a part of a buffer, from an element on to its end, of a type that may be another; closing it closes the
     * buffer.
     */
    OpenClBuffer(OpenClBuffer whole, int first, ElementType type) {
        this.context = whole.context;
        this.type = type;
        this.whole = whole;
        memory = new OpenClMemory(whole.memory, (long) first * whole.type.bytes(), type);
        this.length = (int) (memory.bytes() / type.bytes());
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
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the tensor is closed");
        }
        return context;
    }

    OpenClMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        synchronized (context) {
            memory.close();
            closed = true;
            if (whole != null) {
                whole.close();
            }
        }
    }
}
