package org.stegokernels.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.stegokernels.eval.Calibration;
import org.stegokernels.report.HtmlReport.Section;
import org.stegokernels.stego.Segmenter.Options.Probe;

/** The reliability diagram: accuracy over confidence (Guo et al. 2017, figure 1). */
final class CalibrationSection {
    /** The share of right pixels that a threshold is named for. */
    private static final double GOAL = 0.9;

    private CalibrationSection() {}

    static Section of(Map<Probe, Calibration> calibrations) {
        List<Charts.Series> series = new ArrayList<>();
        calibrations.forEach((probe, calibration) -> series.add(series(name(probe), calibration)));
        String figures = calibrations.entrySet().stream()
                .map(each -> name(each.getKey()) + ", " + figures(each.getValue()))
                .collect(Collectors.joining("; "));
        String thresholds = calibrations.entrySet().stream()
                .map(each -> name(each.getKey()) + ": " + threshold(each.getValue()))
                .collect(Collectors.joining(" "));
        series.add(new Charts.Series("perfect", new double[] {0, 0.5, 1, 1}, new double[] {0, 0.5, 1, 1}));
        return new Section(
                "calibration",
                "Calibration",
                "<p class=\"note\">Are as many pixels right as the confidence of their prediction promises? Below the"
                        + " diagonal the model is too sure of itself. ECE: expected calibration error, the mean distance"
                        + " from it, over " + Calibration.BINS + " bins of equal width. AUROC: how often a right pixel"
                        + " has more confidence than a wrong one; 50 % is a guess.</p>\n<p>"
                        + figures + "</p>\n<p>" + thresholds + "</p>\n"
                        + Charts.lines(
                                "confidence",
                                "accuracy",
                                series,
                                Charts.Range.SHARES,
                                "Reliability diagram, accuracy over confidence. " + figures + "."));
    }

    /** Returns what a threshold on the confidence is worth, and that it is to be taken from here rather than at face value. */
    private static String threshold(Calibration calibration) {
        double confidence = 0;
        double right = 0;
        double above = 0;
        double kept = 0;
        int bins = calibration.bins().size();
        int first = bins;
        for (int i = bins - 1; i >= 0; i--) {
            Calibration.Bin bin = calibration.bins().get(i);
            if (bin.pixels() > 0) {
                above += bin.pixels();
                confidence += bin.pixels() * bin.confidence();
                right += bin.pixels() * bin.accuracy();
                if (right >= GOAL * above) {
                    first = i;
                    kept = above;
                }
            }
        }
        String means = "mean confidence " + Html.percent(confidence / above) + " %, accuracy "
                + Html.percent(right / above) + " %. ";
        return means
                + (kept == 0
                        ? "No threshold makes " + Math.round(100 * GOAL) + " % of the pixels right."
                        : String.format(
                                Locale.ROOT,
                                "With --unsure %.2f, at least %.0f %% of the pixels that are left are right; %s %% of all are left.",
                                (double) first / bins,
                                100 * GOAL,
                                Html.percent(kept / above)));
    }

    private static Charts.Series series(String name, Calibration calibration) {
        List<Calibration.Bin> filled =
                calibration.bins().stream().filter(bin -> bin.pixels() > 0).toList();
        return new Charts.Series(
                name,
                filled.stream().mapToDouble(Calibration.Bin::confidence).toArray(),
                filled.stream().mapToDouble(Calibration.Bin::accuracy).toArray());
    }

    private static String name(Probe probe) {
        return probe == Probe.CLUSTER ? "clusters" : "linear probe";
    }

    private static String figures(Calibration calibration) {
        return "ECE " + Html.percent(calibration.expectedError()) + " %, AUROC " + Html.percent(calibration.auroc())
                + " %";
    }
}
