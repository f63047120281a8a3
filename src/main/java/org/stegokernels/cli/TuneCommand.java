package org.stegokernels.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.stegokernels.device.opencl.OpenClTuner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tune}: the best tile sizes for an OpenCL device. */
@Command(
        name = TuneCommand.NAME,
        description = "Searches for the tile sizes that are fastest on an OpenCL device, and keeps them in the user's"
                + " cache folder for every later run. Takes a few minutes; leave the device alone meanwhile.",
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels tune --device opencl:0")
final class TuneCommand extends CliCommand {
    static final String NAME = "tune";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            order = 1,
            defaultValue = "opencl",
            description = "An OpenCL device that 'info' lists. Default: the first one.")
    private String device;

    TuneCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.command("segment", "PHOTOS", "--device", device, "-o", "masks");
    }

    @Override
    int run() throws IOException {
        OpenClTuner.Result result =
                OpenClTuner.tune(device, line -> console.err().println(line));
        String numbers = result.numbers().entrySet().stream()
                .map(number -> number.getKey() + "=" + number.getValue())
                .collect(Collectors.joining(" "));
        console.out().println(numbers);
        console.out()
                .printf(
                        Locale.ROOT,
                        "linear and attention together: %.2f ms before, %.2f ms now%n",
                        1e3 * result.before(),
                        1e3 * result.after());
        console.out().println("kept in " + result.file());
        return ExitCode.DONE;
    }
}
