package org.stegokernels.device.opencl;

import org.jocl.Pointer;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory, with a guard zone after it if the device was opened with guards. */
final class OpenClBuffer implements Tensor.Buffer {
    private static final int GUARD = 64;
    private static final int SENTINEL = 0x7fc0_dead;

    private final OpenClContext context;
    private final ElementType type;
    private final int length;
    private final boolean guarded;
    private final OpenClMemory memory;
    private boolean closed;

    OpenClBuffer(OpenClContext context, ElementType type, int length, boolean guarded, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        this.guarded = guarded;
        long total = (long) length + (guarded ? GUARD : 0);
        memory = new OpenClMemory(context, total * type.bytes(), bytes(), what);
        context.fill(memory, 0, 0, length);
        context.fill(memory, SENTINEL, length, total);
        context.pool().buffers().add(this);
    }

    private long bytes() {
        return (long) length * type.bytes();
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

    boolean guardIntact() {
        if (!guarded) {
            return true;
        }
        int[] zone = new int[GUARD];
        context.read(memory, bytes(), (long) GUARD * Integer.BYTES, Pointer.to(zone));
        for (int word : zone) {
            if (word != SENTINEL) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        synchronized (context) {
            context.pool().buffers().remove(this);
            memory.close();
            closed = true;
        }
    }
}
