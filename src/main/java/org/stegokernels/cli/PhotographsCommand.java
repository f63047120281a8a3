package org.stegokernels.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.io.FileErrors;
import org.stegokernels.raster.Raster;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Commands that take photographs and leave results in a folder: everything is checked before
 * anything is computed, the next photograph is decoded and the last one's results are written meanwhile, and a
 * photograph that fails does so alone.
 */
abstract class PhotographsCommand extends CliCommand {
    private static final System.Logger LOG = System.getLogger(PhotographsCommand.class.getName());

    /** The purpose of results that may replace each other. */
    static final String PURPOSE = "photographs";
    /** Between two summaries of a run that goes on. */
    private static final long SAVE_NANOS = 10_000_000_000L;

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
    private LimitSelection limitSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    @Option(
            names = "--profile",
            order = 23,
            description = "Show at the end what each kernel took on the device, and what it could take at best; for"
                    + " opencl devices.")
    private boolean profile;

    @Option(
            names = "--assume",
            paramLabel = "CHIP",
            order = 24,
            description = "As --profile, with the times predicted for h100, h200, a100, rtx4090 or mi300.")
    private String assume;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    @Option(names = "--json", order = 90, description = "Print the summary as JSON instead of text.")
    private boolean json;

    final StageTimes times = new StageTimes();
    private Summary summary;
    private List<KernelTime> kernelsOfLoading = List.of();
    private Roofline assumed;
    private ResultFolder results;
    private ModelSelection.Found model;
    /** The clock; another one in tests only. */
    LongSupplier nanoTime = System::nanoTime;

    private long saved;

    PhotographsCommand(Console console) {
        super(console);
    }

    /** @throws UsageException if the options don't fit together */
    abstract void checkOptions();

    /** Returns the endings of the names of a photograph's results. */
    abstract List<String> suffixes(Path photograph);

    /**
     * Takes photographs into the summary whose results an earlier run has left.
     *
     * @return indices of all others, which are to be computed
     */
    List<Integer> withoutKept(List<Inputs.Photograph> photographs, List<Path> stems, ModelSelection.Found found) {
        return IntStream.range(0, photographs.size()).boxed().toList();
    }

    /** Does what is left where an earlier run has left the results of all photographs. */
    void processKept(Batch batch) throws IOException {}

    /** Returns the names of the files that are about all photographs. */
    List<String> overviews() {
        return List.of(Summary.FILE);
    }

    /** @throws UsageException if the options don't fit the model */
    abstract void process(Batch batch, Stego model) throws IOException;

    /** Prints the results in words, for standard output. */
    abstract void printText(Summary done);

    /** Returns how often each photograph is decoded whole: 0 where the command reads it by regions, 1 or 2. */
    abstract int rounds();

