package org.stegokernels.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Calibration;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Evaluator.PrecisionRecall;
import org.stegokernels.eval.Scores;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
import org.stegokernels.report.HtmlReport;
import org.stegokernels.report.MetricsLog;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;

/**
 * The results of an evaluation, on paper and on the terminal.
 *
 * @param settings what it takes to do the same again
 * @param seconds in all
 */
record EvalOutput(
        String command,
        Map<String, Object> settings,
        Evaluator.Result result,
        Dataset dataset,
        StageTimes times,
        double seconds) {
    private static final String METRICS = "metrics.json";
    static final String REPORT = "report.html";
    private static final String PICTURES = "pictures";
    private static final String IMAGE = ".image.png";
    private static final String LABELS = ".labels.png";
    private static final String CLUSTER = ".cluster.png";
    private static final String LINEAR = ".linear.png";
    private static final List<String> SUFFIXES = List.of(IMAGE, LABELS, CLUSTER, LINEAR);

    private Optional<Scores> cluster() {
        return result.cluster();
    }

    private Optional<Scores> linear() {
        return result.linear();
    }

    /**
     * Makes sure, before anything is computed, that no file of others is replaced.
     *
     * @throws UsageException if one would be
     * @throws IOException if report or metrics can't be written
     */
    static void require(ResultFolder results, Path folder, Dataset dataset) throws IOException {
        results.require(folder.resolve(METRICS));
        results.require(folder.resolve(REPORT));
        Path pictures = folder.resolve(PICTURES);
        if (!Files.isDirectory(pictures)) {
            return;
        }
        for (int index = 0; index < dataset.size(); index++) {
            try {
                Path stem = InnerPath.of(pictures, dataset.example(index).id());
                for (String suffix : SUFFIXES) {
                    results.require(Outputs.with(stem, suffix));
                }
            } catch (IOException e) {
                // This picture can't be written, which is reported if it is one of those that are shown.
            }
        }
    }

    /**
     * Writes metrics, pictures and report; a picture that can't be written fails alone.
     *
     * @return how many failed
     */
    int writeFiles(
            ResultFolder results, Path folder, ByteArrayOutputStream metrics, Optional<MetricsLog> log, Console console)
            throws IOException {
        int failures = 0;
        results.write(folder.resolve(METRICS), metrics::writeTo);
        for (Evaluator.Picture picture : result.pictures()) {
            try {
                writePicture(results, picture, InnerPath.of(folder.resolve(PICTURES), picture.id()));
            } catch (IOException e) {
                if (FileErrors.isDiskFull(e)) {
                    throw e;
                }
                console.error(FileErrors.text(e));
                failures++;
            }
        }
        Map<String, String> facts = new LinkedHashMap<>();
        settings.forEach((name, value) -> facts.put(name, String.valueOf(value)));
        facts.put("seconds", String.format(Locale.ROOT, "%.1f", seconds));
        facts.put("program", "stego-kernels " + Version.text());
        String model = Path.of(facts.get("model")).getFileName().toString();
        String what = settings.containsKey("baseline") ? settings.get("baseline") + " baseline" : model;
        String lead = result.images() + " images of " + dataset.name() + " at " + settings.get("size") + " pixels, "
                + dataset.classes().count() + " classes";
        HtmlReport.Content content = new HtmlReport.Content(
                what + " on " + dataset.name(),
                lead,
                facts,
                log,
                Optional.of(result),
                Optional.empty(),
                Optional.empty(),
                dataset.classes());
        results.write(folder.resolve(REPORT), out -> HtmlReport.write(out, content));
        return failures;
    }

    private void writePicture(ResultFolder results, Evaluator.Picture picture, Path stem) throws IOException {
        FileErrors.makeFolder(stem.toAbsolutePath().getParent());
        results.write(Outputs.with(stem, IMAGE), out -> PngWriter.write(out, picture.image()));
        writeLabels(results, Outputs.with(stem, LABELS), picture.labels());
        if (cluster().isPresent()) {
            writeLabels(
                    results,
                    Outputs.with(stem, CLUSTER),
                    picture.classesOf(Probe.CLUSTER, cluster().get()));
        }
        if (linear().isPresent()) {
            writeLabels(results, Outputs.with(stem, LINEAR), picture.classesOf(Probe.LINEAR, linear().get()));
        }
    }

    /** Writes labels in the colours of the classes; a cluster without class, one id beyond them, is grey. */
    private void writeLabels(ResultFolder results, Path file, LabelMap labels) throws IOException {
        DatasetClasses classes = dataset.classes();
        int[] colors = Arrays.copyOf(classes.palette().rgb(), classes.count() + 1);
        colors[classes.count()] = HtmlReport.NO_CLASS;
        results.write(file, out -> PalettePng.write(out, labels, new Palette(colors)));
    }

    void print(Console console, Path folder) {
        PrintStream stream = console.out();
        stream.printf(Locale.ROOT, "%-14s %8s %8s%n", "", "mIoU", "accuracy");
        cluster().ifPresent(scores -> printMetrics(stream, "cluster", scores));
        cluster().ifPresent(scores -> printMetrics(stream, "  many to one", majority(scores)));
        linear().ifPresent(scores -> printMetrics(stream, "linear", scores));
        stream.println();
        printClasses(stream);
        printCalibrations(stream);
        for (PrecisionRecall curve : result.correspondences()) {
            stream.printf(
                    Locale.ROOT,
                    "average precision of %s: %.1f%% (a guess: %.1f%%)%n",
                    curve.name(),
                    100 * curve.averagePrecision(),
                    100 * curve.positives());
        }
        String failed =
                result.failures().isEmpty() ? "" : ", " + result.failures().size() + " left out,";
        String where = folder == null ? "" : ": " + folder.resolve(REPORT);
        stream.printf(Locale.ROOT, "%d images evaluated%s in %.1f s%s%n", result.images(), failed, seconds, where);
    }

    private void printClasses(PrintStream stream) {
        stream.printf(
                "%-24s%s%s%n",
                "IoU", cluster().isPresent() ? "  cluster" : "", linear().isPresent() ? "   linear" : "");
        for (int id = 0; id < dataset.classes().count(); id++) {
            stream.printf("%-24s", Printable.line(dataset.classes().names().get(id)));
            for (Optional<Scores> scores : List.of(cluster(), linear())) {
                if (scores.isPresent()) {
                    stream.printf("%9s", percent(scores.get().iou()[id]));
                }
            }
            stream.println();
        }
        stream.println();
    }

    private void printCalibrations(PrintStream stream) {
        if (result.calibrations().isEmpty()) {
            return;
        }
        stream.printf("%-14s %8s %8s%n", "confidence", "ECE", "AUROC");
        result.calibrations()
                .forEach((probe, calibration) -> stream.printf(
                        "%-14s %8s %8s%n",
                        name(probe), percent(calibration.expectedError()), percent(calibration.auroc())));
        stream.println();
    }

    private static String name(Probe probe) {
        return probe.name().toLowerCase(Locale.ROOT);
    }

    private static void printMetrics(PrintStream stream, String name, Scores scores) {
        stream.printf("%-14s %8s %8s%n", name, percent(scores.meanIou()), percent(scores.accuracy()));
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    private static Scores majority(Scores scores) {
        return Scores.of(scores.matrix(), Scores.Matching.majority(scores.matrix()));
    }

    void writeJson(OutputStream out) throws IOException {
        JsonWriter.print(out, json -> {
            json.field("program", "stego-kernels " + Version.text());
            json.field("command", command);
            json.beginObject("settings");
            for (Map.Entry<String, Object> setting : settings.entrySet()) {
                json.field(setting.getKey(), setting.getValue());
            }
            json.endObject();
            json.field("images", result.images());
            json.beginObject("seconds");
            number(json, "total", seconds);
            for (Map.Entry<Stage, Double> stage : times.seconds().entrySet()) {
                number(json, stage.getKey().label(), stage.getValue());
            }
            json.endObject();
            if (cluster().isPresent()) {
                write(json, Probe.CLUSTER, cluster().get());
            }
            if (linear().isPresent()) {
                write(json, Probe.LINEAR, linear().get());
            }
            writeCorrespondences(json);
            json.beginList("failures");
            for (ImageFolder.LeftOut leftOut : dataset.leftOut()) {
                json.beginObject();
                json.field("input", leftOut.path().toString());
                json.field("reason", leftOut.reason());
                json.endObject();
            }
            for (Evaluator.Failure failure : result.failures()) {
                json.beginObject();
                json.field("input", failure.id());
                json.field("reason", failure.reason());
                json.endObject();
            }
            json.endList();
        });
    }

    private void write(JsonWriter json, Probe probe, Scores scores) throws IOException {
        json.beginObject(name(probe));
        number(json, "mIoU", scores.meanIou());
        number(json, "accuracy", scores.accuracy());
        if (probe == Probe.CLUSTER) {
            Scores majority = majority(scores);
            json.beginObject("manyToOne");
            number(json, "mIoU", majority.meanIou());
            number(json, "accuracy", majority.accuracy());
            json.endObject();
            // A cluster that stands for no class has -1.
            json.field("classOf", scores.matching().classOf());
        }
        json.beginList("classes");
        for (int id = 0; id < dataset.classes().count(); id++) {
            json.beginObject();
            json.field("id", id);
            json.field("name", dataset.classes().names().get(id));
            number(json, "iou", scores.iou()[id]);
            json.field("pixels", scores.matrix().labelled(id));
            json.endObject();
        }
        json.endList();
        // Rows are predictions, columns classes.
        json.beginList("confusion");
        for (int prediction = 0; prediction < scores.matrix().predictions(); prediction++) {
            long[] row = new long[scores.matrix().classes()];
            for (int label = 0; label < row.length; label++) {
                row[label] = scores.matrix().count(prediction, label);
            }
            json.value(row);
        }
        json.endList();
        if (result.calibrations().containsKey(probe)) {
            writeCalibration(json, result.calibrations().get(probe));
        }
        json.endObject();
    }

    private static void writeCalibration(JsonWriter json, Calibration calibration) throws IOException {
        json.beginObject("calibration");
        number(json, "ece", calibration.expectedError());
        number(json, "auroc", calibration.auroc());
        json.beginList("bins");
        for (Calibration.Bin bin : calibration.bins()) {
            json.beginObject();
            json.field("pixels", bin.pixels());
            number(json, "confidence", bin.confidence());
            number(json, "accuracy", bin.accuracy());
            json.endObject();
        }
        json.endList();
        json.endObject();
    }

    private void writeCorrespondences(JsonWriter json) throws IOException {
        json.beginList("correspondences");
        for (PrecisionRecall curve : result.correspondences()) {
            json.beginObject();
            json.field("name", curve.name());
            number(json, "averagePrecision", curve.averagePrecision());
            number(json, "positives", curve.positives());
            json.field("pairs", curve.pairs());
            json.endObject();
        }
        json.endList();
    }

    /** Writes a number. JSON has no NaN: null stands for it. */
    private static void number(JsonWriter json, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.field(name, Math.round(value * 1e6) / 1e6);
        } else {
            json.field(name, (Object) null);
        }
    }
}
