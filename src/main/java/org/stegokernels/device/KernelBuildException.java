package org.stegokernels.device;

/** A device's compiler refused a kernel. The message has the first lines of its log. */
public final class KernelBuildException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public KernelBuildException(String message, Throwable cause) {
        super(message, cause);
    }
}
