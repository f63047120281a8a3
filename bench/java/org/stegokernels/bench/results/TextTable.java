package org.stegokernels.bench.results;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The measurements of a run of JMH, a line for each benchmark: JMH's own table has one for each metric. */
public final class TextTable {
    private TextTable() {}

    public static void print(Measurements measurements, PrintStream out) {
        List<Measurement> all = measurements.all().toList();
        int width = all.stream().mapToInt(each -> label(each).length()).max().orElse(0);
        out.printf(
                "%n%-" + width + "s %12s %5s %9s %7s %9s %8s%n",
                "",
                "median",
                "+-",
                "GFLOP/s",
                "GB/s",
                "roofline",
                "of GEMM");
        for (Measurement each : all) {
            out.printf(
                    Locale.ROOT,
                    "%-" + width + "s %12s %4.0f%% %9s %7s %9s %8s%s%n",
                    label(each),
                    Format.time(each.median()),
                    100 * each.spread(),
                    Format.metric(each, "rate", ""),
                    Format.metric(each, "traffic", ""),
                    Format.metric(each, "roofline", "%"),
                    Format.metric(each, "ofGemm", "%"),
                    each.isBusy() ? "  (busy machine)" : "");
        }
    }

    private static String label(Measurement each) {
        return each.name() + " " + each.paramsText() + " " + each.device();
    }
}
