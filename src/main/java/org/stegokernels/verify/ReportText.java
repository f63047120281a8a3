package org.stegokernels.verify;

import java.util.Locale;

/** A report as an aligned table. Line by line, so that results can be shown while the run goes on. */
public final class ReportText {
    private static final String LINE = "%-43s %-11s %9s %9s  %-11s %s";

    private ReportText() {}

    /** The heading of the table. */
    public static String header() {
        return line("check", "device", "error", "tolerance", "result", "").stripTrailing();
    }

    /** One check. */
    public static String line(CheckResult result) {
        return line(
                        result.name(),
                        result.device(),
                        number(result.error()),
                        number(result.tolerance()),
                        result.status().name().replace('_', ' '),
                        result.detail().replaceAll("[\\s\\p{Cntrl}]+", " "))
                .stripTrailing();
    }

    /** The last line: how many ended how, or that none was wanted. */
    public static String summary(VerifyReport report) {
        if (report.results().isEmpty()) {
            return "no check has such a name";
        }
        return String.format(
                Locale.ROOT,
                "%s (%s): %d passed, %d failed, %d not covered",
                report.device(),
                report.description(),
                report.count(CheckResult.Status.PASS),
                report.count(CheckResult.Status.FAIL),
                report.count(CheckResult.Status.NOT_COVERED));
    }

    private static String line(Object... columns) {
        return String.format(Locale.ROOT, LINE, columns);
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
}
