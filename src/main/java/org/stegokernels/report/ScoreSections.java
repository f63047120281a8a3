package org.stegokernels.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Scores;
import org.stegokernels.report.HtmlReport.Section;

/** The figures of an evaluation: headline, classes, confusion, frequencies. */
final class ScoreSections {
    /** Below this share a cell of the matrix stays empty. */
    private static final double SHOWN = 0.005;

    private static final int SIDE_BY_SIDE = 12;
    /** From this share on its text is set against the colour. */
    private static final double DARK = 0.55;

    private ScoreSections() {}

    static String tiles(Evaluator.Result evaluated) {
        StringBuilder html = new StringBuilder("<div class=\"tiles\">\n");
        evaluated.cluster().ifPresent(scores -> addTiles(html, "Clusters", scores));
        evaluated.linear().ifPresent(scores -> addTiles(html, "Linear probe", scores));
        return html.append("</div>\n").toString();
    }

    private static void addTiles(StringBuilder html, String probe, Scores scores) {
        addTile(html, probe + ": mIoU", scores.meanIou());
        addTile(html, probe + ": accuracy", scores.accuracy());
    }

    private static void addTile(StringBuilder html, String name, double share) {
        html.append("<div class=\"tile\"><b>")
                .append(Html.percent(share))
                .append("<small>%</small></b><span>")
                .append(name)
                .append("</span></div>\n");
    }

    static Section table(Evaluator.Result evaluation, DatasetClasses classes) {
        StringBuilder html = new StringBuilder(
                "<div class=\"scroll\"><table class=\"scores\">\n<thead><tr><th scope=\"col\">Class</th>"
                        + "<th scope=\"col\">Share of pixels, %</th>");
        evaluation.cluster().ifPresent(scores -> html.append("<th scope=\"col\">Clusters, IoU %</th>"));
        evaluation.linear().ifPresent(scores -> html.append("<th scope=\"col\">Linear probe, IoU %</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        ConfusionMatrix counts = any(evaluation).matrix();
        for (int id = 0; id < classes.count(); id++) {
            html.append("<tr><th scope=\"row\">")
                    .append(Html.chip(classes.palette().color(id)))
                    .append(Html.text(classes.names().get(id)))
                    .append("</th><td>")
                    .append(Html.percent(counts.labelled(id) / total(counts)))
                    .append("</td>");
            addIou(html, evaluation.cluster(), id, "bar");
            addIou(html, evaluation.linear(), id, "bar linear");
            html.append("</tr>\n");
        }
        return new Section(
                "classes", "Classes", html.append("</tbody>\n</table></div>").toString());
    }

    private static void addIou(StringBuilder html, Optional<Scores> scores, int id, String style) {
        if (scores.isEmpty()) {
            return;
        }
        double iou = scores.get().iou()[id];
        html.append("<td><span class=\"")
                .append(style)
                .append("\"><i style=\"width:")
                .append(String.format(Locale.ROOT, "%.1f", Double.isNaN(iou) ? 0 : 100 * iou))
                .append("%\"></i></span>")
                .append(Html.percent(iou))
                .append("</td>");
    }

    static Section matrices(Evaluator.Result evaluation, DatasetClasses classes) {
        StringBuilder html = new StringBuilder("<p class=\"note\">Each row is what a class was taken for, in percent of"
                + " its pixels; what is right is framed. Clusters stand for the classes they are matched with, one to"
                + " one.</p>\n");
        // Two large ones don't fit side by side.
        html.append(classes.count() <= SIDE_BY_SIDE ? "<div class=\"plots\">\n" : "<div>\n");
        evaluation.cluster().ifPresent(scores -> addMatrix(html, "Clusters", scores, classes));
        evaluation.linear().ifPresent(scores -> addMatrix(html, "Linear probe", scores, classes));
        html.append("</div>\n");
        return new Section("confusion", "Confusion", html.toString());
    }

    private static void addMatrix(StringBuilder html, String title, Scores scores, DatasetClasses classes) {
        ConfusionMatrix matrix = scores.matrix();
        int[] columns = columns(scores);
        html.append("<div class=\"scroll\"><h3>")
                .append(title)
                .append("</h3>\n<table class=\"matrix\">\n<thead><tr><td></td>");
        for (int prediction : columns) {
            int id = scores.matching().classOf()[prediction];
            html.append("<th scope=\"col\"><span>")
                    .append(
                            id == Scores.Matching.NONE
                                    ? "cluster " + prediction + ", no class"
                                    : Html.chip(classes.palette().color(id))
                                            + Html.text(classes.names().get(id)));
            html.append("</span></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int label = 0; label < matrix.classes(); label++) {
            html.append("<tr><th scope=\"row\">")
                    .append(Html.chip(classes.palette().color(label)))
                    .append(Html.text(classes.names().get(label)))
                    .append("</th>");
            long all = Math.max(1, matrix.labelled(label));
            for (int prediction : columns) {
                double share = (double) matrix.count(prediction, label) / all;
                boolean right = scores.matching().classOf()[prediction] == label;
                html.append("<td class=\"").append(right ? "hit" : "").append(share >= DARK ? " dark" : "");
                html.append(String.format(
                        Locale.ROOT,
                        "\" style=\"background:rgb(var(--heat) / %.2f)\">%s</td>",
                        share,
                        share >= SHOWN ? Math.round(100 * share) : ""));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table></div>\n");
    }

    /** Returns the predictions in the order of their classes, those without a class last. */
    private static int[] columns(Scores scores) {
        int[] classOf = scores.matching().classOf();
        return IntStream.range(0, classOf.length)
                .boxed()
                .sorted((a, b) -> Integer.compareUnsigned(classOf[a], classOf[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    static Section frequencies(Evaluator.Result evaluation, DatasetClasses classes) {
        List<Charts.Series> bars = new ArrayList<>();
        ConfusionMatrix counts = any(evaluation).matrix();
        double total = total(counts);
        bars.add(new Charts.Series(
                "labels",
                null,
                IntStream.range(0, classes.count())
                        .mapToDouble(id -> 100 * counts.labelled(id) / total)
                        .toArray()));
        evaluation.cluster().ifPresent(scores -> bars.add(predicted("clusters", scores)));
        evaluation.linear().ifPresent(scores -> bars.add(predicted("linear probe", scores)));
        String alt = "Bar chart of how many percent of the pixels each class has by the labels and by the predictions.";
        return new Section(
                "frequency",
                "Frequency",
                "<p class=\"note\">How much of all labelled pixels each class has, in percent, by the labels and by the"
                        + " predictions. A class that is never predicted has no bar.</p>\n"
                        + Charts.bars(classes.names(), "percent of pixels", bars, alt));
    }

    private static Charts.Series predicted(String name, Scores scores) {
        ConfusionMatrix matrix = scores.matrix();
        double[] percent = new double[matrix.classes()];
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            int id = scores.matching().classOf()[prediction];
            if (id != Scores.Matching.NONE) {
                percent[id] += 100 * matrix.predicted(prediction) / total(matrix);
            }
        }
        return new Charts.Series(name, null, percent);
    }

    private static Scores any(Evaluator.Result evaluation) {
        return evaluation.cluster().or(evaluation::linear).orElseThrow();
    }

    private static double total(ConfusionMatrix matrix) {
        return Math.max(
                1,
                IntStream.range(0, matrix.classes()).mapToLong(matrix::labelled).sum());
    }
}
