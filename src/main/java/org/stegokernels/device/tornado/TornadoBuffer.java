package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Zeroed device memory, with a guard zone after it if the device was opened with guards. */
final class TornadoBuffer implements Tensor.Buffer {
    private static final int GUARD = 64;
    private static final int SENTINEL = 0x7fc0_dead;

    private final TornadoContext context;
    private final ElementType type;
    private final int length;
    private final boolean guarded;
    private final Block block;
    private boolean closed;

    TornadoBuffer(TornadoContext context, ElementType type, int length, boolean guarded, String what) {
        this.context = context;
        this.type = type;
        this.length = length;
        this.guarded = guarded;
        block = context.take(type, length, guarded ? GUARD : 0, what);
        fill(0, length, 0);
        if (guarded) {
            fill(length, GUARD, SENTINEL);
        }
        context.buffers().add(this);
    }

    private void fill(int from, int count, int bits) {
        if (type == ElementType.F32) {
            context.fill(block.start() + from, count, Float.intBitsToFloat(bits));
        } else {
            context.fill(block.start() + from, count, bits);
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

    boolean guardIntact() {
        if (!guarded) {
            return true;
        }
        int[] zone = new int[GUARD];
        context.read(type, block.start() + length, MemorySegment.ofArray(zone), GUARD);
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
            context.buffers().remove(this);
            block.close();
            closed = true;
        }
    }
}
