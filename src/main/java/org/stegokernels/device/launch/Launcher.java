package org.stegokernels.device.launch;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** A device that launches kernels, in the order in which they are started, on memory of its own. */
public interface Launcher {
    /**
     * Begins a launch.
     *
     * @param family the operation that the kernel belongs to: the name of the file where kernels lie in files
     * @param kernel the kernel's name
     */
    Launch launch(String family, String kernel);

    /**
     * Takes memory, contents undefined.
     *
     * @param what for the message if there is not so much
     * @throws org.stegokernels.device.DeviceException.OutOfMemory if the device has not enough
     */
    Memory allocate(ElementType type, long count, String what);

    /** The memory of a tensor that this device allocated. */
    Memory memory(Tensor tensor);

    /** Sets the first {@code count} elements of float memory. */
    void fill(Memory memory, long count, float value);

    /** Sets the first {@code count} elements of integer memory. */
    void fill(Memory memory, long count, int value);

    /** Waits for all launches so far, and reads one integer. */
    int readInt(Memory memory, int at);

    /** Floats that a kernel loads at once: rows that are read again and again are padded to whole vectors. */
    int vectorLength();

    /** Memory on a device that launches kernels: a tensor's, or that of a {@link Workspace}. Only its device knows where it is. */
    interface Memory extends AutoCloseable {
        /** Gives the memory back; closing twice is harmless. */
        @Override
        void close();
    }
}
