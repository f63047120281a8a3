package org.stegokernels.device.opencl;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory. */
final class OpenClBuffer implements Tensor.Buffer {
    private final OpenClContext context;
    private final ElementType type;
    private final int length;
    private final OpenClMemory memory;
    private boolean closed;

    OpenClBuffer(OpenClContext context, ElementType type, int length, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        memory = new OpenClMemory(context, (long) length * type.bytes(), what);
        context.fill(memory, 0, 0, length);
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
        }
    }
}
