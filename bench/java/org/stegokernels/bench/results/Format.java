package org.stegokernels.bench.results;

import java.util.Locale;

/** Numbers with three digits that mean something. */
final class Format {
    private Format() {}

    /** Returns a time in the unit that suits it. */
    static String time(double millis) {
        if (millis >= 1000) {
            return number(millis / 1000) + " s";
        }
        return millis >= 1 ? number(millis) + " ms" : number(1000 * millis) + " µs";
    }

    static String number(double value) {
        if (Math.abs(value) >= 100) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }

    /** Formats without decimals that are 0: a limit. */
    static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Returns a part as whole percent. */
    static String percent(double part) {
        return Math.round(100 * part) + "%";
    }

    /** Returns the median of a metric, or nothing. */
    static String metric(Measurement measurement, String label, String unit) {
        return measurement.has(label) ? number(measurement.median(label)) + unit : "";
    }
}
