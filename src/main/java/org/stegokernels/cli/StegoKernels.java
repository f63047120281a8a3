package org.stegokernels.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.stegokernels.text.Spelling;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: its commands, and what becomes of their errors. */
@Command(
        name = "stego-kernels",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Cuts photographs into meaningful regions: STEGO segmentation in pure Java.",
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels segment photos/ -m stego.safetensors -o masks/",
            "  stego-kernels segment street.jpg -m vit.safetensors --clusters 8 -o masks/",
            "  stego-kernels serve photos/ --open",
            "  stego-kernels train -m dino.safetensors --data photos/ --classes 8 -o trained/",
            "  stego-kernels eval -m stego.safetensors --data camvid/ -o report/",
            "  stego-kernels info",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 3 bad model, 4 device not available,",
            "5 some inputs failed. 'stego-kernels help COMMAND' explains a command.",
        })
final class StegoKernels {
    private StegoKernels() {}

    static int run(String[] args, Console console) {
        if (willCompute(args)) {
            DeviceSelection.warmUp();
        }
        if (System.getProperty("java.awt.headless") == null) {
            // Reading and writing pictures needs no window system.
            System.setProperty("java.awt.headless", "true");
        }
        CommandLine commands = commands(asked(args, console));
        commands.registerConverter(Path.class, CliCommand::path)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        console.color() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, given) -> usageError(e, console))
                .setExecutionExceptionHandler((e, command, parsed) -> CommandFailure.tell(e, isVerbose(args), console));
        if (args.length == 0) {
            commands.usage(commands.getErr());
            return console.finish(ExitCode.USAGE);
        }
        try {
            return console.finish(commands.execute(args));
        } catch (Error e) {
            return CommandFailure.tell(e, isVerbose(args), console);
        }
    }

    /** Returns the program with the given commands. */
    static CommandLine commands(List<CliCommand> given) {
        CommandLine commands = new CommandLine(new StegoKernels());
        add(given, commands);
        return commands;
    }

    /**
     * Returns the command that is asked for by name, alone, since to describe all of them takes a second, or with {@code
     * help} the one to explain; else all.
     */
    private static List<CliCommand> asked(String[] args, Console console) {
        boolean help = args.length > 0 && args[0].equals(HelpCommand.NAME);
        boolean explains = help && args.length > 1 && !args[1].equals(HelpCommand.NAME);
        boolean describesAll = args.length == 0 || help && !explains || args[0].equals(CompletionCommand.NAME);
        if (describesAll) {
            return CliCommand.all(console);
        }
        List<CliCommand> asked = new ArrayList<>();
        for (int i = 0; i < (explains ? 2 : 1); i++) {
            CliCommand command = CliCommand.named(args[i], console);
            if (command == null) {
                return CliCommand.all(console);
            }
            asked.add(command);
        }
        return asked;
    }

    private static void add(List<CliCommand> given, CommandLine parent) {
        for (CliCommand command : given) {
            CommandLine child = new CommandLine(command);
            add(command.subcommands(), child);
            parent.addSubcommand(child);
        }
    }

    /** Guesses, made before the command line is parsed: that takes time which the compiler can use. */
    private static boolean willCompute(String[] args) {
        boolean elsewhere = String.join(" ", args).matches(".*--device[ =](?!auto\\b|cpu\\b(?!:)).*");
        return Launcher.need(args) == Need.WARM_KERNELS && !elsewhere && Launcher.vectorModuleLoaded();
    }

    private static int usageError(ParameterException e, Console console) {
        Optional<String> unknown = e.getCommandLine().getUnmatchedArguments().stream()
                .filter(argument -> argument.startsWith("-"))
                .findFirst();
        CommandLine command = e.getCommandLine();
        if (unknown.isPresent()) {
            // Also where others are missing: a mistyped --help needs none of them.
            console.error(unknownOption(unknown.get(), command));
        } else if (e instanceof UnmatchedArgumentException
                && !command.getSubcommands().isEmpty()) {
            console.error(unknownCommand(command.getUnmatchedArguments().get(0), command));
        } else {
            console.error(e.getMessage());
        }
        console.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    private static String unknownOption(String given, CommandLine command) {
        String name = given.split("=", 2)[0];
        List<String> known = command.getCommandSpec().optionsMap().keySet().stream()
                .filter(option -> option.startsWith("--"))
                .toList();
        String nearest = Spelling.nearest(name, known);
        boolean mistyped = Spelling.distance(name, nearest) <= name.length() / 3;
        return "unknown option " + name + (mistyped ? "; did you mean " + nearest + "?" : "");
    }

    /** Says that a command has no such command, and which may have been meant. */
    static String unknownCommand(String given, CommandLine parent) {
        String nearest = Spelling.nearest(given, parent.getSubcommands().keySet());
        boolean mistyped = Spelling.distance(given, nearest) <= Math.max(2, given.length() / 3);
        return "unknown command " + given + (mistyped ? "; did you mean " + nearest + "?" : "");
    }

    private static boolean isVerbose(String[] args) {
        return List.of(args).contains("--verbose") || List.of(args).contains("-v");
    }
}
