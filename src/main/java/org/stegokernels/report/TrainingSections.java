package org.stegokernels.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.stegokernels.report.HtmlReport.Section;
import org.stegokernels.train.ClusterSurvey;

/** The course of a training: curves of losses and scores, histograms of similarities. */
final class TrainingSections {
    /** Much larger than its terms, which one axis for all would make flat. */
    private static final String TOTAL = "total";

    private static final String LARGEST = "largest";
    private static final String IN_USE = "in_use";

    private static final List<String> PROBES = List.of("linear", "cluster");
    /** A curve of more values is drawn as means of runs of them. */
    private static final int POINTS = 400;

    private TrainingSections() {}

    static List<Section> of(MetricsLog log) {
        List<Section> sections = new ArrayList<>();
        StringBuilder curves = new StringBuilder("<div class=\"plots\">\n");
        add(curves, "Scores on the validation images", "percent", scaled(log.scores()), name -> true);
        add(curves, "Share of the largest cluster", "percent of patches", scaled(log.clusters()), LARGEST::equals);
        add(curves, "Clusters in use", "clusters", log.clusters(), IN_USE::equals);
        add(curves, "Total loss", "loss", log.losses(), TOTAL::equals);
        add(
                curves,
                "Losses of the objective",
                "loss",
                log.losses(),
                name -> !TOTAL.equals(name) && !PROBES.contains(name));
        add(curves, "Losses of the probes", "loss", log.losses(), PROBES::contains);
        if (!log.losses().isEmpty()
                || !log.scores().isEmpty()
                || !log.clusters().isEmpty()) {
            sections.add(
                    new Section("training", "Training", curves.append("</div>").toString()));
        }
        if (!log.similarities().isEmpty()) {
            sections.add(new Section("similarities", "Similarities", similarities(log.similarities())));
        }
        return sections;
    }

    /** Says so if one cluster had nearly all patches at the end; empty if not. */
    static String warning(MetricsLog log) {
        MetricsLog.Curve largest = log.clusters().get(LARGEST);
        return largest == null
                ? ""
                : ClusterSurvey.warning(largest.values().get(largest.values().size() - 1))
                        .map(text -> "<p class=\"warning\">Warning: " + Html.text(text) + ".</p>\n")
                        .orElse("");
    }

    private static Map<String, MetricsLog.Curve> scaled(Map<String, MetricsLog.Curve> shares) {
        Map<String, MetricsLog.Curve> percent = new LinkedHashMap<>();
        shares.forEach((name, curve) -> percent.put(
                name,
                new MetricsLog.Curve(
                        curve.steps(),
                        curve.values().stream().map(share -> 100 * share).toList())));
        return percent;
    }

    private static void add(
            StringBuilder html,
            String title,
            String axis,
            Map<String, MetricsLog.Curve> curves,
            Predicate<String> which) {
        List<Charts.Series> series = curves.entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .map(entry -> thinned(entry.getKey().replace('_', ' '), entry.getValue()))
                .toList();
        if (!series.isEmpty()) {
            html.append("<figure><figcaption>")
                    .append(title)
                    .append("</figcaption>")
                    .append(Charts.lines(
                            "step", axis, series, Charts.Range.AUTO, title + " over the steps: " + ends(series)))
                    .append("</figure>\n");
        }
    }

    private static String ends(List<Charts.Series> series) {
        List<String> ends = new ArrayList<>();
        for (Charts.Series each : series) {
            ends.add(String.format(Locale.ROOT, "%s ends at %.3g", each.name(), each.y()[each.y().length - 1]));
        }
        return String.join(", ", ends) + ".";
    }

    private static Charts.Series thinned(String name, MetricsLog.Curve curve) {
        int count = curve.steps().size();
        int points = Math.min(count, POINTS);
        double[] x = new double[points];
        double[] y = new double[points];
        for (int i = 0; i < points; i++) {
            int from = (int) ((long) i * count / points);
            int to = (int) ((i + 1L) * count / points);
            x[i] = mean(curve.steps().subList(from, to));
            y[i] = mean(curve.values().subList(from, to));
        }
        return new Charts.Series(name, x, y);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    private static String similarities(Map<String, MetricsLog.Similarity> terms) {
        StringBuilder html = new StringBuilder("<p class=\"note\">How similar the points are that each term of the loss"
                + " compares, as written last. Pairs whose features are more similar than the shift pull their codes"
                + " together, all others push them apart: a good shift leaves a part of the pairs on either"
                + " side.</p>\n<div class=\"plots\">\n");
        terms.forEach((term, similarity) -> {
            List<Charts.Series> series = new ArrayList<>();
            add(series, "features", similarity.features());
            add(series, "code", similarity.code());
            String shift = Double.isNaN(similarity.shift())
                    ? ""
                    : String.format(Locale.ROOT, ", shift %.3g", similarity.shift());
            if (!series.isEmpty()) {
                html.append("<figure><figcaption>")
                        .append(Html.text(term + shift))
                        .append("</figcaption>")
                        .append(Charts.histogram(
                                "cosine",
                                series,
                                similarity.shift(),
                                "Histogram of the similarities of features and codes, term " + term + shift + "."))
                        .append("</figure>\n");
            }
        });
        return html.append("</div>").toString();
    }

    /** Shares, so that features and codes compare. */
    private static void add(List<Charts.Series> series, String name, MetricsLog.Histogram histogram) {
        double[] counts = histogram.counts();
        double total = 0;
        for (double count : counts) {
            total += count;
        }
        if (total == 0) {
            return;
        }
        double[] x = new double[counts.length];
        double[] y = new double[counts.length];
        for (int i = 0; i < counts.length; i++) {
            x[i] = (histogram.edges()[i] + histogram.edges()[i + 1]) / 2;
            y[i] = 100 * counts[i] / total;
        }
        series.add(new Charts.Series(name, x, y));
    }
}
