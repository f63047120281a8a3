package org.stegokernels.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.InnerPath;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.text.JsonWriter;

/** The results of a run, for {@code summary.json} and for the person at the terminal. */
final class Summary {
    /** Its name in the folder of the results. */
    static final String FILE = "summary.json";

    private final String command;
    private final Console console;
    private final StageTimes times;
    private final long start = System.nanoTime();
    private final List<Inputs.Failure> failures = new ArrayList<>();
    private final List<Picture> pictures = new ArrayList<>();
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private List<Segmentation.ClassInfo> classes = List.of();
    /** Photographs that the run is for, until it is complete; else -1. */
    private int planned = -1;

    private int kept;
    private String deviceId;
    private String deviceDescription;
    private String deviceReason;

    /**
     * One photograph that is done.
     *
     * @param results by kind
     * @param shares by class, and the scores too; null if nothing was segmented
     * @param key a digest of all that the results depend on, or null
     */
    record Picture(
            String input,
            int width,
            int height,
            Map<String, Path> results,
            double[] shares,
            double[] scores,
            String key) {
        boolean isKnownBy(String other) {
            return key != null && key.equals(other);
        }

        /** Returns the same for a photograph that may lie elsewhere by now. */
        Picture of(Path photograph) {
            return new Picture(photograph.toString(), width, height, results, shares, scores, key);
        }
    }

    Summary(String command, Console console, StageTimes times) {
        this.command = command;
        this.console = console;
        this.times = times;
    }

    void device(Device device, String reason) {
        deviceId = device.id();
        deviceDescription = device.description();
        deviceReason = reason;
    }

    /** Adds anything that a later reader needs to do the same again; numbers, truth values and text. */
    void setting(String name, Object value) {
        settings.put(name, value);
    }

    void classes(List<Segmentation.ClassInfo> all) {
        classes = all;
    }

    /** Reports the failure at once. */
    void failed(String input, String reason) {
        failed(new Inputs.Failure(input, reason));
    }

    /** Reports the failure at once. */
    void failed(Inputs.Failure failure) {
        failures.add(failure);
        console.error(failure.text());
    }

    /** @param key see {@link Picture#key} */
    void segmented(Path input, Segmentation result, Map<String, Path> results, String key) {
        RgbImage image = result.image();
        segmented(input, image.width(), image.height(), result, results, key);
    }

    /**
     * As {@link #segmented(Path, Segmentation, Map, String)}, for a photograph that was larger than the image of the
     * result.
     *
     * @param result whose shares and scores are those of the whole photograph
     */
    void segmented(Path input, int width, int height, Segmentation result, Map<String, Path> results, String key) {
        pictures.add(new Picture(input.toString(), width, height, results, result.shares(), result.scores(), key));
    }

    void described(Path input, int width, int height, Map<String, Path> results) {
        pictures.add(new Picture(input.toString(), width, height, results, null, null, null));
    }

    /** Takes over a photograph whose results an earlier run has left. */
    void kept(Picture picture) {
        pictures.add(picture);
        kept++;
    }

    /**
     * Marks the run as not complete, as it stays if it ends early, by Ctrl-C for instance.
     *
     * @param all photographs that it is for
     */
    void planned(int all) {
        planned = all;
    }

    void complete() {
        planned = -1;
    }

    /** Returns the photographs that are done. */
    List<Picture> pictures() {
        return pictures;
    }

    /** Returns the number of files and other inputs that could not be used. */
    int failures() {
        return failures.stream()
                .mapToInt(failure -> Math.max(1, failure.files().size()))
                .sum();
    }

    List<Segmentation.ClassInfo> classes() {
        return classes;
    }

