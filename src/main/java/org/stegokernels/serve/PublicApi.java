package org.stegokernels.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.JsonWriter;

/** The interface for other programs: photographs are segmented as {@code segment} does, by the model as it was opened. */
final class PublicApi implements AutoCloseable {
    private static final String PNG = "image/png";
    private static final List<Stage> COMPUTED =
            List.of(Stage.RESIZE, Stage.BACKBONE, Stage.CLASSIFY, Stage.CRF, Stage.LABELS);

    private final Workbench.Settings settings;
    private final Stego model;
    private final Works works;
    private final Turns turns;
    private final Metrics metrics;
    /** Summed up over all photographs by the segmenter. */
    private final StageTimes times = new StageTimes();
    /** Null if the model knows no classes. */
    private final Segmenter segmenter;

    PublicApi(Workbench.Settings settings, Stego model, Works works, Turns turns, Metrics metrics) {
        this.settings = settings;
        this.model = model;
        this.works = works;
        this.turns = turns;
        this.metrics = metrics;
        segmenter = model.probes().isEmpty() ? null : Segmenter.of(model, settings.options(), times);
    }

    void addTo(Routes routes) {
        routes.add("POST", "/v1/segment", this::segment);
        routes.add("GET", "/v1/model", this::describe);
        routes.add("GET", "/v1/health", this::health);
        routes.add("GET", "/metrics", metrics::handle);
    }

    /** The time that one request takes, by stage. */
    private static final class Watch {
        private final long begun = System.nanoTime();
        private final Map<Stage, Double> seconds = new EnumMap<>(Stage.class);
        private double waited;

        /** Returns the seconds since a time of {@link System#nanoTime()}. */
        private static double since(long start) {
            return (System.nanoTime() - start) / 1e9;
        }

        void add(Stage stage, long start) {
            seconds.merge(stage, since(start), Double::sum);
        }

        void waited(long start) {
            waited += since(start);
        }

        String header() {
            StringBuilder header = new StringBuilder(entry("wait", waited));
            seconds.forEach((stage, time) -> header.append(", ").append(entry(stage.label(), time)));
            return header.append(", ").append(entry("total", since(begun))).toString();
        }

        private static String entry(String name, double seconds) {
            return String.format(Locale.ROOT, "%s;dur=%.2f", name, 1e3 * seconds);
        }

        void write(JsonWriter json) throws IOException {
            json.beginObject("seconds");
            json.field("wait", waited);
            for (Map.Entry<Stage, Double> stage : seconds.entrySet()) {
                json.field(stage.getKey().label(), stage.getValue());
            }
            json.field("total", since(begun));
            json.endObject();
        }
    }

    private void segment(Exchange exchange) throws IOException {
        boolean png = wantsPng(exchange.listed("Accept"));
        if (segmenter == null) {
            throw new Problem(409, "The model " + settings.model() + " is a backbone that knows no classes.");
        }
        byte[] file = exchange.body(works.largestBody());
        Watch watch = new Watch();
        byte[] answer;
        try (Works.Held turn = works.turn()) {
            watch.waited(watch.begun);
            long start = System.nanoTime();
            RgbImage image = ImageReader.read(file, Path.of("photograph"), settings.limits());
            watch.add(Stage.DECODE, start);
            Segmentation result = segment(image, watch);
            answer = png ? png(result, watch) : json(result, watch);
        }
        metrics.segmented(watch.seconds);
        exchange.set("Server-Timing", watch.header());
        exchange.bytes(200, png ? PNG : Exchange.JSON, answer);
    }

    /** Segments one image: one request at a time, so that what the segmenter adds to its times is this one's. */
    private Segmentation segment(RgbImage image, Watch watch) throws IOException {
        long start = System.nanoTime();
        try (Works.Held device = works.device()) {
            watch.waited(start);
            Map<Stage, Double> before = times.seconds();
            start = System.nanoTime();
            Segmentation result = turns.now(() -> segmenter.segment(image));
            double computing = Watch.since(start);
            Map<Stage, Double> after = times.seconds();
            for (Stage stage : COMPUTED) {
                double taken = after.get(stage) - before.getOrDefault(stage, 0.0);
                watch.seconds.put(stage, taken);
                computing -= taken;
            }
            // The rest is the time that the board has had the device.
            watch.waited += Math.max(0, computing);
            return result;
        }
    }

