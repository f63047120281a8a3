package org.stegokernels.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code help}: what {@code COMMAND --help} shows. */
@Command(
        name = HelpCommand.NAME,
        description = "Explains a command, or lists all of them.",
        footerHeading = CliCommand.EXAMPLES,
        footer = {"  stego-kernels help segment", "  stego-kernels help models pull"})
final class HelpCommand extends CliCommand {
    static final String NAME = "help";

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command, and the command of that.")
    private List<String> names = List.of();

    HelpCommand(Console console) {
        super(console);
    }

    @Override
    int run() {
        CommandLine asked = spec.commandLine().getParent();
        for (String name : names) {
            CommandLine command = asked.getSubcommands().get(name);
            if (command == null) {
                throw new ParameterException(
                        asked,
                        asked.getSubcommands().isEmpty()
                                ? asked.getCommandName() + " has no command " + name
                                : StegoKernels.unknownCommand(name, asked));
            }
            asked = command;
        }
        asked.usage(asked.getOut(), asked.getColorScheme());
        return ExitCode.DONE;
    }
}
