package org.stegokernels.device.launch;

/** Memory on a device that launches kernels: a tensor's, or that of a {@link Workspace}. Only its device knows where it is. */
public interface Memory extends AutoCloseable {
    /** Gives the memory back; closing twice is harmless. */
    @Override
    void close();
}