    /** Returns the given options with {@code --size}, or else the model's own size. */
    final Segmenter.Options sized(Segmenter.Options options, int modelSize) {
        try {
            return options.withSize(size == null ? modelSize : size);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    /** Returns the value of {@code --size}; null if it is not given. */
    final Integer size() {
        return size;
    }

    final ImageReader.Limits limits() {
        return limitSelection.limits();
    }

    /** As {@link #limits()}, for photographs that are read by regions. */
    final ImageReader.Limits limitsByRegions() {
        return limitSelection.limits(Raster.USUAL_LIMITS.maxPixels());
    }

    final Path out() {
        return out;
    }

    final String modelLabel() {
        return model.label();
    }

    /** Returns the folder of the results, for writing. */
    final ResultFolder results() {
        return results;
    }

    final Summary summary() {
        return summary;
    }

    @Override
    final int run() throws IOException {
        saved = nanoTime.getAsLong();
        sized(Segmenter.Options.DEFAULT, Segmenter.Options.DEFAULT.size());
        checkOptions();
        ImageReader.Limits limits = limitSelection.limits();
        Devices.Choice choice = deviceSelection.choose();
        if (assume != null) {
            assumed = Roofline.of(assume);
            profile = true;
        }
        Inputs found = Inputs.of(inputs, out);
        List<Path> stems = Outputs.plan(found.photographs(), out, this::suffixes);
        summary = new Summary(spec.name(), console, times);
        results = ResultFolder.of(out, PURPOSE, overwriting);
        results.prepare();
        for (String name : overviews()) {
            results.require(out.resolve(name));
        }
        found.failures().forEach(summary::failed);
        List<Integer> writable = writable(found.photographs(), stems);
        if (writable.isEmpty()) {
            finish();
        } else {
            summary.planned(found.photographs().size());
            model = modelSelection.find(console);
            List<Inputs.Photograph> photographs =
                    writable.stream().map(found.photographs()::get).toList();
            List<Path> names = writable.stream().map(stems::get).toList();
            compute(choice, limits, photographs, names, withoutKept(photographs, names, model));
        }
        return summary.failures() == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    /**
     * Returns the indices of the photographs whose results can have their names; the others have failed.
     *
     * @throws UsageException if a result would replace a file of others
     */
    private List<Integer> writable(List<Inputs.Photograph> photographs, List<Path> stems) {
        List<Integer> writable = new ArrayList<>();
        for (int index = 0; index < stems.size(); index++) {
            try {
                for (String suffix : suffixes(photographs.get(index).file())) {
                    results.require(Outputs.with(stems.get(index), suffix));
                }
                writable.add(index);
            } catch (IOException e) {
                summary.failed(photographs.get(index).file().toString(), FileErrors.text(e));
            }
        }
        return writable;
    }

    private void compute(
            Devices.Choice choice,
            ImageReader.Limits limits,
            List<Inputs.Photograph> photographs,
            List<Path> stems,
            List<Integer> missing)
            throws IOException {
        List<Inputs.Photograph> inputs = missing.stream().map(photographs::get).toList();
        List<Path> names = missing.stream().map(stems::get).toList();
        try (Batch batch = new Batch(inputs, names, rounds(), limits, summary, times, console);
                EarlyEnd end = new EarlyEnd(batch::stop)) {
            if (inputs.isEmpty()) {
                processKept(batch);
            } else {
                compute(choice, batch);
            }
            if (!batch.stopped()) {
                summary.complete();
            }
            finish();
        }
    }

    private void compute(Devices.Choice choice, Batch batch) throws IOException {
        try (Device device = deviceSelection.open(choice, profile)) {
            summary.device(device, choice.reason());
            summary.setting("model", model.label());
            long start = System.nanoTime();
            try (Stego loaded = model.load(device)) {
                times.add(Stage.MODEL, start);
                kernelsOfLoading = device.kernelTimes();
                loaded.info().settings().views().entries().forEach(summary::setting);
                compute(batch, loaded);
            }
            if (profile) {
                printProfile(device);
            }
        }
    }

    private void printProfile(Device device) {
        List<KernelTime> all = device.kernelTimes();
        List<KernelTime> photographs = Roofline.since(kernelsOfLoading, all);
        Roofline roofline = all.isEmpty() ? null : Roofline.measured(device);
        new KernelTable(all, photographs, summary.pictures().size(), roofline, assumed).print(console);
    }

    /** Computes all photographs. Whatever ends the run, there is a summary of what is done. */
    private void compute(Batch batch, Stego loaded) throws IOException {
        try {
            process(batch, loaded);
            batch.finish();
        } catch (IOException | RuntimeException | Error e) {
            if (!(e instanceof UsageException)) {
                despite(e, this::writeSummary);
            }
            throw e;
        }
    }

    /** Writes what there is to be whatever ends the run. */
    static void despite(Throwable end, ResultWriter.Job job) {
        try {
            job.write();
        } catch (IOException again) {
            end.addSuppressed(again);
        }
    }

    /**
     * Writes a summary of what is done if the last one is old, so that even a run that is killed can be gone on with.
     */
    final void saveNowAndThen() {
        long now = nanoTime.getAsLong();
        if (now - saved > SAVE_NANOS) {
            try {
                writeSummary();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, e.getMessage());
            }
            saved = now;
        }
    }

    private ByteArrayOutputStream writeSummary() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        summary.writeJson(bytes, out);
        results.write(out.resolve(Summary.FILE), bytes::writeTo);
        return bytes;
    }

    private void finish() throws IOException {
        ByteArrayOutputStream bytes = writeSummary();
        if (json) {
            bytes.writeTo(console.out());
            console.out().flush();
        } else {
            printText(summary);
        }
    }
}
