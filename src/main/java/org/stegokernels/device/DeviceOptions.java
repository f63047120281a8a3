package org.stegokernels.device;

/**
 * How to open a device.
 *
 * @param threads worker threads of a CPU device; 0 means one for each available processor
 * @param guards whether every buffer is followed by a guard zone that {@link Device#checkGuards()} examines; used by
 *     {@code verify} and the tests
 * @param profile whether {@link Device#kernelTimes()} is wanted; costs a little time for each kernel
 * @param precision of linear layers; a device that does not offer it can't be opened
 */
public record DeviceOptions(int threads, boolean guards, boolean profile, Precision precision) {
    public static final DeviceOptions DEFAULT = new DeviceOptions(0, false);

    public DeviceOptions(int threads, boolean guards) {
        this(threads, guards, false, Precision.FP32);
    }

    public DeviceOptions withPrecision(Precision other) {
        return new DeviceOptions(threads, guards, profile, other);
    }

    public DeviceOptions withProfile(boolean wanted) {
        return new DeviceOptions(threads, guards, wanted, precision);
    }

    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads must be 0 (all) or more, not " + threads);
        }
    }
}
