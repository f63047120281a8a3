package org.stegokernels.bench.results;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import org.stegokernels.bench.Processor;
import org.stegokernels.bench.roofline.HostPeaks;
import org.stegokernels.io.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code results}: tables from JMH's JSON files. */
@Command(
        name = "results",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description =
                "Writes this machine's section of the page of results from what JMH and the peers' scripts left (-rf"
                        + " json, --json). Sections of other kinds of machines stay.")
public final class ResultsCommand implements Callable<Integer> {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "JSON files; the same benchmark may be in several.")
    private List<Path> files;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            defaultValue = "bench/RESULTS.md",
            description = "The page; its sections of other machines are kept. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(
            names = "--notes",
            paramLabel = "FILE",
            defaultValue = "bench/notes.md",
            description = "What is written by hand. Default: ${DEFAULT-VALUE}.")
    private Path notes;

    @Option(
            names = "--join",
            paramLabel = "FILE",
            description = "Joins all files into this one and prints a table, instead of writing the page.")
    private Path joined;

    @Option(
            names = "--as",
            paramLabel = "NAME",
            description =
                    "With --join: the chip that the device was, in its place; its lines get a table of their own in the"
                            + " page, since they were measured elsewhere.")
    private String chip;

    @Override
    public Integer call() throws IOException {
        if (joined != null) {
            Measurements.join(files, chip, joined);
            TextTable.print(Measurements.read(List.of(joined)), System.out);
            return 0;
        }
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "the page tells the width of this machine's vectors: start java with --add-modules "
                            + VECTOR_MODULE);
        }
        ResultsPage.Host host = new ResultsPage.Host(
                Processor.name() + ", " + Runtime.getRuntime().availableProcessors() + " processors",
                HostPeaks.vectorBits(),
                LocalDate.now().toString());
        String before = Files.exists(out) ? Files.readString(out) : "";
        String page = new ResultsPage(Measurements.read(files)).render(host, before, Files.readString(notes));
        AtomicFile.write(out, stream -> stream.write(page.getBytes(StandardCharsets.UTF_8)));
        System.out.println("written: " + out);
        return 0;
    }
}
