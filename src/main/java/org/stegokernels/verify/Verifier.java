package org.stegokernels.verify;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;

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
            Devices.Choice choice, int threads, Options options, Consumer<VerifyReport.Result> listener) {
        return verify(choice, new Device.Options(threads, true), options, listener);
    }

    /** As the other, opened as wanted: with 16 bits or relaxed arithmetic, the tolerance of that precision holds. */
    public static VerifyReport verify(
            Devices.Choice choice, Device.Options opened, Options options, Consumer<VerifyReport.Result> listener) {
        try (Device device = choice.open(opened)) {
            return verify(device, options, listener);
        }
    }

    /**
     * Checks an open device. Overruns are found only if it was opened with guards.
     *
     * @param listener called with each result as soon as it is known
     */
    public static VerifyReport verify(Device device, Options options, Consumer<VerifyReport.Result> listener) {
        Checks checks = new Checks(device, options.only(), listener);
        ReferenceChecks.run(options.reference(), checks);
        RandomChecks.run(options.rounds(), options.seed(), checks);
        return new VerifyReport(device.id(), device.description(), options.seed(), checks.results());
    }

    /**
     * The choice of checks.
     *
     * @param reference folder of reference vectors; null for those in the jar
     * @param rounds random shapes to draw for each operation; 0 for none
     * @param seed the same seed draws the same shapes and values
     * @param only checks whose name contains this, {@code *} standing for anything; empty for all
     */
    public record Options(Path reference, int rounds, long seed, String only) {
        public static final Options DEFAULT = new Options(null, 0, 0, "");

        public Options {
            if (rounds < 0) {
                throw new IllegalArgumentException("rounds must be 0 (none) or more, not " + rounds);
            }
        }

        public Options withReference(Path folder) {
            return new Options(folder, rounds, seed, only);
        }

        public Options withRandom(int newRounds, long newSeed) {
            return new Options(reference, newRounds, newSeed, only);
        }

        public Options withOnly(String pattern) {
            return new Options(reference, rounds, seed, pattern);
        }
    }
}
