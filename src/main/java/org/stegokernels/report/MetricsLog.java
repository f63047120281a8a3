package org.stegokernels.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.RegularFile;

/**
 * What a training wrote into {@code metrics.jsonl}, one object a line: {@code {"step": n, "losses": {NAME: value}}},
 * perhaps with {@code "similarity": {TERM: {"shift": s, "fd": {"edges": [...], "counts": [...]}, "cd": {...}}}}, or
 * {@code {"step": n, "clusters": {"total": m, "in_use": u, "largest": share}}}, or {@code {"step": n, "evaluation": {PROBE: {"mIoU": share, "accuracy": share}}}}. Other fields are passed over.
 *
 * @param losses by name, one value each time they were written
 * @param scores by probe and metric, {@code cluster mIoU} for one; shares
 * @param clusters {@code total}, {@code in_use} and {@code largest}, a share
 * @param similarities by term, as written last
 */
public record MetricsLog(
        Map<String, Curve> losses,
        Map<String, Curve> scores,
        Map<String, Curve> clusters,
        Map<String, Similarity> similarities) {
    /** Values over steps. */
    public record Curve(List<Double> steps, List<Double> values) {
        private Curve() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /**
     * How similar the points compared by one term are.
     *
     * @param shift what is taken from the similarity of features; NaN if it isn't written
     * @param features similarity of features
     * @param code similarity of codes
     */
    public record Similarity(double shift, Histogram features, Histogram code) {}

    /**
     * Counts between edges.
     *
     * @param edges one more than counts, rising; both are empty if nothing was written
     */
    public record Histogram(double[] edges, double[] counts) {}

    /**
     * Reads a file. A last line that is cut short, as a killed training leaves it, is passed over.
     *
     * @throws IOException if the file can't be read, or another line is not a JSON object; the message names file and line
     */
    public static MetricsLog read(Path file) throws IOException {
        MetricsLog log = new MetricsLog(
                new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        ObjectMapper mapper = new ObjectMapper();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            try {
                log.add(mapper.readTree(lines.get(i).getBytes(StandardCharsets.ISO_8859_1)));
            } catch (IOException e) {
                if (i == 0 && !lines.get(0).startsWith("{")) {
                    throw new IOException(
                            file + ": is no metrics.jsonl: its first line is not JSON; check the path", e);
                }
                if (i < lines.size() - 1) {
                    throw new IOException(
                            file + ": line " + (i + 1) + " is not JSON (" + reason(e) + "); remove it", e);
                }
            }
        }
        return log;
    }

    /** Reads one character a byte: bytes that are no UTF-8 are then an error of their line. */
    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(RegularFile.require(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw FileErrors.reading(file, e);
        }
    }

    private static String reason(IOException failure) {
        return failure instanceof JsonProcessingException syntax ? syntax.getOriginalMessage() : failure.getMessage();
    }

    private void add(JsonNode line) {
        double step = line.path("step").asDouble();
        line.path("losses").fields().forEachRemaining(loss -> add(losses, loss.getKey(), step, loss.getValue()));
        line.path("clusters").fields().forEachRemaining(value -> add(clusters, value.getKey(), step, value.getValue()));
        line.path("evaluation")
                .fields()
                .forEachRemaining(probe -> probe.getValue()
                        .fields()
                        .forEachRemaining(metric ->
                                add(scores, probe.getKey() + " " + metric.getKey(), step, metric.getValue())));
        line.path("similarity")
                .fields()
                .forEachRemaining(term -> similarities.put(
                        term.getKey(),
                        new Similarity(
                                term.getValue().path("shift").asDouble(Double.NaN),
                                histogram(term.getValue().path("fd")),
                                histogram(term.getValue().path("cd")))));
    }

    private static void add(Map<String, Curve> curves, String name, double step, JsonNode value) {
        if (value.isNumber() && Double.isFinite(value.asDouble())) {
            Curve curve = curves.computeIfAbsent(name, added -> new Curve());
            curve.steps.add(step);
            curve.values.add(value.asDouble());
        }
    }

    private static Histogram histogram(JsonNode node) {
        double[] edges = numbers(node.path("edges"));
        double[] counts = numbers(node.path("counts"));
        return edges.length == counts.length + 1
                ? new Histogram(edges, counts)
                : new Histogram(new double[0], new double[0]);
    }

    private static double[] numbers(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }
}
