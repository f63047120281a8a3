package org.stegokernels.tensor;

/** Memory on one device. Only the device that made it knows what is inside. */
public interface DeviceBuffer extends AutoCloseable {
    ElementType type();

    /** Capacity in elements. */
    int length();

    /**
     * Returns the object that stands for the device that made it: the same for all its buffers, and for none of another's.
     *
     * @throws IllegalStateException if it is closed
     */
    Object owner();

    /** Frees the memory. A second call does nothing. */
    @Override
    void close();
}
