package org.stegokernels.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.KMeans.Suggestion.Candidate;
import org.stegokernels.report.HtmlReport.Section;

/** The suggested number of classes, and the three curves that it was read from. */
final class SuggestionSection {
    private SuggestionSection() {}

    static Section of(Suggestion suggestion) {
        int number = suggestion.best().clusters();
        String next = suggestion.alternatives().stream().map(String::valueOf).collect(Collectors.joining(" or "));
        List<Charts.Series> series = new ArrayList<>();
        series.add(relative("eigengap", suggestion, Candidate::eigengap));
        series.add(relative("stability", suggestion, Candidate::stability));
        series.add(relative("silhouette", suggestion, Candidate::silhouette));
        series.add(new Charts.Series("suggested: " + number, new double[] {number, number}, new double[] {0, 1}));
        return new Section(
                "suggestion",
                "How many classes",
                "<p><b>" + number + "</b>: " + Html.text(suggestion.reason()) + "."
                        + (next.isEmpty() ? "" : " Next best: " + next + ".") + "</p>\n"
                        + "<p class=\"note\">Measured on " + suggestion.points() + " patches. Eigengap: how clearly the"
                        + " patches fall into just so many groups. Stability: how well clusterings that start differently"
                        + " agree. Silhouette: how far the clusters are apart. Each curve is drawn relative to its largest"
                        + " value. Larger numbers make finer classes, which can be merged by name later.</p>\n"
                        + Charts.lines(
                                "number of classes",
                                "part of the largest value",
                                series,
                                Charts.Range.AUTO,
                                "Eigengap, stability and silhouette over the number of classes; " + number
                                        + " is suggested.")
                        + table(suggestion));
    }

    private static Charts.Series relative(String name, Suggestion suggestion, ToDoubleFunction<Candidate> criterion) {
        double[] values =
                suggestion.candidates().stream().mapToDouble(criterion).toArray();
        double largest = Double.MIN_NORMAL;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= largest;
        }
        double[] numbers = suggestion.candidates().stream()
                .mapToDouble(Candidate::clusters)
                .toArray();
        return new Charts.Series(name, numbers, values);
    }

    private static String table(Suggestion suggestion) {
        String rows = suggestion.candidates().stream()
                .map(each -> String.format(
                        Locale.ROOT,
                        each.equals(suggestion.best())
                                ? "<tr><th>%d, suggested</th><td>%.3f</td><td>%.2f</td><td>%.2f</td></tr>"
                                : "<tr><th>%d</th><td>%.3f</td><td>%.2f</td><td>%.2f</td></tr>",
                        each.clusters(),
                        each.eigengap(),
                        each.stability(),
                        each.silhouette()))
                .collect(Collectors.joining("\n"));
        return "<details><summary>All figures</summary>\n<table class=\"scores\"><thead><tr><th>classes</th>"
                + "<th>eigengap</th><th>stability</th><th>silhouette</th></tr></thead><tbody>\n" + rows
                + "\n</tbody></table></details>";
    }
}
