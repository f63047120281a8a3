package org.stegokernels.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.SegmenterOptions;
import org.stegokernels.stego.StageTimes;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What the commands have in common that take photographs and leave results in a folder: everything is checked before
 * anything is computed, the next photograph is decoded and the last one's results are written meanwhile, and a
 * photograph that fails does so alone.
 */
abstract class PhotographsCommand extends CliCommand {
    private static final String SUMMARY = "summary.json";

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "Photographs: files, folders (with all below) or quoted globs such as 'trip/**/*.jpg'.")
    private List<String> inputs;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            required = true,
            description = "Folder for the results; made if missing. Folders below an INPUT folder appear in it too.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.OrDemo();

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 5,
            description = "Shorter side in pixels of what the model sees; larger finds smaller things and takes"
                    + " longer. Default: what the model was made for, 320 if it doesn't say.")
    private Integer size;

    @Mixin
    private DeviceSelection deviceSelection;

    @Option(
            names = "--profile",
            order = 23,
            description = "Show at the end what each kernel took on the device; for opencl devices.")
    private boolean profile;

    @Option(names = "--json", order = 90, description = "Print the summary as JSON instead of text.")
    private boolean json;

    final StageTimes times = new StageTimes();
    private Summary summary;
    private ModelSelection.Found model;

    PhotographsCommand(Console console) {
        super(console);
    }

    /** @throws UsageException if the options don't fit together */
    abstract void checkOptions();

    /** What is appended to a photograph's name to get the names of its results. */
    abstract List<String> suffixes();

    /** @throws UsageException if the options don't fit the model */
    abstract void process(Batch batch, Stego model, Device device) throws IOException;

    /** The results in words, for standard output. */
    abstract void printText(Summary done);

    /** Whether each photograph is looked at twice. */
    abstract boolean twice();

    /** The given options with {@code --size}, or else the model's own size. */
    final SegmenterOptions sized(SegmenterOptions options, int modelSize) {
        try {
            return options.withSize(size == null ? modelSize : size);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    final Path out() {
        return out;
    }

    final String modelLabel() {
        return model.label();
    }

    final Summary summary() {
        return summary;
    }

    @Override
    final int run() throws IOException {
        sized(SegmenterOptions.DEFAULT, SegmenterOptions.DEFAULT.size());
        checkOptions();
        Devices.Choice choice = deviceSelection.choose();
        Inputs found = Inputs.of(inputs, out);
        List<Path> stems = Outputs.plan(found.photographs(), out, suffixes());
        Outputs.prepare(out);
        summary = new Summary(spec.name(), console, times);
        found.failures().forEach(failure -> summary.failed(failure.input(), failure.reason()));
        if (found.photographs().isEmpty()) {
            finish();
        } else {
            model = modelSelection.find(console);
            try (Batch batch = new Batch(found.photographs(), stems, twice(), summary, times, console);
                    EarlyEnd end = new EarlyEnd(batch::stop)) {
                compute(choice, batch);
                if (batch.stopped()) {
                    summary.stopped(found.photographs().size());
                }
                finish();
            }
        }
        return summary.failures() == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    private void compute(Devices.Choice choice, Batch batch) throws IOException {
        try (Device device = deviceSelection.open(choice, profile)) {
            summary.device(device, choice.reason());
            summary.setting("model", model.label());
            long start = System.nanoTime();
            try (Stego loaded = model.load(device)) {
                times.add("model", start);
                process(batch, loaded, device);
                batch.finish();
            }
            if (profile) {
                KernelTable.print(device.kernelTimes(), console);
            }
        }
    }

    private void finish() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        summary.writeJson(bytes, out);
        AtomicFile.write(out.resolve(SUMMARY), bytes::writeTo);
        if (json) {
            bytes.writeTo(console.out());
            console.out().flush();
        } else {
            printText(summary);
        }
    }
}
