package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Scores;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.LabelMap;
import org.stegokernels.report.HtmlReport;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import org.stegokernels.train.ProbeTrainer;
import org.stegokernels.train.ProbeTrainer.Example;
import org.stegokernels.train.ProbeTrainer.Taught;
import org.stegokernels.train.TrainingException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code teach}: classes from a few labelled photographs. */
@Command(
        name = TeachCommand.NAME,
        description = {
            "Learns classes from a few photographs with labels, or with scribbles: a linear probe of the backbone's"
                    + " features, in seconds. Writes a model that 'segment' takes.",
            "",
            "A label map is a PNG of the photograph's name and size: class indices, grey or with a palette, whose colours"
                    + " the classes get; or the colours of a classes.txt (NAME RED GREEN BLUE in each line) beside the label"
                    + " maps or in --data. What is 255, transparent, or black without a class of that colour, is not said."
                    + " All are checked before anything is computed.",
            "",
            "With three photographs or more, each is also labelled by a probe that was taught by others: these are the"
                    + " scores that are printed, and shown by --report."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels teach -m dino_vits8.safetensors --data photos/ --labels labels/ -o taught.safetensors",
            "  stego-kernels segment more/ -m taught.safetensors -o masks/"
        })
final class TeachCommand extends CliCommand {
    static final String NAME = "teach";

    @Mixin
    private DataFolder folder;

