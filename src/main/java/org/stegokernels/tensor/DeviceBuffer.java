package org.stegokernels.tensor;

/** Memory on one device. Only the device that made it knows what is inside. */
public interface DeviceBuffer extends AutoCloseable {
    ElementType type();

    /** Capacity in elements. */
    int length();

    /** What stands for the device that made it: the same object for all its buffers, and for none of another's. */
    Object owner();

    /** Frees the memory. A second call does nothing. */
    @Override
    void close();
}
