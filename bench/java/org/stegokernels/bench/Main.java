package org.stegokernels.bench;

import java.util.Arrays;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.stegokernels.bench.guard.GuardCommand;
import org.stegokernels.bench.roofline.RooflineProfiler;
import picocli.CommandLine;

/**
 * {@code guard}, or JMH with all its options, and rates and peaks beside each time.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("guard")) {
            System.exit(run(new GuardCommand(), args));
        }
        CommandLineOptions options = new CommandLineOptions(args);
        if (options.shouldHelp()
                || options.shouldList()
                || options.shouldListWithParams()
                || options.shouldListProfilers()) {
            org.openjdk.jmh.Main.main(args);
            return;
        }
        new Runner(new OptionsBuilder()
                        .parent(options)
                        .addProfiler(RooflineProfiler.class)
                        .build())
                .run();
    }

    private static int run(Object command, String[] args) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    System.err.println("error: " + failure.getMessage());
                    return line.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(Arrays.copyOfRange(args, 1, args.length));
    }
}
