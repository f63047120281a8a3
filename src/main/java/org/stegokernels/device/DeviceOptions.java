package org.stegokernels.device;

/**
 * How to open a device.
 *
 * @param threads worker threads of a CPU device; 0 means one for each available processor
 * @param guards whether every buffer is followed by a guard zone that {@link Device#checkGuards()} examines; used by
 *     {@code verify} and the tests
 */
public record DeviceOptions(int threads, boolean guards) {
    public static final DeviceOptions DEFAULT = new DeviceOptions(0, false);

    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads must be 0 (all) or more, not " + threads);
        }
    }
}
