package org.stegokernels.bench.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.stegokernels.io.AtomicFile;

/** All that was measured, from JMH's JSON files; the same benchmark in several files is one measurement. */
public final class Measurements {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Double> MILLIS = Map.of("ns/op", 1e-6, "us/op", 1e-3, "ms/op", 1.0, "s/op", 1e3);

    private final SortedMap<String, Measurement> all = new TreeMap<>();
    private final TreeSet<String> jdks = new TreeSet<>();

    /** @throws IOException if a file can't be read or is not of JMH's form; the message names it */
    public static Measurements read(List<Path> files) throws IOException {
        Measurements measurements = new Measurements();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                measurements.add(JSON.readTree(in));
            } catch (IOException | RuntimeException e) {
                throw new IOException(file + " is no JSON of JMH: " + e.getMessage(), e);
            }
        }
        return measurements;
    }

    /**
     * Writes the results of several files into one.
     *
     * @param chip stands for the device of each result, its precision aside; null leaves the device as it is
     */
    static void join(List<Path> files, String chip, Path joined) throws IOException {
        ArrayNode all = JSON.createArrayNode();
        for (Path file : files) {
            for (JsonNode result : JSON.readTree(file.toFile())) {
                JsonNode params = result.path("params");
                if (chip != null && params.has("device")) {
                    String[] parts = params.get("device").asText().split("\\+", 2);
                    ((ObjectNode) params)
                            .put("device", Measurement.ELSEWHERE + chip + (parts.length == 1 ? "" : " " + parts[1]));
                }
                all.add(result);
            }
        }
        AtomicFile.write(joined, stream -> JSON.writeValue(stream, all));
    }

    /** Reads those of one run from JMH's JSON. */
    public static Measurements parse(byte[] json) throws IOException {
        Measurements measurements = new Measurements();
        measurements.add(JSON.readTree(json));
        return measurements;
    }

    private void add(JsonNode results) {
        for (JsonNode result : results) {
            Measurement measurement = measurement(result);
            all.merge(measurement.name() + measurement.params(), measurement, Measurement::with);
            if (result.has("jdkVersion")) {
                jdks.add(result.get("vmName").asText() + " "
                        + result.get("vmVersion").asText());
            }
        }
    }

    private static Measurement measurement(JsonNode result) {
        String[] parts = result.get("benchmark").asText().split("\\.(?=[A-Z])");
        String name = result.get("benchmark").asText().startsWith("peers.")
                ? result.get("benchmark").asText()
                : parts[parts.length - 1];
        Map<String, String> params = new TreeMap<>();
        result.path("params")
                .fields()
                .forEachRemaining(
                        entry -> params.put(entry.getKey(), entry.getValue().asText()));
        JsonNode primary = result.get("primaryMetric");
        Double scale = MILLIS.get(primary.get("scoreUnit").asText());
        if (scale == null) {
            throw new IllegalArgumentException(
                    name + " has the unit " + primary.get("scoreUnit").asText() + ", not a time of an operation");
        }
        double[] millis = values(primary);
        for (int i = 0; i < millis.length; i++) {
            millis[i] *= scale;
        }
        Map<String, double[]> metrics = new LinkedHashMap<>();
        result.path("secondaryMetrics").fields().forEachRemaining(entry -> {
            double[] values = values(entry.getValue());
            // Others than those of each iteration, as a garbage collection's, are JMH's profilers'.
            if (values.length == millis.length) {
                metrics.put(entry.getKey(), values);
            }
        });
        return new Measurement(name, params, millis, metrics);
    }

    private static double[] values(JsonNode metric) {
        return StreamSupport.stream(metric.get("rawData").spliterator(), false)
                .flatMap(fork -> StreamSupport.stream(fork.spliterator(), false))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    /** Returns all, by name and parameters; of each the iterations in peace. */
    Stream<Measurement> all() {
        return all.values().stream().map(Measurement::inPeace);
    }

    /**
     * Returns the one with such a name and parameters.
     *
     * @param name class and method, or its beginning: peers carry their version
     * @param params that it must have; a value may be a part of its own, so that a path need not be known
     */
    Optional<Measurement> find(String name, Map<String, String> params) {
        return all().filter(measurement -> measurement.name().startsWith(name))
                .filter(measurement -> params.entrySet().stream()
                        .allMatch(entry -> fits(measurement.params().get(entry.getKey()), entry.getValue())))
                .findFirst();
    }

    private static boolean fits(String value, String wanted) {
        return value != null && (value.equals(wanted) || value.contains("/") && value.contains(wanted));
    }

    /** Returns the virtual machines that measured. */
    List<String> jdks() {
        return List.copyOf(jdks);
    }
}
