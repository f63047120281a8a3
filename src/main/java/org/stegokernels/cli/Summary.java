package org.stegokernels.cli;

import com.fasterxml.jackson.core.JsonGenerator;
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

/** What a run did, for {@code summary.json} and for the person at the terminal. */
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
        Json.write(out, json -> {
            json.writeStringField("program", "stego-kernels " + Version.text());
            json.writeStringField("command", command);
            json.writeStringField("java", Version.java());
            if (planned >= 0) {
                json.writeNumberField("stoppedOf", planned);
            }
            if (deviceId != null) {
                json.writeObjectFieldStart("device");
                json.writeStringField("id", deviceId);
                json.writeStringField("description", deviceDescription);
                json.writeStringField("reason", deviceReason);
                json.writeEndObject();
            }
            json.writeObjectFieldStart("settings");
            for (Map.Entry<String, Object> setting : settings.entrySet()) {
                json.writeObjectField(setting.getKey(), setting.getValue());
            }
            json.writeEndObject();
            writeSeconds(json);
            writeClasses(json);
            json.writeArrayFieldStart("images");
            for (Picture picture : pictures) {
                write(json, picture, folder);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("failures");
            for (Inputs.Failure failure : failures) {
                json.writeStartObject();
                json.writeStringField("input", failure.input());
                json.writeStringField("reason", failure.reason());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private void writeSeconds(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("seconds");
        json.writeNumberField("total", rounded(seconds()));
        for (Map.Entry<String, Double> stage : times.seconds().entrySet()) {
            json.writeNumberField(stage.getKey(), rounded(stage.getValue()));
        }
        json.writeEndObject();
    }

    private void writeClasses(JsonGenerator json) throws IOException {
        if (classes.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("classes");
        for (Segmentation.ClassInfo segmentClass : classes) {
            json.writeStartObject();
            json.writeNumberField("id", segmentClass.id());
            json.writeStringField("name", segmentClass.name());
            json.writeStringField("color", String.format("#%06x", segmentClass.rgb()));
            json.writeNumberField("share", rounded(share(segmentClass)));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void write(JsonGenerator json, Picture picture, Path folder) throws IOException {
        json.writeStartObject();
        json.writeStringField("input", picture.input().toString());
        json.writeNumberField("width", picture.width());
        json.writeNumberField("height", picture.height());
        for (Map.Entry<String, Path> result : picture.results().entrySet()) {
            String path = folder.relativize(result.getValue()).toString();
            json.writeStringField(result.getKey(), path.replace('\\', '/'));
        }
        if (picture.shares() != null) {
            json.writeArrayFieldStart("classes");
            for (Segmentation.ClassInfo segmentClass : classes) {
                int id = segmentClass.id();
                if (picture.shares()[id] > 0) {
                    json.writeStartObject();
                    json.writeNumberField("id", id);
                    json.writeNumberField("share", rounded(picture.shares()[id]));
                    json.writeNumberField("score", rounded(picture.scores()[id]));
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static double rounded(double value) {
        return Math.round(value * 1e6) / 1e6;
    }
}
