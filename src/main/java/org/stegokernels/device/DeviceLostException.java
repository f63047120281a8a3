package org.stegokernels.device;

/** A device stopped working, or did so before: what was on it is gone, and it has to be opened again. */
public final class DeviceLostException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public DeviceLostException(String message) {
        super(message);
    }

    public DeviceLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
