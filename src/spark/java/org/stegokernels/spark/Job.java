package org.stegokernels.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Stego;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One job, with the options that all share. They have the names, values and defaults of the command line. */
@CommandLine.Command(
        sortOptions = false,
        showDefaultValues = false,
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%nArguments:%n")
abstract class Job implements Callable<Integer> {
    /** Enough for files of results of some megabytes. */
    static final int PICTURES_PER_TASK = 256;

    private static final int TASKS_PER_CORE = 4;

    final Console console;

    @Spec
    CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            order = 100,
            description = "On an error, print the stack trace.")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            order = 101,
            usageHelp = true,
            description = "Show this text.")
    boolean help;

    Job(Console console) {
        this.console = console;
    }

    /** The options that say which model. */
    static final class ModelSelection {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                order = 2,
                description =
                        "A safetensors file on the machine of the driver, a URI that Hadoop can read, or a name that"
                                + " 'models list' shows. Default: demo, the small one that comes with the program.")
        private String given;

        @Option(
                names = "--pull",
                order = 19,
                description = "Download the model of that name first if it is not here yet.")
        private boolean pull;

        /** Returns the value of {@code --model}; null if it is not given. */
        String given() {
            return given;
        }

        /** @throws org.stegokernels.weights.ModelException if there is none, or it can't be read */
        ModelBroadcast find(SparkContext context, Console console) {
            if (given == null) {
                console.note("This is the demo model, small and made for trying out: give a full one by --model");
            }
            if (pull && given != null) {
                org.stegokernels.cli.Main.run(new String[] {"models", "pull", given}, console.out(), console.err());
            }
            return ModelBroadcast.of(new JavaSparkContext(context), given);
        }
    }

    /** The options that say where tasks compute. */
    static final class DeviceSelection {
        private static final int MAX_THREADS = 1024;

        @Option(
                names = "--device",
                paramLabel = "NAME",
                order = 20,
                defaultValue = "auto",
                description =
                        "Where to compute: auto, the GPU that Spark gives a task by the resource gpu, else its CPUs;"
                                + " cpu, opencl, tornado, or a name that 'info' lists. Default: ${DEFAULT-VALUE}.")
        private String name;

        @Option(
                names = "--threads",
                paramLabel = "N",
                order = 21,
                description = "Threads of the cpu device of each task. Default: spark.task.cpus.")
        private Integer threads;

        @Option(
                names = "--precision",
                paramLabel = "P",
                order = 22,
                defaultValue = "fp32",
                description = "fp32; fp16 in linear layers, on an opencl device; or fast, on a tornado device. Default:"
                        + " ${DEFAULT-VALUE}.")
        private Precision precision;

        /** @throws UsageException if the options can't be right */
        Placement placement() {
            if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
                throw new UsageException("--threads must be between 1 and " + MAX_THREADS + ", not " + threads);
            }
            return new Placement(name, threads == null ? 0 : threads, precision);
        }
    }

    /** The options that say how much one picture may ask for. */
    static final class LimitSelection {
        private static final long MEGA = 1_000_000;
        private static final long FEWEST = 10_000;

        @Option(
                names = "--max-pixels",
                paramLabel = "N",
                order = 85,
                description =
                        "The most pixels (width x height) that a picture may have; 250M is 250 megapixels. Default:"
                                + " 250M.")
        private String maxPixels;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                order = 86,
                defaultValue = "300",
                description = "The longest time that reading one picture may take; 0 for no limit. Default:"
                        + " ${DEFAULT-VALUE}.")
        private double timeout;

        /** @throws UsageException if the options can't be right */
        ImageReader.Limits limits() {
            return limits(ImageReader.Limits.DEFAULT.maxPixels());
        }

        /**
         * As {@link #limits()}, with another default.
         *
         * @param usualPixels the limit unless one is given
         */
        ImageReader.Limits limits(long usualPixels) {
            if (!(timeout >= 0 && timeout <= Integer.MAX_VALUE)) {
                throw new UsageException("--timeout must be a number of seconds, 0 or more, not " + timeout);
            }
            long millis = (long) Math.ceil(timeout * 1000);
            return new ImageReader.Limits(
                    maxPixels == null ? usualPixels : pixels(), millis == 0 ? null : Duration.ofMillis(millis));
        }

        private long pixels() {
            boolean mega = maxPixels.endsWith("M") || maxPixels.endsWith("m");
            try {
                double number = Double.parseDouble(mega ? maxPixels.substring(0, maxPixels.length() - 1) : maxPixels);
                double pixels = mega ? number * MEGA : number;
                if (pixels >= FEWEST) {
                    return (long) pixels;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new UsageException(
                    "--max-pixels must be a number of pixels that photographs have, such as 400M, not " + maxPixels);
        }
    }

    /** Takes something from a model that is loaded. */
    @FunctionalInterface
    interface Look<T> {
        T at(Stego model);
    }

    /**
     * Loads a model on the driver to see whether it can be used, before any task is started.
     *
     * @throws org.stegokernels.weights.ModelException if it can't
     */
    static <T> T look(ModelBroadcast model, Look<T> look) {
        try (Device device = Devices.choose("cpu").open(new Device.Options(1, false));
                Stego loaded = model.load(device)) {
            return look.at(loaded);
        }
    }

    /**
     * Returns the number of tasks that some pictures are worth: several for each core, none so long that much is lost with an
     * executor.
     */
    static int tasks(SparkContext context, long pictures) {
        return tasks(context, pictures, PICTURES_PER_TASK);
    }

    /** As the other, for pictures of which a task takes no more than {@code perTask}. */
    static int tasks(SparkContext context, long pictures, int perTask) {
        long balanced = Math.min(pictures, TASKS_PER_CORE * (long) context.defaultParallelism());
        long full = (pictures + perTask - 1) / perTask;
        return (int) Math.max(1, Math.max(balanced, full));
    }

    @Override
    public final Integer call() throws Exception {
        try {
            check();
            boolean running = SparkSession.getDefaultSession().isDefined();
            SparkSession spark = SparkSession.builder()
                    .appName("stego-kernels " + spec.name())
                    .getOrCreate();
            try {
                return run(spark);
            } finally {
                if (!running) {
                    spark.stop();
                }
            }
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** @throws UsageException if the options don't fit together, which shows before Spark starts */
    abstract void check();

    /** @return the exit code */
    abstract int run(SparkSession spark) throws IOException;
}
