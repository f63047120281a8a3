package org.stegokernels.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.RegularFile;
import org.stegokernels.text.JsonReader;

/**
 * The metrics that a training wrote into {@code metrics.jsonl}, one object a line: {@code {"step": n, "losses": {NAME: value}}},
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
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            try {
                if (!lines.get(i).isBlank()) {
                    byte[] line = lines.get(i).getBytes(StandardCharsets.ISO_8859_1);
                    log.add(JsonReader.parse(ByteBuffer.wrap(line)));
                }
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
        return failure instanceof JsonReader.SyntaxException ? failure.getMessage() : "it is not UTF-8";
    }

    private void add(Object line) {
        double step = number(field(line, "step"), 0);
        fields(line, "losses").forEach((name, value) -> add(losses, (String) name, step, value));
        fields(line, "clusters").forEach((name, value) -> add(clusters, (String) name, step, value));
        Map<?, ?> probes = fields(line, "evaluation");
        for (Object probe : probes.keySet()) {
            fields(probes, (String) probe).forEach((name, value) -> add(scores, probe + " " + name, step, value));
        }
        fields(line, "similarity")
                .forEach((term, values) -> similarities.put(
                        (String) term,
                        new Similarity(
                                number(field(values, "shift"), Double.NaN),
                                histogram(values, "fd"),
                                histogram(values, "cd"))));
    }

    /** Returns what an object has under a name; null for nothing. */
    private static Object field(Object object, String name) {
        return object instanceof Map<?, ?> fields ? fields.get(name) : null;
    }

    /** Returns the fields of an object in an object; none if there is no such object. */
    private static Map<?, ?> fields(Object object, String name) {
        return field(object, name) instanceof Map<?, ?> fields ? fields : Map.of();
    }

    private static double number(Object value, double otherwise) {
        return value instanceof Number number ? number.doubleValue() : otherwise;
    }

    private static void add(Map<String, Curve> curves, String name, double step, Object value) {
        double number = number(value, Double.NaN);
        if (Double.isFinite(number)) {
            Curve curve = curves.computeIfAbsent(name, added -> new Curve());
            curve.steps.add(step);
            curve.values.add(number);
        }
    }

    private static Histogram histogram(Object term, String name) {
        Object histogram = field(term, name);
        double[] edges = numbers(field(histogram, "edges"));
        double[] counts = numbers(field(histogram, "counts"));
        return edges.length == counts.length + 1
                ? new Histogram(edges, counts)
                : new Histogram(new double[0], new double[0]);
    }

    private static double[] numbers(Object list) {
        return list instanceof List<?> values
                ? values.stream()
                        .mapToDouble(value -> number(value, Double.NaN))
                        .toArray()
                : new double[0];
    }
}
