package org.stegokernels.train;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;

/**
 * The course of a training as JSON lines. A line is {@code {"step", "seconds", "losses": {"total", the objective's
 * terms, "linear", "cluster"}}}, now and then with {@code "similarity": {TERM: {"shift", "fd": {"edges", "counts"},
 * "cd": {...}}}}, of features and codes; {@code {"step", "clusters": {"total", "in_use", "largest"}}}; or {@code {"step",
 * "evaluation": {"linear": {"mIoU", "accuracy"}, "cluster": {...}}}}. Values of the last two are shares, not percentages.
 */
final class MetricsWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MetricsWriter.class.getName());

    private final Path file;
    private final CorrespondenceLoss.Settings shifts;
    private final BufferedWriter writer;

    /**
     * Continues after a step; later lines, of a training that was killed, are dropped.
     *
     * @param shifts to be written with similarities
     * @param step steps done; 0 for a new file
     */
    MetricsWriter(Path file, CorrespondenceLoss.Settings shifts, int step) throws IOException {
        this.file = file;
        this.shifts = shifts;
        keep(step);
        try {
            writer = Files.newBufferedWriter(
                    file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    /** Writes the whole lines up to a step again; if others than the last one are damaged, a copy keeps them all. */
    private void keep(int step) throws IOException {
        List<String> kept = new ArrayList<>();
        if (step > 0 && Files.exists(file)) {
            // One character a byte, so that nothing is changed by reading and writing.
            List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
            int damaged = 0;
            for (int i = 0; i < lines.size(); i++) {
                int of = stepOf(lines.get(i));
                if (of >= 0 && of <= step) {
                    kept.add(lines.get(i));
                }
                damaged += of < 0 && i < lines.size() - 1 ? 1 : 0;
            }
            if (damaged > 0) {
                Path copy = file.resolveSibling(file.getFileName() + ".damaged");
                AtomicFile.write(copy, out -> Files.copy(file, out));
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: {1} lines are damaged and left out of the curves; a copy of it as it was is {2}",
                        file,
                        damaged,
                        copy.getFileName());
            }
        }
        AtomicFile.write(file, out -> {
            for (String line : kept) {
                out.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
            }
        });
    }

    /** Returns the step of a line, or -1 if it is not one of a training's, or not whole. */
    private static int stepOf(String line) {
        try {
            Object value = JsonReader.parse(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1)));
            return value instanceof Map<?, ?> object && object.get("step") instanceof Integer step ? step : -1;
        } catch (IOException damaged) {
            return -1;
        }
    }

    /** @param similarities null for none */
    void losses(int step, double seconds, TrainingStep.Losses losses, SimilarityHistograms similarities)
            throws IOException {
        line(json -> {
            json.field("step", step);
            json.field("seconds", Math.round(seconds * 1e3) / 1e3);
            json.beginObject("losses");
            for (Map.Entry<String, Double> loss : losses.byName().entrySet()) {
                json.field(loss.getKey(), loss.getValue());
            }
            json.endObject();
            if (similarities != null) {
                json.beginObject("similarity");
                for (Term term : Term.values()) {
                    json.beginObject(term.name().toLowerCase(Locale.ROOT));
                    json.field("shift", shifts.of(term).shift());
                    write(json, "fd", similarities.features(term));
                    write(json, "cd", similarities.codes(term));
                    json.endObject();
                }
                json.endObject();
            }
        });
    }

    private static void write(JsonWriter json, String name, Histogram histogram) throws IOException {
        json.beginObject(name);
        json.field("edges", histogram.edges());
        json.field("counts", histogram.counts());
        json.endObject();
    }

    void clusters(int step, ClusterSurvey clusters) throws IOException {
        line(json -> {
            json.field("step", step);
            json.beginObject("clusters");
            json.field("total", clusters.clusters());
            json.field("in_use", clusters.inUse());
            json.field("largest", clusters.largestShare());
            json.endObject();
        });
    }

    void validation(int step, Hooks.Scores scores) throws IOException {
        line(json -> {
            json.field("step", step);
            json.beginObject("evaluation");
            write(json, "linear", scores.linearMeanIou(), scores.linearAccuracy());
            write(json, "cluster", scores.clusterMeanIou(), scores.clusterAccuracy());
            json.endObject();
        });
    }

    private static void write(JsonWriter json, String probe, double meanIou, double accuracy) throws IOException {
        json.beginObject(probe);
        json.field("mIoU", meanIou);
        json.field("accuracy", accuracy);
        json.endObject();
    }

    private void line(JsonWriter.Fields fields) throws IOException {
        String text = new String(JsonWriter.bytes(fields), StandardCharsets.UTF_8);
        try {
            writer.write(text + "\n");
            writer.flush();
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private IOException explained(IOException cause) {
        return new IOException(
                "cannot write " + file + ": " + cause.getMessage()
                        + "; the last checkpoint is whole: make room and go on" + " from there",
                cause);
    }

    @Override
    public void close() throws IOException {
        try {
            writer.close();
        } catch (IOException e) {
            throw explained(e);
        }
    }
}
