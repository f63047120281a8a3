package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** A Java array. */
final class CpuBuffer implements Tensor.Buffer {
    private final CpuDevice owner;
    private final ElementType type;
    private final int length;
    private float[] floats;
    private int[] ints;

    CpuBuffer(CpuDevice owner, ElementType type, int length) {
        this.owner = owner;
        this.type = type;
        this.length = length;
        if (type == ElementType.F32) {
            floats = new float[length];
        } else {
            ints = new int[length];
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