    @Option(
            names = "--labels",
            paramLabel = "DIR",
            order = 3,
            description = "Folder of the label maps; photographs without one are passed over. Default: labels/SPLIT in"
                    + " --data.")
    private Path labels;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "train",
            description = "Which part of a dataset that has parts. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 1,
            required = true,
            description = "Safetensors file to write: the model.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Option(
            names = "--of",
            paramLabel = "WHAT",
            order = 14,
            defaultValue = "raw",
            description = "raw: the backbone's features. code: what the head distils from them."
                    + " Default: ${DEFAULT-VALUE}.")
    private ClusterCommand.Of of;

    @Option(
            names = "--head",
            order = 14,
            description = "Let the model's head learn from the labels, too; the probe is then one of its codes. Takes"
                    + " several times as long.")
    private boolean head;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 10,
            description =
                    "Shorter side in pixels of what the model sees. Default: what the model was made for, 320 if it"
                            + " doesn't say.")
    private Integer size;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            order = 15,
            description = "HTML file to write: scores, and photographs labelled by a probe that did not see them.")
    private Path report;

    @Mixin
    private CacheSelection cache;

    @Mixin
    private DeviceSelection deviceSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    @Option(names = "--json", order = 90, description = "Print the result as JSON instead of text.")
    private boolean json;

    TeachCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.command("segment", "PHOTOS", "-m", out, "-o", "masks");
    }

    @Override
    int run() throws IOException {
        cache.check();
        Dataset data = UsageException.reading(() -> Dataset.open(settings()));
        if (!complete(data)) {
            return ExitCode.FAILED;
        }
        ResultFolder results = ResultFolder.ofFile(out, NAME, overwriting);
        ResultFolder reports = report == null ? null : ResultFolder.ofFile(report, NAME, overwriting);
        Devices.Choice choice = deviceSelection.choose();
        ModelSelection.Found found = modelSelection.find(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            boolean code = of == ClusterCommand.Of.CODE;
            if ((code || head) && model.head().isEmpty()) {
                throw new UsageException(found.label()
                        + (head
                                ? " has no head that could learn: leave out --head, or give a model of 'train'"
                                : " has no head, so there are no codes: use --of raw"));
            }
            ProbeTrainer.Features features = features(model, code && !head);
            List<Example> examples = read(data, model, features);
            long start = System.nanoTime();
            Taught taught = train(device, data, examples, head ? model.headTensors() : Map.of());
            double seconds = (System.nanoTime() - start) / 1e9;
            results.write(
                    out,
                    stream -> model(model, data.classes(), taught, features).writeTo(stream));
            if (report != null) {
                reports.write(
                        report,
                        stream -> HtmlReport.write(stream, content(found.label(), model, data, taught, seconds)));
            }
            tell(data, examples, taught, seconds);
        }
        return ExitCode.DONE;
    }

    private Dataset.Settings settings() {
        Dataset.Settings settings = folder.settings(split);
        if (labels == null && settings.kind() != Dataset.Kind.DIRECTORY) {
            throw new UsageException("nothing says where the label maps are: add --labels DIR");
        }
        return settings.withLabels(
                labels == null ? folder.root().resolve("labels").resolve(split) : labels);
    }

    /** Tells all mistakes in the labels; returns false if there are any. */
    private boolean complete(Dataset data) {
        List<String> mistakes = new ArrayList<>();
        data.leftOut().stream().map(ImageFolder.LeftOut::text).forEach(mistakes::add);
        try (Progress progress = Progress.of(console, "checking labels", 1)) {
            mistakes.addAll(data.labelMistakes());
            progress.step();
        }
        mistakes.forEach(console::error);
        if (!mistakes.isEmpty()) {
            console.err()
                    .println(mistakes.size() + (mistakes.size() == 1 ? " mistake" : " mistakes")
                            + " in the labels: nothing was learnt");
        }
        return mistakes.isEmpty();
    }

    private ProbeTrainer.Features features(Stego model, boolean code) {
        try {
            Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(
                    size == null ? model.info().settings().inputSize() : size);
            return new ProbeTrainer.Features(options, code, cache.photographs(), cache.type());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    private List<Example> read(Dataset data, Stego model, ProbeTrainer.Features features) throws IOException {
        try (Progress progress = Progress.of(console, "features of " + data.size() + " photographs", data.size())) {
            return ProbeTrainer.read(data, model, features, progress::step);
        } catch (TrainingException.BadSettings e) {
            throw new UsageException(e.getMessage());
        }
    }

    private Taught train(Device device, Dataset data, List<Example> examples, Map<String, HostTensor> start) {
        try (Progress progress = Progress.of(console, "teaching", ProbeTrainer.fits(examples.size()))) {
            return TrainingSelection.withUsage(() -> ProbeTrainer.train(device, data, examples, start, progress::step));
        }
    }

    private static ModelFile model(Stego model, DatasetClasses classes, Taught taught, ProbeTrainer.Features features) {
        ModelInfo.Settings old = model.info().settings();
        List<Integer> colors = IntStream.range(0, classes.count())
                .map(id -> classes.palette().color(id))
                .boxed()
                .toList();
        ModelInfo info = new ModelInfo(
                classes.names(),
                colors,
                IntStream.of(taught.classOf()).boxed().toList(),
                new ModelInfo.Settings(
                        old.feature(),
                        features.options().size(),
                        old.alpha(),
                        old.source(),
                        old.licence(),
                        old.views()),
                model.info().notes());
        if (taught.head().isEmpty()) {
            return ModelFile.withProbe(model, info, taught.probe(), features.codes());
        }
        Map<String, HostTensor> parts = new LinkedHashMap<>(taught.head());
        parts.putAll(taught.probe().tensors());
        return ModelFile.withParts(model, info, parts);
    }

    private HtmlReport.Content content(String label, Stego model, Dataset data, Taught taught, double seconds) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("photographs", data.size() + " of " + data.name());
        facts.put("model", label);
        facts.put("features", head ? "code of the head that learnt" : of.name().toLowerCase(Locale.ROOT));
        model.info().settings().views().entries().forEach((name, value) -> facts.put(name, value.toString()));
        facts.put("ridge", String.format(Locale.ROOT, "%.0e", taught.ridge()));
        facts.put("time", String.format(Locale.ROOT, "%.1f s after the features", seconds));
        facts.put("program", "stego-kernels " + Version.text());
        Optional<Evaluator.Result> evaluated = taught.checked()
                .map(scores -> new Evaluator.Result(
                        Optional.of(scores),
                        Optional.empty(),
                        data.size(),
                        taught.pictures(),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        List.of()));
        return new HtmlReport.Content(
                "Classes of " + data.name(),
                evaluated.isPresent()
                        ? "Each photograph was labelled by a probe that was taught by others."
                        : "With fewer than three photographs nothing can be measured.",
                facts,
                Optional.empty(),
                evaluated,
                Optional.empty(),
                Optional.empty(),
                data.classes());
    }

    private void tell(Dataset data, List<Example> examples, Taught taught, double seconds) throws IOException {
        long[] pixels = new long[LabelMap.IGNORE + 1];
        for (Example example : examples) {
            int[] counts = example.labels().counts();
            Arrays.setAll(pixels, id -> pixels[id] + counts[id]);
        }
        if (json) {
            JsonWriter.print(console.out(), writer -> write(writer, data, pixels, taught, seconds));
            console.out().println();
            return;
        }
        Optional<Scores> checked = taught.checked();
        for (int id = 0; id < data.classes().count(); id++) {
            String name = Printable.line(data.classes().names().get(id));
            String score = checked.isEmpty() || pixels[id] == 0
                    ? ""
                    : percent(checked.get().iou()[id]);
            console.out().printf(Locale.ROOT, "%-24s %12d pixels %s%n", name, pixels[id], score);
        }
        console.out()
                .printf(
                        Locale.ROOT,
                        "%d classes of %d %s in %.1f s%s: %s%n",
                        taught.classOf().length,
                        data.size(),
                        data.size() == 1 ? "photograph" : "photographs",
                        seconds,
                        checked.map(scores -> String.format(
                                        Locale.ROOT,
                                        ", mIoU %.1f%% and accuracy %.1f%% on photographs not seen",
                                        100 * scores.meanIou(),
                                        100 * scores.accuracy()))
                                .orElse(""),
                        out);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "IoU %5.1f%%", 100 * share);
    }

    private void write(JsonWriter writer, Dataset data, long[] pixels, Taught taught, double seconds)
            throws IOException {
        writer.field("command", NAME);
        writer.field("model", out.toString());
        writer.field("photographs", data.size());
        writer.field("ridge", taught.ridge());
        writer.field("seconds", seconds);
        Optional<Scores> checked = taught.checked();
        if (checked.isPresent()) {
            writer.field("miou", checked.get().meanIou());
            writer.field("accuracy", checked.get().accuracy());
        }
        writer.beginList("classes");
        for (int id = 0; id < data.classes().count(); id++) {
            writer.beginObject();
            writer.field("id", id);
            writer.field("name", data.classes().names().get(id));
            writer.field(
                    "color",
                    String.format(Locale.ROOT, "#%06x", data.classes().palette().color(id)));
            writer.field("pixels", pixels[id]);
            if (checked.isPresent() && !Double.isNaN(checked.get().iou()[id])) {
                writer.field("iou", checked.get().iou()[id]);
            }
            writer.endObject();
        }
        writer.endList();
    }
}