    private static byte[] png(Segmentation result, Watch watch) throws IOException {
        long start = System.nanoTime();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PalettePng.write(bytes, result.labels(), Segmentation.palette(result.classes()));
        watch.add(Stage.WRITE, start);
        return bytes.toByteArray();
    }

    private byte[] json(Segmentation result, Watch watch) throws IOException {
        long start = System.nanoTime();
        int width = result.labels().width();
        int height = result.labels().height();
        Map<Integer, String> masks = new Picture("photograph", "photograph", result.labels()).masks();
        watch.add(Stage.WRITE, start);
        return JsonWriter.bytes(json -> {
            json.field("model", settings.model());
            json.field("width", width);
            json.field("height", height);
            json.beginList("classes");
            for (ClassInfo each : result.classes()) {
                String mask = masks.get(each.id());
                if (mask != null) {
                    json.beginObject();
                    write(json, each);
                    json.field("share", result.shares()[each.id()]);
                    json.field("confidence", result.scores()[each.id()]);
                    json.beginObject("segmentation");
                    json.field("size", new int[] {height, width});
                    json.field("counts", mask);
                    json.endObject();
                    json.endObject();
                }
            }
            json.endList();
            watch.write(json);
        });
    }

    private static void write(JsonWriter json, ClassInfo each) throws IOException {
        json.field("id", each.id());
        json.field("name", each.name());
        json.field("color", String.format(Locale.ROOT, "#%06x", each.rgb()));
    }

    /**
     * Returns whether a client would rather have a picture than JSON.
     *
     * @param accept the header's entries, small letters
     * @throws Problem 406 if it takes neither
     */
    static boolean wantsPng(List<String> accept) {
        double png = accept.isEmpty() ? 1 : quality(accept, PNG, "image/*");
        double json = accept.isEmpty() ? 1 : quality(accept, Exchange.JSON, "application/*");
        if (png == 0 && json == 0) {
            throw new Problem(406, "The answer is application/json or image/png; the header Accept takes neither.");
        }
        return png > json;
    }

    /** Returns the weight of a type, 0 to 1: that of the most specific entry that it fits (RFC 9110, 12.5.1). */
    private static double quality(List<String> accept, String type, String kind) {
        double quality = 0;
        int best = -1;
        List<String> ranges = List.of("*/*", kind, type);
        for (String entry : accept) {
            String[] parts = entry.split(" *; *");
            int rank = ranges.indexOf(parts[0]);
            if (rank > best) {
                best = rank;
                quality = weight(parts);
            }
        }
        return quality;
    }

    private static double weight(String[] parts) {
        for (String part : parts) {
            if (part.matches("q=[01](\\.\\d{0,3})?")) {
                return Double.parseDouble(part.substring(2));
            }
        }
        return 1;
    }

    private void describe(Exchange exchange) throws IOException {
        exchange.json(200, json -> {
            json.field("name", settings.model());
            json.field("device", model.device().id());
            json.field("size", settings.options().size());
            json.field("crf", settings.options().crf());
            json.field("flip", settings.options().flip());
            json.field("licence", model.info().settings().licence());
            json.field("source", model.info().settings().source());
            json.field("largestBody", works.largestBody());
            json.field("largestPixels", settings.limits().maxPixels());
            json.beginList("classes");
            for (ClassInfo each : segmenter == null ? List.<ClassInfo>of() : segmenter.classes()) {
                json.beginObject();
                write(json, each);
                json.endObject();
            }
            json.endList();
        });
    }

    private void health(Exchange exchange) throws IOException {
        boolean well = !metrics.isDeviceLost();
        exchange.json(well ? 200 : 503, json -> {
            json.field("status", well ? "ok" : "device lost");
            json.field("queue", works.inFlight());
        });
    }

    @Override
    public void close() {
        if (segmenter != null) {
            segmenter.close();
        }
    }
}
