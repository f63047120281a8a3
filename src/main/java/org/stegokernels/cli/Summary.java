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
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.StageTimes;
import org.stegokernels.stego.StageTimes.Stage;
import org.stegokernels.text.JsonWriter;

/** The results of a run, for {@code summary.json} and for the person at the terminal. */
final class Summary {
    private final String command;
    private final Console console;
    private final StageTimes times;
    private final long start = System.nanoTime();
    private final List<Inputs.Failure> failures = new ArrayList<>();
    private final List<Picture> pictures = new ArrayList<>();
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private List<Segmentation.ClassInfo> classes = List.of();
    private long pixels;
    /** Photographs that a run was for that ended early, else -1. */
    private int planned = -1;

    private double[] classPixels = new double[0];
    private String deviceId;
    private String deviceDescription;
    private String deviceReason;

    /** One photograph that is done, with its results by kind; shares and scores are null if nothing was segmented. */
    private record Picture(
            Path input, int width, int height, Map<String, Path> results, double[] shares, double[] scores) {}

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

    /** Anything that a later reader needs to do the same again; numbers, truth values and text. */
    void setting(String name, Object value) {
        settings.put(name, value);
    }

    void classes(List<Segmentation.ClassInfo> all) {
        classes = all;
        classPixels = new double[all.size()];
    }

    /** Tells of the failure at once. */
    void failed(String input, String reason) {
        failures.add(new Inputs.Failure(input, reason));
        console.error(reason.startsWith(input) ? reason : input + ": " + reason);
    }

    void segmented(Path input, Segmentation result, Map<String, Path> results) {
        int size = result.image().pixels();
        pixels += size;
        for (int c = 0; c < classPixels.length; c++) {
            classPixels[c] += result.shares()[c] * size;
        }
        pictures.add(new Picture(
                input, result.image().width(), result.image().height(), results, result.shares(), result.scores()));
    }

    void described(Path input, int width, int height, Map<String, Path> results) {
        pictures.add(new Picture(input, width, height, results, null, null));
    }

    /**
     * Marks the run as ended early, by Ctrl-C for instance.
     *
     * @param all photographs that it was for
     */
    void stopped(int all) {
        planned = all;
    }

    int failures() {
        return failures.size();
    }

    List<Segmentation.ClassInfo> classes() {
        return classes;
    }

    /** Part of all pixels of the run that a class has, 0 to 1. */
    double share(Segmentation.ClassInfo segmentClass) {
        return pixels == 0 ? 0 : classPixels[segmentClass.id()] / pixels;
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** One line: how many, how long, where. */
    String inWords(String done, Path folder) {
        return String.format(
                Locale.ROOT,
                "%s%d %s %s%s in %.1f s: %s",
                planned < 0 ? "" : "stopped: ",
                pictures.size(),
                (planned < 0 ? "" : "of " + planned + " ")
                        + (Math.max(planned, pictures.size()) == 1 ? "photograph" : "photographs"),
                done,
                failures.isEmpty() ? "" : ", " + failures.size() + " failed,",
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
        json.field("input", picture.input().toString());
        json.field("width", picture.width());
        json.field("height", picture.height());
        for (Map.Entry<String, Path> result : picture.results().entrySet()) {
            String path = folder.relativize(result.getValue()).toString();
            json.field(result.getKey(), path.replace('\\', '/'));
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
        json.endObject();
    }

    private static double rounded(double value) {
        return Math.round(value * 1e6) / 1e6;
    }
}
