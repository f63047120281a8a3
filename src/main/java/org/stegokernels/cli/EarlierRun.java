package org.stegokernels.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
import org.stegokernels.io.RegularFile;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.Printable;

/**
 * A run of {@code segment}, as the {@code summary.json} in a folder tells of it.
 *
 * @param settings of the run, by name
 * @param pictures without what failed
 */
record EarlierRun(Map<String, Object> settings, List<ClassInfo> classes, List<Summary.Picture> pictures) {
    private static final System.Logger LOG = System.getLogger(EarlierRun.class.getName());

    /** Fields of a picture that name files among its results. */
    private static final List<String> RESULTS =
            List.of(SegmentationFiles.LABELS, SegmentationFiles.OVERLAY, SegmentationFiles.CONFIDENCE);

    /**
     * Reads the summary in a folder of results.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it can't be read, or is none of a segmentation; the message says which file
     */
    static EarlierRun read(Path folder) throws IOException {
        Path file = folder.resolve(Summary.FILE);
        try {
            Object json = JsonReader.parse(ByteBuffer.wrap(Files.readAllBytes(RegularFile.require(file))));
            Map<?, ?> summary = as(Map.class, json, "the file");
            String command = field(summary, "command", String.class);
            if (!command.equals(SegmentCommand.NAME)) {
                throw new IOException("it tells of the command " + Printable.quoted(command));
            }
            List<ClassInfo> classes = new ArrayList<>();
            for (Object each : optional(summary, "classes")) {
                classes.add(classInfo(as(Map.class, each, "a class"), classes.size()));
            }
            List<Summary.Picture> pictures = new ArrayList<>();
            for (Object each : optional(summary, "images")) {
                pictures.add(picture(as(Map.class, each, "an image"), classes.size(), folder));
            }
            Map<String, Object> settings = new LinkedHashMap<>();
            field(summary, "settings", Map.class).forEach((name, value) -> settings.put(name.toString(), value));
            return new EarlierRun(settings, classes, pictures);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(file + " is no summary of a segmentation: " + FileErrors.text(e), e);
        }
    }

    /** As {@link #read}, or a run without photographs where there is none or it can't be read; a warning says so. */
    static EarlierRun orNone(Path folder) {
        try {
            return read(folder);
        } catch (NoSuchFileException e) {
            return new EarlierRun(Map.of(), List.of(), List.of());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage() + "; no photograph is skipped");
            return new EarlierRun(Map.of(), List.of(), List.of());
        }
    }

    /** Returns the pictures whose labels are kept. */
    Map<Path, Summary.Picture> byLabels() {
        Map<Path, Summary.Picture> byLabels = new HashMap<>();
        for (Summary.Picture picture : pictures) {
            Path labels = picture.results().get(SegmentationFiles.LABELS);
            if (labels != null) {
                byLabels.put(labels, picture);
            }
        }
        return byLabels;
    }

    private static ClassInfo classInfo(Map<?, ?> json, int position) throws IOException {
        int id = field(json, "id", Integer.class);
        String color = field(json, "color", String.class);
        if (id != position || id >= LabelMap.IGNORE || !color.matches("#[0-9a-fA-F]{6}")) {
            throw new IOException(
                    "class " + position + " has the id " + id + " and the colour " + Printable.quoted(color));
        }
        return new ClassInfo(id, field(json, "name", String.class), Integer.parseInt(color.substring(1), 16));
    }

    private static Summary.Picture picture(Map<?, ?> json, int classCount, Path folder) throws IOException {
        double[] shares = new double[classCount];
        double[] scores = new double[classCount];
        for (Object each : optional(json, "classes")) {
            Map<?, ?> found = as(Map.class, each, "a class of an image");
            int id = field(found, "id", Integer.class);
            if (id < 0 || id >= classCount) {
                throw new IOException("an image has the class " + id + " of " + classCount);
            }
            shares[id] = field(found, "share", Number.class).doubleValue();
            scores[id] = field(found, "score", Number.class).doubleValue();
        }
        Map<String, Path> results = new LinkedHashMap<>();
        for (String kind : RESULTS) {
            if (json.get(kind) instanceof String name) {
                results.put(kind, InnerPath.of(folder, name));
            }
        }
        return new Summary.Picture(
                field(json, "input", String.class),
                field(json, "width", Integer.class),
                field(json, "height", Integer.class),
                results,
                shares,
                scores,
                json.get("key") instanceof String key ? key : null);
    }

    private static List<?> optional(Map<?, ?> json, String name) throws IOException {
        Object value = json.get(name);
        return value == null ? List.of() : as(List.class, value, name);
    }

    private static <T> T field(Map<?, ?> json, String name, Class<T> type) throws IOException {
        return as(type, json.get(name), name);
    }

    private static <T> T as(Class<T> type, Object value, String what) throws IOException {
        if (!type.isInstance(value)) {
            throw new IOException(what + (value == null ? " is missing" : " is not what it should be"));
        }
        return type.cast(value);
    }
}
