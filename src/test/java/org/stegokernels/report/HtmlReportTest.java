package org.stegokernels.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.KMeans.Suggestion.Candidate;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Calibration;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Evaluator.PrecisionRecall;
import org.stegokernels.eval.Scores;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.RgbImage;
import org.stegokernels.report.HtmlReport.ClusterGallery;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HtmlReportTest {
    private static final DatasetClasses CLASSES =
            new DatasetClasses(List.of("sky", "<b>&\"road\u0007"), Palette.distinct(2));
    private static final String LOG = String.join(
            "\n",
            "{\"step\": 1, \"seconds\": 0.1, \"losses\": {\"total\": 3, \"linear\": 2, \"note\": \"x\"}}",
            "{\"step\": 2, \"losses\": {\"total\": 2.5, \"linear\": 1}, \"similarity\": {\"intra\": {\"shift\": 0.2,"
                    + " \"fd\": {\"edges\": [-1, 0, 1], \"counts\": [3, 1]}}}}",
            "{\"step\": 2, \"evaluation\": {\"cluster\": {\"mIoU\": 0.25, \"accuracy\": 0.5}}}",
            "{\"step\": 3, \"los");

    @TempDir
    Path folder;

    private MetricsLog log() throws IOException {
        return MetricsLog.read(Files.writeString(folder.resolve("metrics.jsonl"), LOG));
    }

    private static Evaluator.Seen seen(String id, double confidence) {
        LabelMap where = new LabelMap(2, 2, new byte[] {0, 0, 0, (byte) LabelMap.IGNORE});
        return new Evaluator.Seen(id, confidence, 0.75, new RgbImage(2, 2, new byte[12]), where);
    }

    /** Three clusters for two classes, one picture, one failure. */
    private static Evaluator.Result evaluated() {
        LabelMap labels = new LabelMap(2, 2, new byte[] {0, 1, 1, (byte) LabelMap.IGNORE});
        LabelMap classes = new LabelMap(2, 2, new byte[] {0, 1, 1, 0});
        LabelMap clusters = new LabelMap(2, 2, new byte[] {2, 0, 1, 1});
        ConfusionMatrix ofClusters = new ConfusionMatrix(3, 2);
        ofClusters.add(clusters, labels, Count.ALL);
        ConfusionMatrix ofLinear = new ConfusionMatrix(2, 2);
        ofLinear.add(classes, labels, Count.PUBLISHED);
        return new Evaluator.Result(
                Optional.of(Scores.ofClasses(ofLinear)),
                Optional.of(Scores.ofClusters(ofClusters, Count.ALL)),
                1,
                List.of(new Evaluator.Picture(
                        "street <1>",
                        new RgbImage(2, 2, new byte[12]),
                        labels,
                        Map.of(Probe.CLUSTER, clusters, Probe.LINEAR, classes))),
                Map.of(
                        Probe.CLUSTER,
                        new Calibration(
                                0.125,
                                0.75,
                                List.of(
                                        new Calibration.Bin(0, Double.NaN, Double.NaN),
                                        new Calibration.Bin(3, 0.9, 2 / 3.0)))),
                Map.of(
                        Probe.CLUSTER,
                        List.of(
                                new Evaluator.Extremes(List.of(), List.of()),
                                new Evaluator.Extremes(
                                        List.of(seen("street <1>", 0.913)), List.of(seen("b\"&", 0.25))))),
                List.of(PrecisionRecall.of("features", new float[] {1, 0}, new boolean[] {true, false})),
                List.of(new Evaluator.Failure("b", "b.png: is <no> image")));
    }

    private Document report(Optional<MetricsLog> log, Optional<Evaluator.Result> evaluated) throws Exception {
        return report(log, evaluated, Optional.empty());
    }

    private Document report(
            Optional<MetricsLog> log, Optional<Evaluator.Result> evaluated, Optional<ClusterGallery> gallery)
            throws Exception {
        return report(log, evaluated, Optional.empty(), gallery);
    }

    private Document report(
            Optional<MetricsLog> log,
            Optional<Evaluator.Result> evaluated,
            Optional<Suggestion> suggestion,
            Optional<ClusterGallery> gallery)
            throws Exception {
        Path file = folder.resolve("report.html");
        HtmlReport.write(
                file,
                new HtmlReport.Content(
                        "A & B", "one image", Map.of("size", "320"), log, evaluated, suggestion, gallery, CLASSES));
        String html = Files.readString(file);
        assertThat(html)
                .startsWith("<!DOCTYPE html>")
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("<script");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> attributes(Document document, String tag, String attribute) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            values.add(((Element) nodes.item(i)).getAttribute(attribute));
        }
        return values;
    }

    @Test
    void showsWhereEachClassIsMostAndLeastSure() throws Exception {
        Document document = report(Optional.empty(), Optional.of(evaluated()));
        assertThat(attributes(document, "img", "alt"))
                .contains("<b>&\"road? in street <1>", "<b>&\"road? in b\"&")
                .doesNotContain("sky in street <1>");
        assertThat(document.getDocumentElement().getTextContent())
                .contains("91.3 % sure, 75.0 % of street <1>", "25.0 % sure, 75.0 % of b\"&");
    }

    @Test
    void hasEverySectionAndIsValidXml() throws Exception {
        Document document = report(Optional.of(log()), Optional.of(evaluated()));
        List<String> sections = attributes(document, "section", "id");
        assertThat(sections)
                .containsExactly(
                        "pictures",
                        "classes",
                        "confusion",
                        "frequency",
                        "calibration",
                        "certainty",
                        "failures",
                        "training",
                        "similarities",
                        "correspondences",
                        "settings");
        assertThat(attributes(document, "a", "href"))
                .containsExactlyElementsOf(sections.stream().map(id -> "#" + id).toList());
        assertThat(attributes(document, "img", "alt")).hasSizeGreaterThan(7).noneMatch(String::isBlank);
        assertThat(attributes(document, "img", "src")).allMatch(uri -> uri.startsWith("data:image/"));
        assertThat(document.getDocumentElement().getTextContent())
                .contains("A & B")
                .contains("<b>&\"road?")
                .contains("street <1>")
                .contains("is <no> image")
                .contains("no class")
                .contains("shift 0.200");
    }

    @Test
    void aSuggestedNumberOfClassesIsShownWithItsCurves() throws Exception {
        Suggestion suggestion =
                Suggestion.of(80, List.of(new Candidate(5, 0.5, 0.25, 0.125), new Candidate(6, 0.75, 0.125, 0.5)));
        RgbImage patch = new RgbImage(1, 1, new byte[3]);
        ClusterGallery gallery = new ClusterGallery(
                List.of(), List.of(new ClusterGallery.Cluster("cluster 0", 0xFF0000, 0.375, List.of(patch))));
        Document document = report(Optional.empty(), Optional.empty(), Optional.of(suggestion), Optional.of(gallery));
        assertThat(attributes(document, "section", "id")).containsExactly("suggestion", "clusters", "settings");
        assertThat(attributes(document, "img", "alt"))
                .containsExactly(
                        "Eigengap, stability and silhouette over the number of classes; 6 is suggested.",
                        "Typical patch 1 of cluster 0");
        assertThat(document.getDocumentElement().getTextContent())
                .contains(suggestion.reason() + ". Next best: 5.", "Measured on 80 patches", "37.5 % of the patches")
                .containsPattern("6, suggested\\s*0.500\\s*0.75\\s*0.13");
    }

    @Test
    void whatThereIsNothingOfGetsNoSection() throws Exception {
        assertThat(attributes(report(Optional.of(log()), Optional.empty()), "section", "id"))
                .containsExactly("training", "similarities", "settings");
        assertThat(attributes(report(Optional.empty(), Optional.empty()), "section", "id"))
                .containsExactly("settings");
    }

    @Test
    void withoutLabelsPhotographsAndTypicalPatchesAreShown() throws Exception {
        RgbImage pixel = new RgbImage(1, 1, new byte[] {1, 2, 3});
        ClusterGallery gallery = new ClusterGallery(
                List.of(new ClusterGallery.Photograph("<tree>\u202E", pixel, pixel)),
                List.of(
                        new ClusterGallery.Cluster("cluster <0>", 0xFF0000, 0.75, List.of(pixel, pixel, pixel)),
                        new ClusterGallery.Cluster("cluster 1", 0x00FF00, 0.25, List.of())));
        Document document = report(Optional.empty(), Optional.empty(), Optional.of(gallery));
        assertThat(attributes(document, "section", "id")).containsExactly("pictures", "clusters", "settings");
        assertThat(attributes(document, "img", "alt"))
                .containsExactly(
                        "Image <tree>?",
                        "Segments of <tree>?",
                        "Typical patch 1 of cluster <0>",
                        "Typical patch 2 of cluster <0>",
                        "Typical patch 3 of cluster <0>");
        assertThat(document.getElementsByTagName("main").item(0).getTextContent())
                .contains("75.0 % of the patches", "25.0 % of the patches");
    }

    @Test
    void aCollapsedTrainingIsWarnedOf() throws Exception {
        for (double largest : new double[] {0.79, 0.97}) {
            Path file = Files.writeString(
                    folder.resolve("metrics.jsonl"),
                    "{\"step\":100,\"clusters\":{\"total\":3,\"in_use\":1,\"largest\":1.0}}\n"
                            + "{\"step\":200,\"clusters\":{\"total\":3,\"in_use\":2,\"largest\":" + largest + "}}\n");
            Document document = report(Optional.of(MetricsLog.read(file)), Optional.empty());
            assertThat(attributes(document, "section", "id")).containsExactly("training", "settings");
            assertThat(document.getElementsByTagName("figcaption").getLength()).isEqualTo(2);
            String text = document.getDocumentElement().getTextContent();
            if (largest > 0.8) {
                assertThat(text).contains("Warning: one cluster has 97.0% of the patches", "--shifts auto");
            } else {
                assertThat(text).doesNotContain("Warning");
            }
        }
    }

    @Test
    void theHeadlineAndTheTableTellTheFigures() throws Exception {
        Document document = report(Optional.empty(), Optional.of(evaluated()));
        String text = document.getElementsByTagName("main").item(0).getTextContent();
        // One of three pixels is in a cluster without class, the two others are right: IoU 1 and 1/2.
        assertThat(text).contains("75.0%Clusters: mIoU").contains("66.7%Clusters: accuracy");
        assertThat(text).contains("100.0%Linear probe: mIoU");
        assertThat(attributes(document, "img", "alt"))
                .contains("Reliability diagram, accuracy over confidence. clusters, ECE 12.5 %, AUROC 75.0 %.");
    }

    @Test
    void theThresholdOfTheConfidenceIsNamedThatMakesNineOfTenPixelsRight() {
        Calibration unsure = new Calibration(
                0.3,
                0.9,
                List.of(
                        new Calibration.Bin(30, 0.2, 0.5),
                        new Calibration.Bin(10, 0.3, 0.8),
                        new Calibration.Bin(10, 0.6, 1),
                        new Calibration.Bin(0, Double.NaN, Double.NaN)));
        assertThat(CalibrationSection.of(Map.of(Probe.CLUSTER, unsure)).body())
                .contains("clusters: mean confidence 30.0 %, accuracy 66.0 %. With --unsure 0.25, at least 90 % of the"
                        + " pixels that are left are right; 40.0 % of all are left.");
        Calibration hopeless = new Calibration(0.3, 0.5, List.of(new Calibration.Bin(3, 0.9, 0.5)));
        assertThat(CalibrationSection.of(Map.of(Probe.LINEAR, hopeless)).body())
                .contains("linear probe: mean confidence 90.0 %, accuracy 50.0 %. No threshold makes 90 % of the pixels"
                        + " right.");
    }

    @Test
    void aLogIsReadUpToALineThatWasCutShort() throws IOException {
        MetricsLog log = log();
        assertThat(log.losses()).containsOnlyKeys("total", "linear");
        assertThat(log.losses().get("total").values()).containsExactly(3.0, 2.5);
        assertThat(log.scores().get("cluster mIoU").steps()).containsExactly(2.0);
        assertThat(log.similarities().get("intra").features().counts()).containsExactly(3, 1);
        assertThat(log.similarities().get("intra").code().counts()).isEmpty();
        byte[] noUtf8 = {'{', '}', '\n', '"', (byte) 0xFF, (byte) 0xFE, '"', '\n', '{', '}', '\n'};
        for (byte[] content : List.of("{\"step\": 1}\nnothing\n{}\n".getBytes(StandardCharsets.UTF_8), noUtf8)) {
            Path damaged = Files.write(folder.resolve("damaged.jsonl"), content);
            assertThatThrownBy(() -> MetricsLog.read(damaged))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("damaged.jsonl: line 2");
        }
    }
}
