package org.stegokernels.verify;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.text.JsonWriter;

/**
 * Holds a device against the reference vectors and the {@link Oracle}: the tool a porter lives in. Every check is
 * independent of the others, and none ends the run.
 */
public final class Verifier {
    private Verifier() {}

    /** Returns whether a device's name is that of a program: {@code exec:COMMAND}. */
    public static boolean isProgram(String device) {
        return device.startsWith(ExecProvider.PREFIX);
    }

    /**
     * Returns a program as a device: each operation is a request to it ({@code kernels/port/README.md}). It is started when
     * the device is opened.
     *
     * @param device {@code exec:COMMAND}; words with blanks stand in double quotes
     * @param timeoutSeconds how long an answer is waited for
     */
    public static Devices.Choice program(String device, int timeoutSeconds) {
        ExecProvider provider =
                new ExecProvider(device.substring(ExecProvider.PREFIX.length()).strip(), timeoutSeconds);
        return new Devices.Choice(provider, provider.info(), "asked for by name");
    }

    /**
     * Writes what the checks on random shapes would ask of a device as files, with what is expected and how far off it may be
     * ({@code kernels/port/README.md}).
     *
     * @param folder new or empty
     * @return the checks on the CPU, whose results are what is expected
     * @throws IOException if the folder is not empty, or can't be written to
     */
    public static Report export(Path folder, Options options, Consumer<Report.Result> listener) throws IOException {
        return CaseFiles.export(folder, options, listener);
    }

    /**
     * Checks the outputs that were written beside the files of an export.
     *
     * @param only as {@link Options#only()}
     * @throws IOException if the folder is none that was exported, or can't be read
     */
    public static Report outputs(Path folder, String only, Consumer<Report.Result> listener) throws IOException {
        return CaseFiles.judge(folder, only, listener);
    }

    /** Writes all operations with their arguments, shapes, flop and bytes as JSON: what a program can port. */
    public static void describe(OutputStream out) throws IOException {
        Operations.describe(out);
    }

    /**
     * Opens the device with guard zones, checks it and closes it.
     *
     * @param threads as {@link Device.Options#threads()}
     * @throws org.stegokernels.device.DeviceException if the device can't be opened
     */
    public static Report verify(Devices.Choice choice, int threads, Options options, Consumer<Report.Result> listener) {
        return verify(choice, new Device.Options(threads, true), options, listener);
    }

    /** As the other, opened as wanted: with 16 bits or relaxed arithmetic, the tolerance of that precision holds. */
    public static Report verify(
            Devices.Choice choice, Device.Options opened, Options options, Consumer<Report.Result> listener) {
        try (Device device = choice.open(opened)) {
            return verify(device, options, listener);
        }
    }

    /**
     * Checks an open device. Overruns are found only if it was opened with guards.
     *
     * @param listener called with each result as soon as it is known
     */
    public static Report verify(Device device, Options options, Consumer<Report.Result> listener) {
        Checks checks = new Checks(device, options.only(), true, listener);
        ReferenceChecks.run(options.reference(), checks);
        HardChecks.run(checks);
        NonFiniteChecks.run(checks);
        ContractChecks.run(checks);
        RandomChecks.run(options.rounds(), options.seed(), checks);
        if (options.rounds() > 0) {
            LargeChecks.run(checks);
        }
        return new Report(device.id(), device.description(), options.seed(), checks.results());
    }

    /**
     * The choice of checks.
     *
     * @param reference folder of reference vectors; null for those in the jar
     * @param rounds random shapes to draw for each operation; 0 for none
     * @param seed the same seed draws the same shapes and values
     * @param only checks whose name contains this, {@code *} standing for anything, case and underscores ignored; empty for
     *     all. The catalogue's names are understood, too: {@code normalizeGradient} is {@code ops/normalize.grad_x}
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

    /**
     * All results of one run, as JSON or as an aligned table; the table is made line by line, so that results can be shown
     * while the run goes on.
     *
     * @param device id of the device
     * @param description the device in words
     * @param seed the seed that the random shapes were drawn from
     */
    public record Report(String device, String description, long seed, List<Result> results) {
        private static final String LINE = "%-43s %-11s %9s %9s  %-11s %s";

