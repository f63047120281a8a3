package org.stegokernels.bench.guard;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Judgements and spreads in lines, the worst first. */
final class GuardTable {
    private GuardTable() {}

    static void print(List<Judgement> judgements, PrintStream out) {
        out.printf("%-40s %9s %9s %8s %7s %6s%n", "path", "baseline", "now", "change", "+-", "forks");
        judgements.stream().sorted(GuardTable::compare).forEach(judgement -> out.println(line(judgement)));
    }

    /** Prints spreads, the widest first. */
    static void print(Map<String, Spread> spreads, PrintStream out) {
        out.printf("%-40s %9s %9s %10s%n", "path", "best", "worst", "best/worst");
        spreads.entrySet().stream()
                .sorted(Comparator.comparingDouble(each -> -each.getValue().factor()))
                .forEach(each -> out.println(line(each.getKey(), each.getValue())));
    }

    private static String line(String path, Spread spread) {
        return String.format(
                        Locale.ROOT,
                        "%-40s %9s %9s %10.2f  %s%s",
                        path,
                        ratio(spread.best()),
                        ratio(spread.worst()),
                        spread.factor(),
                        spread.wide() ? "WIDE" : "",
                        spread.busy() ? " (busy machine)" : "")
                .stripTrailing();
    }

    private static int compare(Judgement a, Judgement b) {
        return Double.compare(order(a), order(b));
    }

    private static double order(Judgement judgement) {
        return switch (judgement.verdict()) {
            case MISSING -> Double.NEGATIVE_INFINITY;
            case NEW -> Double.POSITIVE_INFINITY;
            default -> judgement.change();
        };
    }

    private static String line(Judgement judgement) {
        Estimate baseline = judgement.baseline();
        Estimate now = judgement.now();
        String words = switch (judgement.verdict()) {
            case HELD -> "";
            case FASTER -> "faster: time for guard --update";
            case DROPPED -> "SLOWER";
            case MISSING -> "NOT MEASURED ANY MORE: put it back, or guard --update";
            case NEW -> "no baseline yet: guard --update";
        };
        return String.format(
                        Locale.ROOT,
                        "%-40s %9s %9s %8s %7s %6d  %s%s",
                        judgement.path(),
                        baseline == null ? "" : ratio(baseline.level()),
                        now == null ? "" : ratio(now.level()),
                        baseline == null || now == null
                                ? ""
                                : String.format(Locale.ROOT, "%+.0f%%", 100 * judgement.change()),
                        now == null ? "" : String.format(Locale.ROOT, "%.0f%%", 100 * now.spread()),
                        judgement.forks(),
                        words,
                        judgement.busy() ? " (busy machine)" : "")
                .stripTrailing();
    }

    private static String ratio(double level) {
        return String.format(Locale.ROOT, "%.5f", level);
    }
}
