package org.stegokernels.device;

/** There is no such device here, or nothing that could drive one. */
public final class DeviceNotFoundException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public DeviceNotFoundException(String message) {
        super(message);
    }
}
