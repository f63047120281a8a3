package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.io.FileErrors;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/**
 * The surveyed steps of a training, and the one whose labels agree best with those of all others, which needs nobody's labels:
 * where clusters turn over late in a training, the steps after that are alone with what they see. Two steps agree by the share of
 * surveyed patches that have the same cluster in both.
 *
 * <p>Each step is kept in a file of its own, {@link TrainingFolder#snapshots}, so that a training that goes on has them all.
 */
final class Consensus {
    /** Of fewer steps none is between others. */
    private static final int LEAST = 3;

    private static final String LABELS = "survey.labels";
    private static final String STEP = "step";
    private static final String CLASSES = "cluster_to_class";
    private static final String PREFIX = "step-";
    private static final String SUFFIX = ".safetensors";

    private final Path folder;
    private final List<Surveyed> surveyed = new ArrayList<>();

    private static final class Surveyed {
        final int step;
        final float[] labels;
        /** Patches with the same cluster, summed over the other steps. */
        long agreeing;

        Surveyed(int step, float[] labels) {
            this.step = step;
            this.labels = labels;
        }
    }

    /**
     * A model of the training as it was.
     *
     * @param step steps done
     * @param parts its tensors, by their names in a model file
     * @param clusterToClass the class of each cluster, or empty if that was not known
     */
    record Snapshot(int step, Map<String, HostTensor> parts, List<Integer> clusterToClass) {}

    Consensus(TrainingFolder folder) {
        this.folder = folder.snapshots();
    }

    /**
     * Keeps a step, unless it is there already: a training that goes on surveys its first step again.
     *
     * @param labels the cluster of each surveyed patch, of the same patches each time
     * @throws IOException if it can't be written
     */
    void add(Snapshot snapshot, List<Integer> labels) throws IOException {
        if (surveyed.stream().anyMatch(each -> each.step == snapshot.step())) {
            return;
        }
        float[] clusters = new float[labels.size()];
        for (int i = 0; i < clusters.length; i++) {
            clusters[i] = labels.get(i);
        }
        Map<String, HostTensor> tensors = new LinkedHashMap<>(snapshot.parts());
        tensors.put(LABELS, HostTensor.of(clusters, clusters.length));
        FileErrors.makeFolder(folder);
        SafetensorsWriter.write(
                file(snapshot.step()),
                tensors,
                Map.of(
                        STEP,
                        Integer.toString(snapshot.step()),
                        CLASSES,
                        snapshot.clusterToClass().stream().map(String::valueOf).collect(Collectors.joining(","))));
        add(new Surveyed(snapshot.step(), clusters));
    }

    private void add(Surveyed added) {
        surveyed.removeIf(other -> other.labels.length != added.labels.length);
        for (Surveyed other : surveyed) {
            long same = 0;
            for (int i = 0; i < added.labels.length; i++) {
                same += added.labels[i] == other.labels[i] ? 1 : 0;
            }
            other.agreeing += same;
            added.agreeing += same;
        }
        surveyed.add(added);
    }

    /**
     * Takes up the steps of the folder up to one, and deletes the others; a damaged file is as if it were missing.
     *
     * @param every between surveys; a step besides was the last of a shorter training, and is deleted
     * @throws IOException if the folder can't be read or a file can't be deleted
     */
    void resume(int lastStep, int every) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Surveyed> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
            for (Path file : files) {
                Optional<Surveyed> read = read(file);
                boolean known =
                        read.isPresent() && read.get().step <= lastStep && every > 0 && read.get().step % every == 0;
                if (!known) {
                    Files.delete(file);
                } else {
                    found.add(read.get());
                }
            }
        }
        found.sort(Comparator.comparingInt(each -> each.step));
        found.forEach(this::add);
    }

    private static Optional<Surveyed> read(Path file) {
        try (Safetensors open = Safetensors.open(file)) {
            int step = Integer.parseInt(open.metadata().getOrDefault(STEP, ""));
            return Optional.of(new Surveyed(step, open.finiteFloats(LABELS)));
        } catch (ModelException | NumberFormatException damaged) {
            return Optional.empty();
        }
    }

    /** Returns the step that agrees best with the others, the latest of several; empty if there are fewer than three. */
    Optional<Integer> step() {
        return best().map(each -> each.step);
    }

    private Optional<Surveyed> best() {
        return surveyed.size() < LEAST
                ? Optional.empty()
                : surveyed.stream()
                        .max(Comparator.<Surveyed>comparingLong(each -> each.agreeing)
                                .thenComparing(each -> each.step));
    }

    /** Returns how many steps were surveyed after the one that agrees best; 0 if there is none. */
    int since() {
        return best().map(each -> surveyed.size() - 1 - surveyed.indexOf(each)).orElse(0);
    }

    /**
     * Reads the step that agrees best.
     *
     * @throws ModelException if its file was damaged or deleted since
     */
    Optional<Snapshot> snapshot() {
        return step().map(step -> {
            try (Safetensors open = Safetensors.open(file(step))) {
                Map<String, HostTensor> parts = new LinkedHashMap<>();
                open.names().stream()
                        .filter(name -> !name.equals(LABELS))
                        .forEach(name -> parts.put(name, open.tensor(name)));
                List<Integer> classes = Stream.of(
                                open.metadata().getOrDefault(CLASSES, "").split(","))
                        .filter(text -> !text.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
                return new Snapshot(step, parts, classes);
            }
        });
    }

    private Path file(int step) {
        return folder.resolve(PREFIX + step + SUFFIX);
    }
}
