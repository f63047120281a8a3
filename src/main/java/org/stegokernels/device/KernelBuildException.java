package org.stegokernels.device;

/**
 * A device refused a kernel: its compiler, then the message has the first lines of its log, or at the launch, in groups of
 * the size that was asked for.
 */
public final class KernelBuildException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public KernelBuildException(String message, Throwable cause) {
        super(message, cause);
    }
}
