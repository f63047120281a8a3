package org.stegokernels.device;

/** The weights and bias of one linear layer in the layout its device multiplies best, made once at load. */
public interface LinearWeights extends AutoCloseable {
    /** Input channels, K. */
    int inputs();

    /** Output channels, N. */
    int outputs();

    /**
     * The {@link Device#monitor()} of the device that packed them.
     *
     * @throws IllegalStateException if they are closed
     */
    Object owner();

    @Override
    void close();
}
