package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.stegokernels.device.Devices;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code verify}: holds a device against the reference vectors. */
@Command(
        name = VerifyCommand.NAME,
        description = {
            "Checks every operation of a device against reference vectors.",
            "",
            "Runs each operation and whole models, and prints one line a check. Ends with 1 if a check fails, or a file"
                    + " or tensor it needs is missing.",
            "",
            "With --device exec:COMMAND any program can be checked, in any language: it reads requests from its standard"
                    + " input and answers on its standard output, as kernels/port/README.md says."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels verify",
            "  stego-kernels verify --device cpu:scalar --only 'attention*' --random 20",
            "  stego-kernels verify --reference my-vectors/ --json",
            "  stego-kernels verify --device 'exec:python3 my_port.py' --random 5"
        })
final class VerifyCommand extends CliCommand {
    static final String NAME = "verify";

    @Mixin
    private DeviceSelection device;

    @Option(
            names = "--reference",
            paramLabel = "DIR",
            order = 1,
            description = "Folder with the reference vectors. Default: those in the jar.")
    private Path reference;

    @Option(
            names = "--random",
            paramLabel = "N",
            order = 2,
            defaultValue = "0",
            description = "Also run each operation on N random shapes and one of real use against loops in double"
                    + " precision. Default: ${DEFAULT-VALUE}.")
    private int random;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 3,
            defaultValue = "0",
            description = "Seed of the random shapes. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--only",
            paramLabel = "PATTERN",
            order = 4,
            defaultValue = "",
            description =
                    "Only checks whose name contains this; * stands for anything. Case and underscores do not count."
                            + " Names of operations as in kernels/README.md.")
    private String only;

    @Option(names = "--json", order = 5, description = "Print the report as JSON.")
    private boolean json;

    @Option(
            names = "--describe",
            order = 6,
            description = "Print all operations with their arguments, shapes, flop and bytes as JSON, and end.")
    private boolean describe;

    @Option(
            names = "--export",
            paramLabel = "DIR",
            order = 8,
            description =
                    "Write what --random N would ask of a device, hard values and NaN as files to a new folder, with what is expected.")
    private Path export;

    @Option(
            names = "--outputs",
            paramLabel = "DIR",
            order = 9,
            description = "Check the outputs that were written beside the files of --export.")
    private Path outputs;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            order = 7,
            defaultValue = "60",
            description = "Wait so long for each answer of exec:COMMAND. Default: ${DEFAULT-VALUE}.")
    private int timeout;

    VerifyCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return describe || export != null || outputs != null
                ? null
                : NextStep.command("segment", "PHOTOS", "--device", device.name(), "-o", "masks");
    }

    @Override
    int run() throws IOException {
        if (random < 0) {
            throw new UsageException("--random must be 0 or more, not " + random);
        }
        if (timeout < 1) {
            throw new UsageException("--timeout must be 1 or more, not " + timeout);
        }
        if (describe) {
            Verifier.describe(console.out());
            return ExitCode.DONE;
        }
        if (export != null && random == 0) {
            throw new UsageException("--export needs --random N: so many rounds are written");
        }
        if (export != null || outputs != null) {
            return report(listener -> export != null
                    ? Verifier.export(export, new Verifier.Options(null, random, seed, only), listener)
                    : Verifier.outputs(outputs, only, listener));
        }
        Devices.Choice choice =
                Verifier.isProgram(device.name()) ? Verifier.program(device.name(), timeout) : device.choose();
        Verifier.Options options = new Verifier.Options(reference, random, seed, only);
        return report(listener -> Verifier.verify(choice, device.guarded(), options, listener));
    }

    /** Checks that report their results as they come. */
    private interface Checks {
        Report run(Consumer<Report.Result> listener) throws IOException;
    }

    private int report(Checks checks) throws IOException {
        if (!json) {
            console.out().println(Report.header());
        }
        Report report = checks.run(result -> {
            if (!json) {
                console.out().println(result.line());
            }
        });
        if (json) {
            report.writeJson(console.out());
        } else {
            console.out().println(report.summary());
        }
        return report.passed() ? ExitCode.DONE : ExitCode.FAILED;
    }
}
