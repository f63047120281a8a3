package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.stegokernels.export.Format;
import org.stegokernels.io.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: results of {@code segment} in the formats of other tools. */
@Command(
        name = ExportCommand.NAME,
        description = {
            "Writes results of 'segment' in formats that other tools open, computing nothing again.",
            "",
            "Takes the classes and the photographs from summary.json and the labels from NAME.png, or NAME.tif with its"
                    + " coordinates. The files of a format lie in a folder of its name. Photographs are read only for cutout; a relative name in"
                    + " summary.json is looked for in the current folder and beside the folder of the results."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels export masks/ --format coco,geojson",
            "  stego-kernels export masks/ --format objects -o tables/",
            "  stego-kernels export masks/ --format cutout --class sky"
        })
final class ExportCommand extends CliCommand {
    static final String NAME = "export";

    @Parameters(paramLabel = "DIR", description = "The folder of the results, with its summary.json.")
    private Path folder;

    @Mixin
    private final FormatSelection formatSelection = new FormatSelection.Required();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            description = "Folder for what is written; made if missing. Default: that of the results.")
    private Path out;

    @Mixin
    private LimitSelection limitSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    private final AtomicBoolean stop = new AtomicBoolean();

    ExportCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.look(out == null ? folder : out);
    }

    @Override
    int run() throws IOException {
        Set<Format> formats = formatSelection.formats();
        EarlierRun run = UsageException.reading(() -> earlier(folder));
        int cutout = formatSelection.cutout(run.classes());
        Path target = out == null ? folder : out;
        ResultFolder results = ResultFolder.of(target, PhotographsCommand.PURPOSE, overwriting);
        results.prepare();
        List<Path> stems = run.pictures().stream()
                .map(picture -> picture.results().get(SegmentationFiles.LABELS))
                .filter(labels -> labels != null)
                .toList();
        Exports.requireApart(formats, folder, stems);
        ResultReader reader = new ResultReader(
                folder, run, limitSelection.limits(), formats, formatSelection.crs(), formats.contains(Format.CUTOUT));
        String model = String.valueOf(run.settings().get("model"));
        try (Exports exports = Exports.open(formats, results, target, run.classes(), cutout, model);
                EarlyEnd end = new EarlyEnd(() -> stop.set(true))) {
            return write(run, reader, exports, formats, target);
        }
    }

    private static EarlierRun earlier(Path folder) throws IOException {
        try {
            return EarlierRun.read(folder);
        } catch (NoSuchFileException e) {
            throw new IOException(folder
                    + (Files.isDirectory(folder)
                            ? " has no " + Summary.FILE + ": it is no folder of results of 'segment'"
                            : ": there is no such folder"));
        }
    }

    private int write(EarlierRun run, ResultReader reader, Exports exports, Set<Format> formats, Path target)
            throws IOException {
        long start = System.nanoTime();
        int done = 0;
        int failures = 0;
        try (Progress progress =
                Progress.of(console, "exporting", run.pictures().size())) {
            for (Summary.Picture picture : run.pictures()) {
                if (stop.get()) {
                    break;
                }
                try {
                    exports.add(reader.read(picture));
                    done++;
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    failures++;
                    failed(picture, e);
                }
                progress.step();
            }
        }
        boolean whole = done + failures == run.pictures().size();
        if (whole) {
            exports.finish();
        }
        console.out()
                .printf(
                        Locale.ROOT,
                        "%s%d %s%s exported as %s%s in %.1f s: %s%n",
                        whole ? "" : "stopped: ",
                        done,
                        whole ? "" : "of " + run.pictures().size() + " ",
                        done == 1 && whole ? "photograph" : "photographs",
                        formats.stream().map(Format::title).collect(Collectors.joining(", ")),
                        failures == 0 ? "" : ", " + failures + " failed,",
                        (System.nanoTime() - start) / 1e9,
                        target);
        return failures == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    private void failed(Summary.Picture picture, Throwable failure) throws IOException {
        if (failure instanceof IOException e && FileErrors.isDiskFull(e)) {
            throw e;
        }
        console.error(picture.input() + ": "
                + (CommandFailure.isHeapShortage(failure)
                        ? CommandFailure.heapShortage(
                                "leave out geojson and other polygons, or segment with --min-area")
                        : Batch.reason(failure)));
    }
}