        /** Returns whether something was checked, nothing failed and no operation was missing. */
        public boolean passed() {
            return count(Result.Status.PASS) > 0
                    && count(Result.Status.FAIL) == 0
                    && count(Result.Status.UNSUPPORTED) == 0;
        }

        /** Returns how many checks ended so. */
        public long count(Result.Status status) {
            return results.stream().filter(result -> result.status() == status).count();
        }

        /** Returns the heading of the table. */
        public static String header() {
            return line("check", "device", "error", "tolerance", "result", "");
        }

        /** Returns the last line of the table: how many checks ended how, or that none was wanted. */
        public String summary() {
            if (results.isEmpty()) {
                return "no check has such a name";
            }
            String counts = String.format(
                    Locale.ROOT,
                    "%s (%s): %d passed, %d failed, %d not covered",
                    device,
                    description,
                    count(Result.Status.PASS),
                    count(Result.Status.FAIL),
                    count(Result.Status.NOT_COVERED));
            long unsupported = count(Result.Status.UNSUPPORTED);
            return counts + (unsupported == 0 ? "" : ", " + unsupported + " unsupported") + ported();
        }

        /** Returns how many operations passed all their checks on random shapes; empty text if none was run. */
        private String ported() {
            Map<String, Boolean> operations = new LinkedHashMap<>();
            for (Result result : results) {
                if (result.name().startsWith(RandomChecks.PREFIX)) {
                    String operation = result.name().substring(RandomChecks.PREFIX.length());
                    operations.merge(operation, result.status() == Result.Status.PASS, Boolean::logicalAnd);
                }
            }
            long passed = operations.values().stream().filter(all -> all).count();
            return operations.isEmpty() ? "" : "; ported " + passed + " of " + operations.size() + " operations";
        }

        /**
         * Writes the report for machines: {@code device}, {@code description}, {@code seed}, {@code passed}, and {@code
         * checks}, each with {@code name}, {@code device}, {@code status} (pass, fail, unsupported, not covered), {@code error} and {@code
         * tolerance} (null if there is none) and {@code detail}. The stream stays open.
         */
        public void writeJson(OutputStream out) throws IOException {
            JsonWriter.print(out, json -> {
                json.field("device", device);
                json.field("description", description);
                json.field("seed", seed);
                json.field("passed", passed());
                json.beginList("checks");
                for (Result result : results) {
                    json.beginObject();
                    json.field("name", result.name());
                    json.field("device", result.device());
                    json.field("status", result.status().words().toLowerCase(Locale.ROOT));
                    json.field("error", finite(result.error()));
                    json.field("tolerance", finite(result.tolerance()));
                    json.field("detail", result.detail());
                    json.endObject();
                }
                json.endList();
            });
        }

        /** Returns null for NaN and the infinities, which JSON lacks. */
        private static Object finite(double value) {
            return Double.isFinite(value) ? value : null;
        }

        private static String line(Object... columns) {
            return String.format(Locale.ROOT, LINE, columns).stripTrailing();
        }

        private static String number(double value) {
            if (Double.isNaN(value)) {
                return "-";
            }
            return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
        }

        /**
         * The outcome of one check.
         *
         * @param name family, case and quantity: {@code vit_micro_p8/40x56/tokens.2}, {@code random/linear}
         * @param device id of the device that was checked
         * @param error the error in the measure that the tolerance is for; NaN if nothing could be measured
         * @param tolerance the largest error that passes; NaN if nothing is measured
         * @param detail where and why it failed, why it is not covered, or what was drawn; may be empty
         */
        public record Result(String name, String device, Status status, double error, double tolerance, String detail) {
            /** Returns the check's line of the table. */
            public String line() {
                return Report.line(
                        name,
                        device,
                        number(error),
                        number(tolerance),
                        status.words(),
                        detail.replaceAll("[\\s\\p{Cntrl}]+", " "));
            }

            /** The outcome of a check. */
            public enum Status {
                PASS,
                FAIL,
                /** The device says that it lacks an operation that is needed. */
                UNSUPPORTED,
                /** This version has nothing to hold against it. Neither passed nor failed. */
                NOT_COVERED;

                private String words() {
                    return name().replace('_', ' ');
                }
            }
        }
    }
}
