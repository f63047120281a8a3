package org.stegokernels.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.stegokernels.eval.Evaluator.PrecisionRecall;
import org.stegokernels.report.HtmlReport.Section;

/** Precision against recall of correspondences (Hamilton et al. 2022, figure 2). */
final class CorrespondenceSection {
    private CorrespondenceSection() {}

    static Section of(List<PrecisionRecall> curves) {
        List<Charts.Series> series = curves.stream()
                .map(curve -> new Charts.Series(label(curve), ended(curve.recall()), ended(curve.precision())))
                .toList();
        String figures = curves.stream().map(CorrespondenceSection::label).collect(Collectors.joining("; "));
        String note = String.format(
                Locale.ROOT,
                "<p class=\"note\">Two points of one image, drawn at random %,d times: does their similarity tell whether"
                        + " they are of one class? %s%% of them are, which is the precision of a guess. AP: average"
                        + " precision.</p>\n",
                curves.get(0).pairs(),
                Html.percent(curves.get(0).positives()));
        return new Section(
                "correspondences",
                "Correspondences",
                note
                        + Charts.lines(
                                "recall",
                                "precision",
                                series,
                                Charts.Range.SHARES,
                                "Precision over recall. " + figures + "."));
    }

    /** Returns the values with the last one twice: of values in equal steps XChart makes the ticks, 0.1016 among them. */
    private static double[] ended(double[] values) {
        double[] ended = Arrays.copyOf(values, values.length + 1);
        ended[values.length] = values.length == 0 ? 0 : values[values.length - 1];
        return ended;
    }

    private static String label(PrecisionRecall curve) {
        return curve.name() + ", AP " + Html.percent(curve.averagePrecision()) + " %";
    }
}
