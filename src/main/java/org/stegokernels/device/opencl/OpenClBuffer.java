package org.stegokernels.device.opencl;

import org.jocl.Pointer;
import org.jocl.cl_mem;
import org.stegokernels.tensor.DeviceBuffer;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Tensor;

/** Zeroed device memory, with a guard zone behind it if the device was opened with guards. */
final class OpenClBuffer implements DeviceBuffer {
    private static final int GUARD = 64;
    private static final int SENTINEL = 0x7fc0_dead;

    private final OpenClContext context;
    private final ElementType type;
    private final int length;
    private final boolean guarded;
    private cl_mem memory;

    OpenClBuffer(OpenClContext context, ElementType type, int length, boolean guarded, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        this.guarded = guarded;
        long total = (long) length + (guarded ? GUARD : 0);
        memory = context.pool().take(total * type.bytes(), what);
        context.fill(memory, 0, 0, length);
        context.fill(memory, SENTINEL, length, total);
        context.pool().buffers().add(this);
        context.pool().count(bytes());
    }

    /** The memory of a tensor of this family of devices. */
    static cl_mem memory(Tensor tensor) {
        return ((OpenClBuffer) tensor.buffer()).memory();
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
        return context;
    }

    cl_mem memory() {
        if (memory == null) {
            throw new IllegalStateException("the tensor is closed");
        }
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
            if (memory != null) {
                cl_mem closing = memory;
                memory = null;
                context.pool().buffers().remove(this);
                context.pool().giveBack(closing, bytes());
            }
        }
    }
}
