package org.stegokernels.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.convert.CheckpointConverter;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.TypedTensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code convert}: checkpoints of others become model files. */
@Command(
        name = ConvertCommand.NAME,
        description = {
            "Makes a model file from a checkpoint.",
            "",
            "Reads PyTorch files (.pth, .pt, .ckpt, .bin), without running anything in them, and safetensors, also in"
                    + " several files by their .index.json. Knows vision transformers under the names of DINO, DINOv2,"
                    + " DINOv3, DeiT, timm and Hugging Face, and STEGO's Lightning checkpoints. Heads of classifiers and what"
                    + " only a training needs is left out and listed."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels convert dino_deitsmall8_pretrain.pth dino_vits8.safetensors",
            "  stego-kernels convert cocostuff27_vit_base_5.ckpt stego.safetensors --dtype f16",
            "  stego-kernels convert model.ckpt --inspect"
        })
final class ConvertCommand extends CliCommand {
    static final String NAME = "convert";

    /** Smaller files are done before a bar could be drawn. */
    private static final long WORTH_A_BAR = 64L << 20;

    private static final int SHOWN_NAMES = 3;
    private static final int SHOWN_DIGEST = 16;

    /** The types that weights can have, as {@code --dtype} calls them. */
    enum WeightType {
        F32(DType.F32),
        F16(DType.F16),
        BF16(DType.BF16);

        private final DType type;

        WeightType(DType type) {
            this.type = type;
        }
    }

