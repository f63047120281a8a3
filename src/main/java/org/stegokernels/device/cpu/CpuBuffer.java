package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** A Java array, with a guard zone after it if the device was opened with guards. */
final class CpuBuffer implements Tensor.Buffer {
    private static final int GUARD = 64;
    private static final int SENTINEL = 0x7fc0_dead;

    private final CpuDevice owner;
    private final ElementType type;
    private final int length;
    private float[] floats;
    private int[] ints;

    CpuBuffer(CpuDevice owner, ElementType type, int length, boolean guarded) {
        this.owner = owner;
        this.type = type;
        this.length = length;
        int total = length + (guarded ? GUARD : 0);
        if (type == ElementType.F32) {
            floats = new float[total];
            Arrays.fill(floats, length, total, Float.intBitsToFloat(SENTINEL));
        } else {
            ints = new int[total];
            Arrays.fill(ints, length, total, SENTINEL);
        }
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
        if (floats == null && ints == null) {
            throw new IllegalStateException("the tensor is closed");
        }
        return owner;
    }

    float[] floats() {
        if (floats == null) {
            throw new IllegalStateException("not an open float tensor");
        }
        return floats;
    }

    int[] ints() {
        if (ints == null) {
            throw new IllegalStateException("not an open integer tensor");
        }
        return ints;
    }

    boolean guardIntact() {
        if (type == ElementType.F32) {
            for (int i = length; i < floats.length; i++) {
                if (Float.floatToRawIntBits(floats[i]) != SENTINEL) {
                    return false;
                }
            }
        } else {
            for (int i = length; i < ints.length; i++) {
                if (ints[i] != SENTINEL) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public void close() {
        synchronized (owner) {
            if (floats != null || ints != null) {
                floats = null;
                ints = null;
                owner.released(this);
            }
        }
    }
}
