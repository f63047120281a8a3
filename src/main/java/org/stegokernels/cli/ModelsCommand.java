package org.stegokernels.cli;

import java.io.IOException;
import java.util.List;
import org.stegokernels.text.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code models}: the models that have a name. */
@Command(
        name = ModelsCommand.NAME,
        synopsisSubcommandLabel = "(list | pull | path)",
        description = {
            "Lists, downloads and finds models that have a name.",
            "",
            "Downloads are kept in the user's cache folder, or in $STEGO_HOME/cache. Nothing is downloaded unless it is"
                    + " asked for by 'models pull' or --pull."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels models list",
            "  stego-kernels models pull dino-vits8",
            "  stego-kernels features photos/ -m dino-vits8 -o features/"
        })
final class ModelsCommand extends CliCommand {
    static final String NAME = "models";

    ModelsCommand(Console console) {
        super(console);
    }

    @Override
    List<CliCommand> subcommands() {
        return List.of(new ListCommand(console), new PullCommand(console), new PathCommand(console));
    }

    @Override
    int run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list, pull NAME or path NAME");
    }

    @Command(name = "list", description = "Shows all models: what they are for, and whether they are here.")
    static final class ListCommand extends CliCommand {
        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        ListCommand(Console console) {
            super(console);
        }

        @Override
        String next() {
            return NextStep.command(ModelsCommand.NAME, "pull", "NAME");
        }

        @Override
        int run() throws IOException {
            ModelTable table = ModelTable.load();
            if (json) {
                JsonWriter.print(console.out(), table::write);
            } else {
                table.print(console);
            }
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "pull",
            description = "Downloads a model, checks and converts it, and prints its path. An interrupted download goes"
                    + " on where it ended; of a model that is here the digest is checked.")
    static final class PullCommand extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "One of those that 'models list' shows.")
        private String name;

        PullCommand(Console console) {
            super(console);
        }

        @Override
        String next() {
            return NextStep.command(DescribeCommand.NAME, name) + ", which says what it is good for";
        }

        @Override
        int run() throws IOException {
            console.out().println(ModelPull.run(name, console));
            return ExitCode.DONE;
        }
    }

    @Command(name = "path", description = "Prints the path of a model that is here.")
    static final class PathCommand extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "One of those that 'models list' shows.")
        private String name;

        PathCommand(Console console) {
            super(console);
        }

        @Override
        int run() throws IOException {
            console.out().println(ModelPull.find(name, false, console));
            return ExitCode.DONE;
        }
    }
}