    @Parameters(index = "0", paramLabel = "IN", description = "The checkpoint.")
    private Path in;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT",
            description = "The safetensors file to write; not with --inspect.")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            order = 1,
            description = "f16, bf16 or f32 for all weights. Default: each keeps its own.")
    private WeightType type;

    @Option(
            names = "--heads",
            paramLabel = "N",
            order = 2,
            description = "Attention heads, which weights don't tell. Default: what the file or config.json beside it"
                    + " says, else as in all published models of that width.")
    private Integer heads;

    @Option(
            names = "--inspect",
            order = 3,
            description = "Write nothing; list names, types, shapes and SHA-256 of all tensors.")
    private boolean inspect;

    @Option(names = "--json", order = 90, description = "Print JSON instead of text.")
    private boolean json;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    /** Null until there is something to draw. */
    private Progress bar;

    private boolean stego;

    ConvertCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        if (inspect) {
            return null;
        }
        return stego
                ? NextStep.command("segment", "PHOTOS", "-m", out, "-o", "masks")
                : NextStep.command("train", "-m", out, "--data", "PHOTOS", "--classes", "auto", "-o", "trained");
    }

    @Override
    int run() throws IOException {
        if (inspect) {
            if (out != null) {
                throw new UsageException("--inspect writes no file: leave out " + out);
            }
            show(watched(progress -> CheckpointConverter.inspect(in, progress)));
            return ExitCode.DONE;
        }
        if (out == null) {
            throw new UsageException("say which file to write, or pass --inspect to look into " + in);
        }
        if (heads != null && heads < 1) {
            throw new UsageException("--heads must be 1 or more, not " + heads);
        }
        if (Files.exists(out) && Files.exists(in) && Files.isSameFile(in, out)) {
            throw new UsageException(out + " would overwrite the checkpoint: choose another name");
        }
        String purpose = NAME + " " + in.toAbsolutePath().normalize();
        ResultFolder results = ResultFolder.ofFile(out, purpose, overwriting);
        CheckpointConverter.Report report = watched(
                progress -> CheckpointConverter.convert(in, out, options().withProgress(progress), results::write));
        stego = report.stego();
        if (json) {
            printJson(report);
        } else {
            printText(report);
        }
        return ExitCode.DONE;
    }

    private CheckpointConverter.Options options() {
        CheckpointConverter.Options options = CheckpointConverter.Options.DEFAULT;
        if (type != null) {
            options = options.withType(type.type);
        }
        return heads == null ? options : options.withHeads(heads);
    }

    private interface Watched<T> {
        T run(CheckpointConverter.Options.Progress progress) throws IOException;
    }

    private <T> T watched(Watched<T> work) throws IOException {
        try {
            return work.run(this::progress);
        } finally {
            if (bar != null) {
                bar.close();
            }
        }
    }

    private void progress(long done, long total) {
        if (total < WORTH_A_BAR) {
            return;
        }
        if (bar == null) {
            bar = Progress.of(console, inspect ? "reading, MiB" : "converting, MiB", (int) (total >> 20));
        }
        bar.stepTo(done >> 20);
    }

    private void printText(CheckpointConverter.Report report) {
        PrintStream text = console.out();
        text.println("read     " + in + ": " + report.format() + ", names " + report.names());
        text.println("         SHA-256 " + report.sha256());
        text.println("model    " + (report.stego() ? "STEGO on a " : "")
                + report.backbone().description());
        for (CheckpointConverter.Report.Dropped group : report.dropped()) {
            text.println("left out " + Printable.line(names(group.tensors())) + ": " + group.reason());
        }
        report.notes().forEach(note -> text.println("note     " + Printable.line(note)));
        text.println("written  " + out + ": " + report.written() + " tensors, " + size(report.bytes())
                + (type == null ? "" : ", " + type));
    }

    private static String names(List<String> names) {
        String shown = String.join(", ", names.subList(0, Math.min(SHOWN_NAMES, names.size())));
        return names.size() > SHOWN_NAMES ? shown + " and " + (names.size() - SHOWN_NAMES) + " more" : shown;
    }

    private static String size(long bytes) {
        return bytes < 10 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    private void printJson(CheckpointConverter.Report report) throws IOException {
        JsonWriter.print(console.out(), json -> {
            json.field("source", in.toString());
            json.field("format", report.format());
            json.field("names", report.names());
            json.field("sha256", report.sha256());
            json.field("target", out.toString());
            json.field("stego", report.stego());
            json.beginObject("backbone");
            json.field("depth", report.backbone().depth());
            json.field("width", report.backbone().width());
            json.field("heads", report.backbone().heads());
            json.field("patch", report.backbone().patch());
            json.field("grid", report.backbone().patches().grid());
            json.field("hidden", report.backbone().encoder().hidden());
            json.field("registers", report.backbone().registers());
            json.field("layerScale", report.backbone().encoder().layerScale());
            json.field("epsilon", report.backbone().encoder().epsilon());
            json.endObject();
            json.field("tensors", report.written());
            json.field("bytes", report.bytes());
            json.beginList("dropped");
            for (CheckpointConverter.Report.Dropped group : report.dropped()) {
                json.beginObject();
                json.field("reason", group.reason());
                strings(json, "tensors", group.tensors());
                json.endObject();
            }
            json.endList();
            strings(json, "notes", report.notes());
        });
    }

    private static void strings(JsonWriter json, String field, List<String> values) throws IOException {
        json.beginList(field);
        for (String value : values) {
            json.value(value);
        }
        json.endList();
    }

    private void show(CheckpointConverter.Contents contents) throws IOException {
        if (json) {
            JsonWriter.print(console.out(), json -> {
                json.field("source", in.toString());
                json.field("format", contents.format());
                writeMap(json, "metadata", contents.metadata());
                writeMap(json, "settings", contents.settings());
                json.beginList("tensors");
                for (CheckpointConverter.Contents.Item item : contents.items()) {
                    writeItem(json, item);
                }
                json.endList();
            });
            return;
        }
        PrintStream text = console.out();
        text.println(in + ": " + contents.format() + ", " + contents.items().size() + " tensors");
        contents.metadata().forEach((key, value) -> printSetting(key, value));
        contents.settings().forEach((key, value) -> printSetting(key, value.toString()));
        int width = contents.items().stream()
                .mapToInt(item -> Printable.line(item.name()).length())
                .max()
                .orElse(0);
        for (CheckpointConverter.Contents.Item item : contents.items()) {
            String name = Printable.line(item.name());
            String rest = item.problem() != null
                    ? Printable.line(item.problem())
                    : String.format(
                            "%-4s %-20s %s",
                            item.type(), item.shape(), item.sha256().substring(0, SHOWN_DIGEST));
            text.println("  " + name + " ".repeat(width - name.length() + 2) + rest);
        }
    }

    private void printSetting(String key, String value) {
        console.out().println("  " + Printable.line(key) + " = " + Printable.line(value));
    }

    private static void writeMap(JsonWriter json, String field, Map<String, ?> values) throws IOException {
        json.beginObject(field);
        for (Map.Entry<String, ?> entry : values.entrySet()) {
            json.field(entry.getKey(), entry.getValue());
        }
        json.endObject();
    }

    private static void writeItem(JsonWriter json, CheckpointConverter.Contents.Item item) throws IOException {
        json.beginObject();
        json.field("name", item.name());
        if (item.problem() != null) {
            json.field("problem", item.problem());
        } else {
            json.field("type", item.type().name());
            json.field("shape", item.shape().dims());
            json.field("sha256", item.sha256());
        }
        json.endObject();
    }
}
