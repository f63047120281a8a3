package org.stegokernels.device;

/** A device that was asked for is not there, or failed. The message names the device and the remedy. */
public class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes one whose message says what failed and what to do. */
    public DeviceException(String message) {
        super(message);
    }

    /** Makes one as {@link #DeviceException(String)}, with the failure behind it. */
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }

    /** There is no such device here, or nothing that could drive one. */
    public static final class NotFound extends DeviceException {
        private static final long serialVersionUID = 1L;

        /** Makes one whose message says which devices there are, or why there is none. */
        public NotFound(String message) {
            super(message);
        }
    }

    /** A device stopped working, or did so before: what was on it is gone, and it has to be opened again. */
    public static final class Lost extends DeviceException {
        private static final long serialVersionUID = 1L;

        /** Makes one whose message names the device. */
        public Lost(String message) {
            super(message);
        }

        /** Makes one with the failure of the driver. */
        public Lost(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A device refused a kernel: its compiler, then the message has the first lines of its log, or at the launch, in groups of
     * the size that was asked for.
     */
    public static final class KernelBuild extends DeviceException {
        private static final long serialVersionUID = 1L;

        /** Makes one with the failure of the driver. */
        public KernelBuild(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A device has not the memory that is asked for. The message gives both sizes. */
    public static final class OutOfMemory extends DeviceException {
        private static final long serialVersionUID = 1L;

        /** Makes one whose message gives both sizes. */
        public OutOfMemory(String message) {
            super(message);
        }

        /** Makes one with the failure of the driver. */
        public OutOfMemory(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
