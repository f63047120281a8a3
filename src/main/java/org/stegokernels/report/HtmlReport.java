package org.stegokernels.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.ClusterSurvey;

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
     * @param suggestion of the number of classes
     * @param gallery pictures of a model on images without labels
     * @param classes of the set
     */
    public record Content(
            String title,
            String lead,
            Map<String, String> facts,
            Optional<MetricsLog> training,
            Optional<Evaluator.Result> evaluation,
            Optional<KMeans.Suggestion> suggestion,
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
        content.suggestion().map(SuggestionSection::of).ifPresent(sections::add);
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
        if (!evaluated.extremes().isEmpty()) {
            sections.add(CertaintySection.of(evaluated, content.classes()));
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

    /**
     * Pictures of a model on images that have no labels: some photographs with its segments, if it was run, and typical patches
     * of each of its clusters.
     *
     * @param photographs evenly spread over the dataset
     * @param clusters by number
     */
    public record ClusterGallery(List<Photograph> photographs, List<Cluster> clusters) {
        private static final int PHOTOGRAPHS = 8;
        /** Around a typical patch, for alone it says little: patches along each side. */
        private static final int PATCHES_SEEN = 3;

        private static final int TILE = 64;

        /**
         * A photograph, shrunk to what the model sees.
         *
         * @param id of the example
         * @param overlay tinted with the colours of its segments
         */
        public record Photograph(String id, RgbImage image, RgbImage overlay) {}

        /**
         * A cluster.
         *
         * @param rgb its colour, {@code 0xRRGGBB}
         * @param share part of the patches that it has, 0 to 1
         * @param typical squares around the patches nearest to its centre, the nearest first
         */
        public record Cluster(String name, int rgb, double share, List<RgbImage> typical) {}

        public ClusterGallery {
            photographs = List.copyOf(photographs);
            clusters = List.copyOf(clusters);
        }

        /**
         * Segments photographs and cuts patches out.
         *
         * @param size shorter side in pixels of what the model sees of a photograph
         * @param survey of the model's clusters, over squares from the middle of the dataset's images
         * @param grid patches along the side of such a square
         * @param square side of such a square in pixels
         */
        public static ClusterGallery of(
                Stego model, Dataset dataset, int size, ClusterSurvey survey, int grid, int square) {
            Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(Math.max(Segmenter.Options.MIN_SIZE, size));
            try (Segmenter segmenter = Segmenter.of(model, options)) {
                int count = Math.min(PHOTOGRAPHS, dataset.size());
                List<Photograph> photographs = IntStream.range(0, count)
                        .mapToObj(i -> photograph(segmenter, dataset, (int) ((long) i * dataset.size() / count), size))
                        .toList();
                return new ClusterGallery(
                        photographs,
                        clusters(
                                segmenter.classes(),
                                model.clusterToClass(),
                                survey,
                                tiles(dataset, survey, grid, square)));
            }
        }

        /**
         * Cuts out the patches of clusters that no model has yet, without photographs.
         *
         * @param survey as above
         * @param grid as above
         * @param square as above
         */
        public static ClusterGallery of(Dataset dataset, ClusterSurvey survey, int grid, int square) {
            Palette palette = Palette.distinct(survey.clusters());
            List<Segmentation.ClassInfo> classes = IntStream.range(0, survey.clusters())
                    .mapToObj(id -> new Segmentation.ClassInfo(id, "cluster " + id, palette.color(id)))
                    .toList();
            int[] same = IntStream.range(0, survey.clusters()).toArray();
            return new ClusterGallery(List.of(), clusters(classes, same, survey, tiles(dataset, survey, grid, square)));
        }

        private static Photograph photograph(Segmenter segmenter, Dataset dataset, int index, int size) {
            RgbImage image = dataset.image(index);
            if (Math.min(image.width(), image.height()) > size) {
                Resize.Size shrunk = Resize.shorterSide(image.width(), image.height(), size);
                image = Resize.antialiased(image, shrunk.width(), shrunk.height());
            }
            Segmentation segmented = segmenter.segment(image);
            return new Photograph(dataset.example(index).id(), segmented.image(), segmented.overlayWithLegend());
        }

        private static List<Cluster> clusters(
                List<Segmentation.ClassInfo> classes,
                int[] clusterToClass,
                ClusterSurvey survey,
                Map<ClusterSurvey.Patch, RgbImage> tiles) {
            List<Cluster> clusters = new ArrayList<>();
            for (int i = 0; i < survey.clusters(); i++) {
                Segmentation.ClassInfo of = classes.get(clusterToClass[i]);
                List<RgbImage> typical =
                        survey.typical().get(i).stream().map(tiles::get).toList();
                clusters.add(new Cluster(of.name(), of.rgb(), survey.share(i), typical));
            }
            return clusters;
        }

        /** Cuts out the tiles. Each image is read once, whatever number of patches it gives. */
        private static Map<ClusterSurvey.Patch, RgbImage> tiles(
                Dataset dataset, ClusterSurvey survey, int grid, int square) {
            Map<Integer, List<ClusterSurvey.Patch>> byImage = new HashMap<>();
            survey.typical()
                    .forEach(patches ->
                            patches.forEach(patch -> byImage.computeIfAbsent(patch.image(), added -> new ArrayList<>())
                                    .add(patch)));
            Map<ClusterSurvey.Patch, RgbImage> tiles = new HashMap<>();
            byImage.forEach((image, patches) -> {
                RgbImage seen = Resize.centerSquare(dataset.image(image), square);
                patches.forEach(patch -> tiles.put(patch, tile(seen, patch, grid)));
            });
            return tiles;
        }

        private static RgbImage tile(RgbImage seen, ClusterSurvey.Patch patch, int grid) {
            int pixels = seen.width() / grid;
            int side = Math.min(grid, PATCHES_SEEN) * pixels;
            int left = inside(patch.column() * pixels - pixels, seen.width() - side);
            int top = inside(patch.row() * pixels - pixels, seen.height() - side);
            return Resize.antialiased(Resize.crop(seen, left, top, side, side), TILE, TILE);
        }

        private static int inside(int from, int last) {
            return Math.max(0, Math.min(from, last));
        }
    }
}
