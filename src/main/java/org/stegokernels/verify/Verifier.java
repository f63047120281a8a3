package org.stegokernels.verify;

import java.util.function.Consumer;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.verify.random.RandomChecks;
import org.stegokernels.verify.reference.ReferenceChecks;

/**
 * Holds a device against the reference vectors and the {@link Oracle}: the tool a porter lives in. Every check is
 * independent of the others, and none ends the run.
 */
public final class Verifier {
    private Verifier() {}

    /**
     * Opens the device with guard zones, checks it and closes it.
     *
     * @param threads as {@link Device.Options#threads()}
     * @throws org.stegokernels.device.DeviceException if the device can't be opened
     */
    public static VerifyReport verify(
            Devices.Choice choice, int threads, VerifyOptions options, Consumer<CheckResult> listener) {
        return verify(choice, new Device.Options(threads, true), options, listener);
    }

    /** The same in a precision of the device's: its own tolerance holds for what is computed in 16 bits. */
    public static VerifyReport verify(
            Devices.Choice choice, Device.Options opened, VerifyOptions options, Consumer<CheckResult> listener) {
        try (Device device = choice.open(opened)) {
            return verify(device, options, listener);
        }
    }

    /**
     * Checks an open device. Overruns are found only if it was opened with guards.
     *
     * @param listener hears each result as soon as it is known
     */
    public static VerifyReport verify(Device device, VerifyOptions options, Consumer<CheckResult> listener) {
        Checks checks = new Checks(device, options.only(), listener);
        ReferenceChecks.run(options.reference(), checks);
        RandomChecks.run(options.rounds(), options.seed(), checks);
        return new VerifyReport(device.id(), device.description(), options.seed(), checks.results());
    }
}
