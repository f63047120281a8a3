package org.stegokernels.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.stegokernels.bench.guard.GuardCommand;
import org.stegokernels.bench.results.Measurements;
import org.stegokernels.bench.results.ResultsCommand;
import org.stegokernels.bench.results.TextTable;
import org.stegokernels.bench.roofline.RooflineProfiler;
import org.stegokernels.device.tornado.sdk.TornadoSdk;
import picocli.CommandLine;

/** {@code guard}, {@code results}, or JMH with all its options, and rates and peaks beside each time. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        String first = args.length == 0 ? "" : args[0];
        switch (first) {
            case "guard" -> System.exit(run(new GuardCommand(), args));
            case "results" -> System.exit(run(new ResultsCommand(), args));
            default -> measure(args);
        }
    }

    private static int run(Object command, String[] args) {
        return new CommandLine(command)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    System.err.println("error: " + failure.getMessage());
                    return line.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(Arrays.copyOfRange(args, 1, args.length));
    }

    private static void measure(String[] args) throws Exception {
        CommandLineOptions options = new CommandLineOptions(args);
        if (options.shouldHelp()
                || options.shouldList()
                || options.shouldListWithParams()
                || options.shouldListProfilers()) {
            org.openjdk.jmh.Main.main(args);
            return;
        }
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(options)
                        .addProfiler(RooflineProfiler.class)
                        .jvmArgsPrepend(flags(options))
                        .build())
                .run();
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        ResultFormatFactory.getInstance(ResultFormatType.JSON, new PrintStream(json, false, StandardCharsets.UTF_8))
                .writeOut(results);
        TextTable.print(Measurements.parse(json.toByteArray()), System.out);
    }

    /** Flags of the forks beside those of the benchmarks: TornadoVM runs only with its own. */
    private static String[] flags(CommandLineOptions options) throws IOException {
        boolean tornado = options.getParameter("device").orElse(List.of()).stream()
                .anyMatch(device -> device.startsWith("tornado"));
        return tornado && TornadoSdk.obstacle().isEmpty() ? TornadoSdk.flags().toArray(String[]::new) : new String[0];
    }
}
