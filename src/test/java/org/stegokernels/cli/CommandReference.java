package org.stegokernels.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** All commands as their help explains them, for the documentation. */
public final class CommandReference {
    private CommandReference() {}

    /** Returns the program and all its commands, each after the one that it belongs to. */
    public static List<CommandSpec> commands() {
        PrintStream unused = System.out;
        List<CommandSpec> commands = new ArrayList<>();
        add(StegoKernels.commands(CliCommand.all(new Console(unused, unused, false, false, false))), commands);
        return commands;
    }

    /**
     * Parses a command line without carrying it out.
     *
     * @throws CommandLine.ParameterException if there is no such command or option, or a value can't be right
     */
    public static void parse(List<String> arguments) {
        CommandLine program = commands().get(0).commandLine();
        program.setCaseInsensitiveEnumValuesAllowed(true).setExpandAtFiles(false);
        program.parseArgs(arguments.toArray(new String[0]));
    }

    private static void add(CommandLine command, List<CommandSpec> commands) {
        commands.add(command.getCommandSpec());
        command.getSubcommands().values().forEach(child -> add(child, commands));
    }

    /** Returns a heading and the help text of each command, in Markdown. */
    public static String markdown() {
        StringBuilder text = new StringBuilder();
        for (CommandSpec command : commands()) {
            if (command.parent() != null) {
                text.append("## ")
                        .append(command.qualifiedName().replace("stego-kernels ", ""))
                        .append("\n\n");
                text.append("```text\n")
                        .append(command.commandLine()
                                .getUsageMessage(CommandLine.Help.Ansi.OFF)
                                .strip())
                        .append("\n```\n\n");
            }
        }
        return text.toString();
    }
}
