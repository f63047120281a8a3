package org.stegokernels.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.ModelInfo.ClassEdits;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.Printable;
import org.stegokernels.vit.Architecture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code describe}: what a model says about itself, and a copy that says something else. */
@Command(
        name = DescribeCommand.NAME,
        description = {
            "Tells what a model is made of, and gives names and colours to its classes.",
            "",
            "With --out writes a copy that says something else; the weights stay as they are.",
            "",
            "CLASS is the number or the name of a class, as 'describe MODEL' and the results of 'segment' show it; where"
                    + " classes are merged, those after them move up.",
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels describe trained/last.safetensors",
            "  stego-kernels describe trained/last.safetensors --classes names.txt -o street.safetensors",
            "  stego-kernels describe trained/last.safetensors --name 5=road --merge 1,3,4=void --color 5=#808080 -o"
                    + " street.safetensors"
        })
final class DescribeCommand extends CliCommand {
    static final String NAME = "describe";

    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A safetensors file, or the name of a model that is here.")
    private String given;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 1,
            description = "Safetensors file to write.")
    private Path out;

    @Option(
            names = "--classes",
            paramLabel = "FILE",
            order = 2,
            description = "A text file with NAME RED GREEN BLUE, or NAME alone, in one line for each cluster, in their"
                    + " order. Clusters of one name become one class.")
    private Path classes;

    @Option(
            names = "--name",
            paramLabel = "CLASS=NAME",
            order = 3,
            description = "Name of a class. May be given several times.")
    private Map<String, String> named = Map.of();

    @Option(
            names = "--merge",
            paramLabel = "CLASS,CLASS...=NAME",
            order = 4,
            description = "Makes several classes one. May be given several times.")
    private Map<String, String> merged = Map.of();

    @Option(
            names = "--color",
            paramLabel = "CLASS=#RRGGBB",
            order = 5,
            description = "The colour of a class. May be given several times.")
    private Map<String, String> colored = Map.of();

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 6,
            description = "Default for the shorter side in pixels of what the model sees.")
    private Integer size;

    @Option(names = "--source", paramLabel = "TEXT", order = 7, description = "Where the weights come from.")
    private String source;

    @Option(names = "--licence", paramLabel = "TEXT", order = 8, description = "Licence of the weights.")
    private String licence;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    DescribeCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return out == null ? null : NextStep.command("segment", "PHOTOS", "-m", out, "-o", "masks");
    }

    @Override
    int run() throws IOException {
        boolean edited = !named.isEmpty() || !merged.isEmpty() || !colored.isEmpty();
        if (edited && classes != null) {
            throw new UsageException("--classes names all classes: leave --name, --merge and --color out, or it");
        }
        if (out == null && (edited || classes != null || size != null || source != null || licence != null)) {
            throw new UsageException("what is to be said anew needs a file to be written to: add --out FILE");
        }
        if (size != null && (size < Segmenter.Options.MIN_SIZE || size > Segmenter.Options.MAX_SIZE)) {
            throw new UsageException("--size must be between " + Segmenter.Options.MIN_SIZE + " and "
                    + Segmenter.Options.MAX_SIZE + ", not " + size);
        }
        ModelSelection.Found found = ModelSelection.find(given, false, console);
        ResultFolder results = out == null ? null : ResultFolder.ofFile(out, NAME + " " + given, overwriting);
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego model = found.load(device)) {
            ModelInfo info = changed(model);
            if (out != null) {
                save(results, model, info);
            }
            print(model, info);
        }
        return ExitCode.DONE;
    }

    private ModelInfo changed(Stego model) {
        ModelInfo.Settings old = model.info().settings();
        ModelInfo info = model.info()
                .withSettings(new ModelInfo.Settings(
                        old.feature(),
                        size == null ? old.inputSize() : size,
                        old.alpha(),
                        source == null ? old.source() : source,
                        licence == null ? old.licence() : licence,
                        old.views()));
        if (classes == null) {
            return named.isEmpty() && merged.isEmpty() && colored.isEmpty() ? info : edited(model, info);
        }
        DatasetClasses listed = UsageException.reading(() -> DatasetClasses.read(classes));
        int clusters = model.clusterToClass().length;
        if (listed.count() != clusters) {
            throw new UsageException(classes + " lists " + listed.count() + " classes, but " + given + " has "
                    + clusters + " clusters: write one line for each");
        }
        List<Integer> colours = IntStream.range(0, listed.count())
                .mapToObj(listed.palette()::color)
                .toList();
        return info.withClusterNames(listed.names(), colours);
    }

    private ModelInfo edited(Stego model, ModelInfo info) {
        try {
            ClassEdits edits = ClassEdits.of(model);
            merged.forEach((ids, name) ->
                    edits.merge(Stream.of(ids.split(",")).map(edits::id).toList(), name));
            named.forEach((id, name) -> edits.rename(edits.id(id), name));
            colored.forEach((id, color) -> edits.recolour(edits.id(id), rgb(color)));
            return edits.apply(info);
        } catch (IllegalArgumentException e) {
            throw new UsageException(given + ": " + e.getMessage());
        }
    }

    private static int rgb(String color) {
        if (!COLOR.matcher(color).matches()) {
            throw new UsageException("--color takes a colour as #808080, not '" + color + "'");
        }
        return Integer.parseInt(color.substring(1), 16);
    }

    private void save(ResultFolder results, Stego model, ModelInfo info) throws IOException {
        try {
            results.write(out, ModelFile.of(model, info)::writeTo);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private void print(Stego model, ModelInfo info) {
        PrintStream text = console.out();
        Architecture backbone = model.backbone().architecture();
        int grid = backbone.patches().grid();
        text.printf(
                "backbone  %s%d blocks, %d channels, %d heads, patches of %d pixels, positions %s%n",
                backbone.rotates() ? "DINOv3, " : "",
                backbone.depth(),
                backbone.width(),
                backbone.heads(),
                backbone.patch(),
                backbone.rotates() ? "by rotation" : "for " + grid + " x " + grid + " of them");
        text.println("head      "
                + model.head().map(head -> head.outputs() + " channels").orElse("none"));
        text.println("size      " + info.settings().inputSize());
        info.settings().views().entries().forEach((name, value) -> text.printf("%-9s %s%n", name, value));
        text.println("source    " + orNothing(info.settings().source()));
        text.println("licence   " + orNothing(info.settings().licence()));
        int[] clusterToClass = info.clusterToClass().isEmpty()
                ? model.clusterToClass()
                : info.clusterToClass().stream().mapToInt(Integer::intValue).toArray();
        boolean outputs =
                model.clusterProbe().isEmpty() && !info.clusterToClass().isEmpty();
        text.println((outputs ? "outputs   " : "clusters  ") + clusterToClass.length);
        for (int id = 0; id < info.classNames().size(); id++) {
            int number = id;
            String members = IntStream.range(0, clusterToClass.length)
                    .filter(cluster -> clusterToClass[cluster] == number)
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(" "));
            text.printf(
                    "class %-3d %s: %s %s%n",
                    id, Printable.line(info.classNames().get(id)), outputs ? "outputs" : "clusters", members);
        }
    }

    private static String orNothing(String said) {
        return said.isEmpty() ? "not given" : Printable.line(said);
    }
}
