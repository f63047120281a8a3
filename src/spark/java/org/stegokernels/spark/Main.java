package org.stegokernels.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.DeviceException;
import org.stegokernels.io.FileErrors;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.ModelException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The jobs, for {@code spark-submit --class org.stegokernels.spark.Main}. Options and exit codes are those of the command
 * line.
 */
@Command(
        name = "stego-kernels-spark",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "STEGO segmentation on Apache Spark: the commands of stego-kernels for millions of pictures.",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 3 bad model, 4 device not available,",
            "5 some inputs failed."
        })
public final class Main {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int BAD_MODEL = 3;
    static final int NO_DEVICE = 4;
    static final int SOME_INPUTS_FAILED = 5;

    private Main() {}

    /** Runs one job and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /**
     * Runs one job in this process, on its Spark session if it has one.
     *
     * @param out results go here
     * @param err progress and errors go here
     * @return the exit code
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        Console console = new Console(out, err);
        return run(args, console, jobs(console));
    }

    static int run(String[] args, Console console, List<Job> jobs) {
        boolean verbose = List.of(args).contains("--verbose") || List.of(args).contains("-v");
        CommandLine commands = new CommandLine(new Main());
        for (Job job : jobs) {
            commands.addSubcommand(job);
        }
        commands.setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, given) -> usageError(e, console))
                .setExecutionExceptionHandler((e, command, parsed) -> tell(e, verbose, console));
        if (args.length == 0) {
            commands.usage(console.err());
            return USAGE;
        }
        return commands.execute(args);
    }

    static List<Job> jobs(Console console) {
        return List.of(
                new SegmentJob(console),
                new FeaturesJob(console),
                new KnnJob(console),
                new ClusterJob(console),
                new EvalJob(console),
                new TrainJob(console));
    }

    private static int usageError(ParameterException e, Console console) {
        console.error(e.getMessage());
        console.note("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    /** Says what failed; a failure of a task is inside of Spark's. */
    private static int tell(Throwable thrown, boolean verbose, Console console) {
        Throwable failure = foreseen(thrown);
        if (failure == null) {
            console.error("unexpected " + thrown + (verbose ? "" : "; run it again with --verbose to see where"));
        } else {
            console.error(failure instanceof IOException e ? FileErrors.text(e) : failure.getMessage());
        }
        if (verbose) {
            thrown.printStackTrace(console.err());
        }
        if (failure instanceof ModelException || failure instanceof NotFiniteException) {
            return BAD_MODEL;
        }
        return failure instanceof DeviceException ? NO_DEVICE : FAILED;
    }

    /** Returns the innermost failure whose message is for the person at the keyboard, or null. */
    private static Throwable foreseen(Throwable thrown) {
        Throwable own = null;
        Throwable ofFiles = null;
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof ModelException
                    || each instanceof DeviceException
                    || each instanceof DatasetException
                    || each instanceof NeighborGraph.ImpossibleException
                    || each instanceof Clustering.ImpossibleException
                    || each instanceof NotFiniteException) {
                own = each;
            } else if (each instanceof IOException || each instanceof UncheckedIOException) {
                ofFiles = each;
            }
        }
        return own == null ? ofFiles : own;
    }
}
