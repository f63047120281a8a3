package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share. */
@CommandLine.Command(
        sortOptions = false,
        showDefaultValues = false,
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%nArguments:%n")
abstract class CliCommand implements Callable<Integer> {
    static final String EXAMPLES = "%nExamples ('stego-kernels' is short for 'java -jar stego-kernels.jar'):%n";

    /** In the order in which the help shows them. */
    static final List<String> NAMES = List.of(
            SegmentCommand.NAME,
            FeaturesCommand.NAME,
            CropCommand.NAME,
            KnnCommand.NAME,
            ClusterCommand.NAME,
            EvalCommand.NAME,
            TrainCommand.NAME,
            TuneShiftsCommand.NAME,
            ModelsCommand.NAME,
            ConvertCommand.NAME,
            DescribeCommand.NAME,
            InfoCommand.NAME,
            VerifyCommand.NAME,
            TuneCommand.NAME);

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

    CliCommand(Console console) {
        this.console = console;
    }

    /** @param name one of {@link #NAMES} */
    static CliCommand named(String name, Console console) {
        return switch (name) {
            case SegmentCommand.NAME -> new SegmentCommand(console);
            case FeaturesCommand.NAME -> new FeaturesCommand(console);
            case CropCommand.NAME -> new CropCommand(console);
            case KnnCommand.NAME -> new KnnCommand(console);
            case ClusterCommand.NAME -> new ClusterCommand(console);
            case EvalCommand.NAME -> new EvalCommand(console);
            case TrainCommand.NAME -> new TrainCommand(console);
            case TuneShiftsCommand.NAME -> new TuneShiftsCommand(console);
            case ModelsCommand.NAME -> new ModelsCommand(console);
            case ConvertCommand.NAME -> new ConvertCommand(console);
            case DescribeCommand.NAME -> new DescribeCommand(console);
            case InfoCommand.NAME -> new InfoCommand(console);
            case VerifyCommand.NAME -> new VerifyCommand(console);
            case TuneCommand.NAME -> new TuneCommand(console);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Commands of this command. */
    List<CliCommand> subcommands() {
        return List.of();
    }

    @Override
    public final Integer call() throws IOException {
        Logging.to(console.err(), verbose);
        try {
            return run();
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (InvalidPathException e) {
            String message = "this system can't name a file \"" + e.getInput() + "\": " + e.getReason()
                    + ". Set the locale to one with UTF-8: LC_ALL=C.UTF-8";
            throw new ParameterException(spec.commandLine(), message, e);
        }
    }

    /** @return the exit code */
    abstract int run() throws IOException;
}