    /** Returns the part of all pixels of the run that a class has, 0 to 1. */
    double share(Segmentation.ClassInfo segmentClass) {
        double pixels = 0;
        double ofClass = 0;
        for (Picture picture : pictures) {
            double size = (double) picture.width() * picture.height();
            pixels += size;
            ofClass += size * picture.shares()[segmentClass.id()];
        }
        return pixels == 0 ? 0 : ofClass / pixels;
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Returns one line: how many, how long, where. */
    String inWords(String done, Path folder) {
        int computed = pictures.size() - kept;
        return String.format(
                Locale.ROOT,
                "%s%d %s %s%s%s in %.1f s: %s",
                planned < 0 ? "" : "stopped: ",
                computed,
                (planned < 0 ? "" : "of " + planned + " ")
                        + (Math.max(planned, computed) == 1 ? "photograph" : "photographs"),
                done,
                kept == 0 ? "" : ", " + kept + " skipped,",
                failures.isEmpty() ? "" : (kept == 0 ? ", " : " ") + failures() + " failed,",
                seconds(),
                folder);
    }

    /** @param folder that of the results; their paths are given relative to it */
    void writeJson(OutputStream out, Path folder) throws IOException {
        JsonWriter.print(out, json -> {
            json.field("program", "stego-kernels " + Version.text());
            json.field("command", command);
            json.field("java", Version.java());
            if (planned >= 0) {
                json.field("stoppedOf", planned);
            }
            if (deviceId != null) {
                json.beginObject("device");
                json.field("id", deviceId);
                json.field("description", deviceDescription);
                json.field("reason", deviceReason);
                json.endObject();
            }
            json.beginObject("settings");
            for (Map.Entry<String, Object> setting : settings.entrySet()) {
                json.field(setting.getKey(), setting.getValue());
            }
            json.endObject();
            writeSeconds(json);
            writeClasses(json);
            json.beginList("images");
            for (Picture picture : pictures) {
                write(json, picture, folder);
            }
            json.endList();
            json.beginList("failures");
            for (Inputs.Failure failure : failures) {
                json.beginObject();
                json.field("input", failure.input());
                json.field("reason", failure.reason());
                if (!failure.files().isEmpty()) {
                    json.field(
                            "files",
                            failure.files().stream().map(Path::toString).toList());
                }
                json.endObject();
            }
            json.endList();
        });
    }

    private void writeSeconds(JsonWriter json) throws IOException {
        json.beginObject("seconds");
        json.field("total", rounded(seconds()));
        for (Map.Entry<Stage, Double> stage : times.seconds().entrySet()) {
            json.field(stage.getKey().label(), rounded(stage.getValue()));
        }
        json.endObject();
    }

    private void writeClasses(JsonWriter json) throws IOException {
        if (classes.isEmpty()) {
            return;
        }
        json.beginList("classes");
        for (Segmentation.ClassInfo segmentClass : classes) {
            json.beginObject();
            json.field("id", segmentClass.id());
            json.field("name", segmentClass.name());
            json.field("color", String.format("#%06x", segmentClass.rgb()));
            json.field("share", rounded(share(segmentClass)));
            json.endObject();
        }
        json.endList();
    }

    private void write(JsonWriter json, Picture picture, Path folder) throws IOException {
        json.beginObject();
        json.field("input", picture.input());
        json.field("width", picture.width());
        json.field("height", picture.height());
        for (Map.Entry<String, Path> result : picture.results().entrySet()) {
            json.field(result.getKey(), InnerPath.slashed(folder.relativize(result.getValue())));
        }
        if (picture.shares() != null) {
            json.beginList("classes");
            for (Segmentation.ClassInfo segmentClass : classes) {
                int id = segmentClass.id();
                if (picture.shares()[id] > 0) {
                    json.beginObject();
                    json.field("id", id);
                    json.field("share", rounded(picture.shares()[id]));
                    json.field("score", rounded(picture.scores()[id]));
                    json.endObject();
                }
            }
            json.endList();
        }
        if (picture.key() != null) {
            json.field("key", picture.key());
        }
        json.endObject();
    }

    private static double rounded(double value) {
        return Math.round(value * 1e6) / 1e6;
    }
}
