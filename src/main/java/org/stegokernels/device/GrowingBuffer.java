package org.stegokernels.device;

import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Memory for intermediate results of changing size: it grows to the largest size asked for and stays, so that a
 * thousand images allocate no more than the largest of them.
 */
public final class GrowingBuffer implements AutoCloseable {
    private final Device device;
    private final ElementType type;
    private Tensor memory;

    /** Makes a buffer of floats, without memory yet. */
    public GrowingBuffer(Device device) {
        this(device, ElementType.F32);
    }

    /** Makes a buffer without memory yet. */
    public GrowingBuffer(Device device, ElementType type) {
        this.device = device;
        this.type = type;
    }

    /**
     * Returns the memory under a shape; contents are undefined. Earlier views share it, and are closed if it has to grow.
     *
     * @throws DeviceException if the device has not enough memory; the buffer is empty then, and usable
     */
    public Tensor view(int... dims) {
        int size = Shape.of(dims).size();
        if (memory == null || memory.shape().size() < size) {
            close();
            memory = device.allocate(type, Shape.of(size));
        }
        return memory.view(dims);
    }

    /** Frees the memory; a later {@link #view} takes new. */
    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
