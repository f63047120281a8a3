package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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

    /** Returns all commands in the order in which help lists them. */
    static List<CliCommand> all(Console console) {
        return Stream.of(
                        SegmentCommand.NAME,
                        ServeCommand.NAME,
                        ExportCommand.NAME,
                        FeaturesCommand.NAME,
                        CropCommand.NAME,
                        KnnCommand.NAME,
                        ClusterCommand.NAME,
                        EvalCommand.NAME,
                        TrainCommand.NAME,
                        TeachCommand.NAME,
                        TuneShiftsCommand.NAME,
                        ModelsCommand.NAME,
                        ConvertCommand.NAME,
                        DescribeCommand.NAME,
                        InfoCommand.NAME,
                        VerifyCommand.NAME,
                        TuneCommand.NAME,
                        CacheCommand.NAME,
                        CompletionCommand.NAME,
                        HelpCommand.NAME)
                .map(name -> named(name, console))
                .toList();
    }

    /** Returns the command of that name, null if there is none. No other one's classes are loaded for it. */
    static CliCommand named(String name, Console console) {
        return switch (name) {
            case SegmentCommand.NAME -> new SegmentCommand(console);
            case ServeCommand.NAME -> new ServeCommand(console);
            case ExportCommand.NAME -> new ExportCommand(console);
            case FeaturesCommand.NAME -> new FeaturesCommand(console);
            case CropCommand.NAME -> new CropCommand(console);
            case KnnCommand.NAME -> new KnnCommand(console);
            case ClusterCommand.NAME -> new ClusterCommand(console);
            case EvalCommand.NAME -> new EvalCommand(console);
            case TrainCommand.NAME -> new TrainCommand(console);
            case TeachCommand.NAME -> new TeachCommand(console);
            case TuneShiftsCommand.NAME -> new TuneShiftsCommand(console);
            case ModelsCommand.NAME -> new ModelsCommand(console);
            case ConvertCommand.NAME -> new ConvertCommand(console);
            case DescribeCommand.NAME -> new DescribeCommand(console);
            case InfoCommand.NAME -> new InfoCommand(console);
            case VerifyCommand.NAME -> new VerifyCommand(console);
            case TuneCommand.NAME -> new TuneCommand(console);
            case CacheCommand.NAME -> new CacheCommand(console);
            case CompletionCommand.NAME -> new CompletionCommand(console);
            case HelpCommand.NAME -> new HelpCommand(console);
            default -> null;
        };
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
