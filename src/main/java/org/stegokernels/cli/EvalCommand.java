package org.stegokernels.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Evaluator.Baseline;
import org.stegokernels.image.LabelMap;
import org.stegokernels.report.MetricsLog;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code eval}: how good a model is on a labelled dataset. */
@Command(
        name = EvalCommand.NAME,
        description = {
            "Measures a model on a labelled dataset.",
            "",
            "Prints mIoU and accuracy of the clusters and of the linear probe, as the published evaluation computes"
                    + " them. With --out, writes report.html to look at, metrics.json, and pictures/ in the colours of"
                    + " the classes.",
            "",
            "An image or label map that can't be used is named and left out, and the exit code is 5."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels eval -m stego.safetensors --data camvid/ -o report/",
            "  stego-kernels eval -m stego.safetensors --data cityscapes/ --no-crf",
            "  stego-kernels eval -m vit.safetensors --data camvid/ --baseline kmeans"
        })
final class EvalCommand extends CliCommand {
    static final String NAME = "eval";

    private static final int MAX_PICTURES = 1000;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Mixin
    private DataFolder folder;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "val",
            description = "Which part of the dataset. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 5,
            description = "Folder for report.html, metrics.json and pictures/; made if missing.")
    private Path out;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 6,
            description = "Shorter side in pixels of what the model sees. Default: what the model was made for, 320 if"
                    + " it doesn't say.")
    private Integer size;

    @Option(
            names = "--crf",
            negatable = true,
            order = 7,
            fallbackValue = "true",
            description = "Sharpen the borders by a dense CRF. Default: on, except for a baseline, which can't"
                    + " have one.")
    private Boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 8,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Average with the mirror image. Default: on.")
    private boolean flip;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            order = 9,
            defaultValue = "published",
            description = "published: the middle square at --size pixels, resized with nearest neighbour. whole: the"
                    + " whole image at its own size. Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Option(
            names = "--count",
            paramLabel = "NAME",
            order = 10,
            defaultValue = "all",
            description = "Pixels of clusters beyond the number of classes. all: they are wrong."
                    + " published: dropped, as the published code does. Default: ${DEFAULT-VALUE}.")
    private Count count;

    @Option(
            names = "--baseline",
            paramLabel = "NAME",
            order = 11,
            description = "Measure instead k-means over what the images' patches have: kmeans, the features of the"
                    + " backbone, or rgb, their mean colour.")
    private Baseline.Kind baseline;

    @Option(
            names = {"-k", "--clusters"},
            paramLabel = "K",
            order = 12,
            description = "Clusters of a baseline. Default: as many as there are classes.")
    private Integer clusters;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 13,
            defaultValue = "0",
            description = "Where the search for the clusters of a baseline starts. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            order = 14,
            defaultValue = "8",
            description = "Images to show, spread evenly over the dataset. Default: ${DEFAULT-VALUE}.")
    private int pictures;

    @Option(
            names = "--training",
            paramLabel = "FILE",
            order = 15,
            description = "The metrics.jsonl of the training, for its curves in the report.")
    private Path training;

    @Mixin
    private DeviceSelection deviceSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    @Option(names = "--json", order = 90, description = "Print the metrics as JSON instead of text.")
    private boolean json;

    private final StageTimes times = new StageTimes();

    EvalCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return out == null ? null : NextStep.look(out.resolve(EvalOutput.REPORT));
    }

    @Override
    int run() throws IOException {
        options(Segmenter.Options.DEFAULT.size());
        checkOptions();
        Devices.Choice choice = deviceSelection.choose();
        Dataset dataset = UsageException.reading(() -> Evaluator.requireLabels(Dataset.open(folder.settings(split))));
        tellLeftOut(dataset);
        Optional<MetricsLog> log = training == null
                ? Optional.empty()
                : UsageException.reading(() -> Optional.of(MetricsLog.read(training)));
        ResultFolder results = out == null ? null : ResultFolder.of(out, NAME, overwriting);
        if (out != null) {
            results.prepare();
            EvalOutput.require(results, out, dataset);
        }
        ModelSelection.Found found = modelSelection.find(console);
        long start = System.nanoTime();
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            times.add(Stage.MODEL, start);
            Evaluator.Settings settings = new Evaluator.Settings(
                    options(model.info().settings().inputSize()), count, out == null ? 0 : pictures);
            checkModel(found.label(), model, settings.options(), dataset);
            Evaluator.Result result = evaluate(model, dataset, settings);
            EvalOutput output = new EvalOutput(
                    NAME,
                    facts(found.label(), model, dataset, settings, choice),
                    result,
                    dataset,
                    times,
                    (System.nanoTime() - start) / 1e9);
            return finish(output, results, log);
        }
    }

    private Segmenter.Options options(int modelSize) {
        boolean sharpened = crf == null ? baseline == null : crf;
        try {
            return Segmenter.Options.DEFAULT
                    .withSize(size == null ? modelSize : size)
                    .withFlip(flip)
                    .withCrf(sharpened)
                    .withProtocol(protocol);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    private void checkOptions() {
        if (baseline == null && clusters != null) {
            throw new UsageException("--clusters is for a --baseline; a model has its own");
        }
        if (baseline != null && Boolean.TRUE.equals(crf)) {
            throw new UsageException("--crf: a baseline can't have one, its clusters give no probabilities");
        }
        if (pictures < 0 || pictures > MAX_PICTURES) {
            throw new UsageException("--pictures must be between 0 and " + MAX_PICTURES + ", not " + pictures);
        }
        if (training != null && out == null) {
            throw new UsageException("--training is for the report: say with --out where it goes");
        }
    }

    private void checkModel(String label, Stego model, Segmenter.Options options, Dataset dataset) {
        if (baseline == null && model.probes().isEmpty()) {
            throw new UsageException(
                    label + " is a backbone that knows no classes: pass --baseline kmeans, or give a" + " STEGO model");
        }
        if (protocol == Protocol.PUBLISHED) {
            PatchSize.require("--protocol published", size, options.size(), label, model);
        }
        int classes = dataset.classes().count();
        if (clusters != null && (clusters < classes || clusters > LabelMap.IGNORE)) {
            throw new UsageException("--clusters must be between " + classes + ", the number of classes, and "
                    + LabelMap.IGNORE + ", not " + clusters);
        }
    }

    private Evaluator.Result evaluate(Stego model, Dataset dataset, Evaluator.Settings settings) throws IOException {
        int rounds = baseline == null ? 1 : 2;
        try (Progress progress = Progress.of(console, "evaluating", rounds * dataset.size())) {
            if (baseline == null) {
                return Evaluator.run(model, dataset, settings, times, progress::step);
            }
            return Evaluator.run(
                    new Baseline(baseline, wantedClusters(dataset), seed),
                    model,
                    dataset,
                    settings,
                    times,
                    progress::step);
        } catch (Clustering.ImpossibleException e) {
            throw new DatasetException(folder.root(), e.getMessage(), "or choose a larger --size", e);
        }
    }

    private int wantedClusters(Dataset dataset) {
        return clusters == null ? dataset.classes().count() : clusters;
    }

    private Map<String, Object> facts(
            String label, Stego model, Dataset dataset, Evaluator.Settings settings, Devices.Choice choice) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", label);
        facts.put("data", folder.root().toString());
        facts.put("layout", name(dataset.settings().kind()));
        facts.put("split", split);
        if (baseline != null) {
            facts.put("baseline", name(baseline));
            facts.put("clusters", wantedClusters(dataset));
            facts.put("seed", seed);
        }
        facts.put("size", settings.options().size());
        facts.putAll(model.info().settings().views().entries());
        facts.put("protocol", name(protocol));
        facts.put("flip", flip);
        facts.put("crf", settings.options().crf());
        facts.put("count", name(count));
        facts.put("device", choice.info().id());
        return facts;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private int finish(EvalOutput output, ResultFolder results, Optional<MetricsLog> log) throws IOException {
        output.result().failures().forEach(failure -> console.error(failure.reason()));
        int failures = output.result().failures().size();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        output.writeJson(bytes);
        if (out != null) {
            failures += output.writeFiles(results, out, bytes, log, console);
        }
        if (json) {
            bytes.writeTo(console.out());
            console.out().flush();
        } else {
            output.print(console, out);
        }
        return failures == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }
}
