package org.stegokernels.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.io.AtomicFile;

/**
 * A training or evaluation as one HTML file that needs no other: pictures are in it, nothing is fetched, no script runs.
 * It follows the reader's choice of light or dark, and is XML as well.
 */
public final class HtmlReport {
    /** The colour of pixels in a cluster that stands for no class, 0xRRGGBB. */
    public static final int NO_CLASS = 0x808080;

    /**
     * The content of a report. Nothing empty gets a section.
     *
     * @param title in a few words
     * @param lead one sentence below it
     * @param facts model, data, settings: all that it takes to do the same again, in this order
     * @param training the metrics of a training
     * @param evaluation of a whole set
     * @param gallery pictures of a model on images without labels
     * @param classes of the set
     */
    public record Content(
            String title,
            String lead,
            Map<String, String> facts,
            Optional<MetricsLog> training,
            Optional<Evaluator.Result> evaluation,
            Optional<ClusterGallery> gallery,
            DatasetClasses classes) {}

    private HtmlReport() {}

    /** A part of a report. */
    record Section(String id, String title, String body) {}

    /**
     * Writes the report, whole or not at all.
     *
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public static void write(Path file, Content content) throws IOException {
        AtomicFile.write(file, out -> write(out, content));
    }

    /** Writes the report to a stream, which stays open. */
    public static void write(OutputStream out, Content content) throws IOException {
        out.write(html(content).getBytes(StandardCharsets.UTF_8));
    }

    static String html(Content content) {
        List<Section> sections = new ArrayList<>();
        content.evaluation().ifPresent(evaluated -> addEvaluation(sections, evaluated, content));
        content.gallery().ifPresent(gallery -> sections.addAll(GallerySections.of(gallery)));
        content.training().ifPresent(log -> sections.addAll(TrainingSections.of(log)));
        content.evaluation()
                .map(Evaluator.Result::correspondences)
                .filter(curves -> !curves.isEmpty())
                .ifPresent(curves -> sections.add(CorrespondenceSection.of(curves)));
        if (!content.facts().isEmpty()) {
            sections.add(new Section("settings", "Settings", facts(content)));
        }
        String links = sections.stream()
                .map(section -> "<a href=\"#" + section.id() + "\">" + Html.text(section.title()) + "</a>")
                .collect(Collectors.joining("\n"));
        String body = sections.stream()
                .map(section -> "<section id=\"" + section.id() + "\">\n<h2>" + Html.text(section.title()) + "</h2>\n"
                        + section.body() + "\n</section>")
                .collect(Collectors.joining("\n"));
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>"
                + Html.text(content.title()) + "</title>\n<style>\n" + Html.resource("report.css")
                + "</style>\n</head>\n<body>\n<header>\n<h1>"
                + Html.text(content.title()) + "</h1>\n<p class=\"lead\">" + Html.text(content.lead()) + "</p>\n<nav>\n"
                + links + "\n</nav>\n</header>\n<main>\n"
                + content.training().map(TrainingSections::warning).orElse("")
                + content.evaluation().map(ScoreSections::tiles).orElse("") + body
                + "\n</main>\n<footer>Made by stego-kernels. IoU: pixels that are a class and predicted as it, over those"
                + " that are either; mIoU: its mean over classes.</footer>\n</body>\n</html>\n";
    }

    private static void addEvaluation(List<Section> sections, Evaluator.Result evaluated, Content content) {
        if (!evaluated.pictures().isEmpty()) {
            sections.add(PictureSection.of(evaluated, content.classes()));
        }
        sections.add(ScoreSections.table(evaluated, content.classes()));
        sections.add(ScoreSections.matrices(evaluated, content.classes()));
        sections.add(ScoreSections.frequencies(evaluated, content.classes()));
        if (!evaluated.calibrations().isEmpty()) {
            sections.add(CalibrationSection.of(evaluated.calibrations()));
        }
        if (!evaluated.failures().isEmpty()) {
            String items = evaluated.failures().stream()
                    .map(failure -> "<li>" + Html.text(failure.id() + ": " + failure.reason()) + "</li>")
                    .collect(Collectors.joining("\n"));
            sections.add(new Section("failures", "Left out", "<ul>" + items + "</ul>"));
        }
    }

    private static String facts(Content content) {
        return content.facts().entrySet().stream()
                .map(fact -> "<div><dt>" + Html.text(fact.getKey()) + "</dt><dd>" + Html.text(fact.getValue())
                        + "</dd></div>")
                .collect(Collectors.joining("\n", "<dl class=\"facts\">\n", "\n</dl>"));
    }
}
