package org.stegokernels.verify;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.stegokernels.text.JsonWriter;

/**
 * All results of one run, as JSON or as an aligned table; the table is made line by line, so that results can be shown
 * while the run goes on.
 *
 * @param device id of the device
 * @param description the device in words
 * @param seed the seed that the random shapes were drawn from
 */
public record VerifyReport(String device, String description, long seed, List<Result> results) {
    private static final String LINE = "%-43s %-11s %9s %9s  %-11s %s";

    /** Returns whether something was checked and nothing failed. */
    public boolean passed() {
        return count(Result.Status.PASS) > 0 && count(Result.Status.FAIL) == 0;
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
        return String.format(
                Locale.ROOT,
                "%s (%s): %d passed, %d failed, %d not covered",
                device,
                description,
                count(Result.Status.PASS),
                count(Result.Status.FAIL),
                count(Result.Status.NOT_COVERED));
    }

    /**
     * Writes the report for machines: {@code device}, {@code description}, {@code seed}, {@code passed}, and {@code
     * checks}, each with {@code name}, {@code device}, {@code status} (pass, fail, not covered), {@code error} and {@code
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
            return VerifyReport.line(
                    name,
                    device,
                    number(error),
                    number(tolerance),
                    status.words(),
                    detail.replaceAll("[\\s\\p{Cntrl}]+", " "));
        }

        /** How a check ended. */
        public enum Status {
            PASS,
            FAIL,
            /** This version has nothing to hold against it. Neither passed nor failed. */
            NOT_COVERED;

            private String words() {
                return name().replace('_', ' ');
            }
        }
    }
}
