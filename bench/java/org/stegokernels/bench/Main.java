package org.stegokernels.bench;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.stegokernels.bench.roofline.RooflineProfiler;

/** JMH with all its options, and rates and peaks beside each time. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
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
}
