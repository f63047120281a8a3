package org.stegokernels.report;

import java.util.List;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Evaluator.Extremes;
import org.stegokernels.eval.Evaluator.Seen;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.Overlay;
import org.stegokernels.report.HtmlReport.Section;
import org.stegokernels.stego.Segmenter.Options.Probe;

/** For each class the photographs in which it is surest and least sure. */
final class CertaintySection {
    private static final float JPEG_QUALITY = 0.7f;

    private CertaintySection() {}

    /** @param evaluated with extremes of a probe; those of the clusters are shown, where there are any */
    static Section of(Evaluator.Result evaluated, DatasetClasses classes) {
        boolean clusters = evaluated.extremes().containsKey(Probe.CLUSTER);
        List<Extremes> extremes = evaluated.extremes().get(clusters ? Probe.CLUSTER : Probe.LINEAR);
        StringBuilder html = new StringBuilder("<p class=\"note\">The photographs in which the "
                + (clusters ? "clusters are" : "linear probe is") + " surest of a class, and those in which "
                + (clusters ? "they are" : "it is")
                + " least sure: by the mean probability over the pixels that got it,"
                + " at least 1 % of the photograph. The least sure are worth a look, and a label.</p>\n");
        for (int id = 0; id < classes.count(); id++) {
            Extremes of = extremes.get(id);
            if (!of.most().isEmpty()) {
                int color = classes.palette().color(id);
                html.append("<h3>")
                        .append(Html.chip(color))
                        .append(Html.text(classes.names().get(id)))
                        .append("</h3>\n<div class=\"sure\">\n");
                add(html, "Most sure", of.most(), color, classes.names().get(id));
                add(html, "Least sure", of.least(), color, classes.names().get(id));
                html.append("</div>\n");
            }
        }
        return new Section("certainty", "Most and least sure", html.toString());
    }

    private static void add(StringBuilder html, String title, List<Seen> seen, int color, String name) {
        if (seen.isEmpty()) {
            return;
        }
        html.append("<div><b>").append(title).append("</b>\n");
        for (Seen each : seen) {
            html.append("<figure><img loading=\"lazy\" src=\"")
                    .append(Html.jpegUri(
                            Overlay.render(each.image(), each.where(), new Palette(new int[] {color}))
                                    .toImage(),
                            JPEG_QUALITY))
                    .append("\" alt=\"")
                    .append(Html.text(name + " in " + each.id()))
                    .append("\"/><figcaption><span>")
                    .append(Html.percent(each.confidence()))
                    .append(" % sure</span>, ")
                    .append(Html.percent(each.share()))
                    .append(" % of ")
                    .append(Html.text(each.id()))
                    .append("</figcaption></figure>\n");
        }
        html.append("</div>\n");
    }
}
