package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.stegokernels.data.Dataset;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.io.ExitHooks;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** One command, with the options that all share. */
@CommandLine.Command(
        sortOptions = false,
        showDefaultValues = false,
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%nArguments:%n")
abstract class CliCommand implements Callable<Integer> {
    static final String EXAMPLES = "%nExamples ('stego-kernels' is short for 'java -jar stego-kernels.jar'):%n";

    final Console console;

    @Spec
    CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            order = 100,
            description = "Log what is chosen and why; on an error, print the stack trace.")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            order = 101,
            usageHelp = true,
            description = "Show this text.")
    boolean help;

    private boolean someLeftOut;

    CliCommand(Console console) {
        this.console = console;
    }

    static List<CliCommand> all(Console console) {
        return List.of(
                new SegmentCommand(console),
                new ServeCommand(console),
                new ExportCommand(console),
                new FeaturesCommand(console),
                new CropCommand(console),
                new KnnCommand(console),
                new ClusterCommand(console),
                new EvalCommand(console),
                new TrainCommand(console),
                new TeachCommand(console),
                new TuneShiftsCommand(console),
                new ModelsCommand(console),
                new ConvertCommand(console),
                new DescribeCommand(console),
                new InfoCommand(console),
                new VerifyCommand(console),
                new TuneCommand(console),
                new CacheCommand(console),
                new CompletionCommand(console),
                new HelpCommand(console));
    }

    /** Returns its name on the command line. */
    final String name() {
        return getClass().getAnnotation(CommandLine.Command.class).name();
    }

    /** Commands of this command. */
    List<CliCommand> subcommands() {
        return List.of();
    }

    @Override
    public final Integer call() throws IOException {
        Logging.to(console.err(), verbose);
        try {
            int exitCode = run();
            if (exitCode == ExitCode.DONE) {
                sayNext();
            }
            return exitCode == ExitCode.DONE && someLeftOut ? ExitCode.SOME_INPUTS_FAILED : exitCode;
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (InvalidPathException e) {
            throw new ParameterException(spec.commandLine(), unnameable(e), e);
        }
    }

    /** Says what to do next to a person at a terminal, after a run that was not broken off. */
    private void sayNext() {
        if (console.errIsTerminal() && !ExitHooks.isAsked() && !isJson()) {
            String next = next();
            if (next != null) {
                console.err().println("next: " + next);
            }
        }
    }

    private boolean isJson() {
        return spec.commandLine().getParseResult().hasMatchedOption("--json");
    }

    /** Returns the next sensible step with the results of {@link #run}, in one line; null if there is none. */
    String next() {
        return null;
    }

    /** Converts an argument to a path. */
    static Path path(String argument) {
        try {
            return Path.of(argument);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(unnameable(e));
        }
    }

    private static String unnameable(InvalidPathException e) {
        return "this system can't name a file \"" + e.getInput() + "\": " + e.getReason()
                + ". Set the locale to one with UTF-8: LC_ALL=C.UTF-8";
    }

    /** Reports each part of a dataset that can't be used, once; the exit code will say so, too. */
    final void tellLeftOut(Dataset dataset) {
        for (ImageFolder.LeftOut each : dataset.leftOut()) {
            console.error(each.text());
            someLeftOut = true;
        }
    }

    /** @return the exit code */
    abstract int run() throws IOException;
}
