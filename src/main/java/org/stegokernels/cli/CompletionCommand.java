package org.stegokernels.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code completion}: a script by which a shell completes command lines. */
@Command(
        name = CompletionCommand.NAME,
        description = {
            "Prints a script by which bash or zsh completes commands, options and their values at the Tab key.",
            "",
            "Read it at the start of a shell: put the first example into ~/.bashrc or ~/.zshrc. It is for the word"
                    + " 'stego-kernels', be it a program, a function or an alias."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  source <(stego-kernels completion)",
            "  stego-kernels completion --name stego > ~/.local/share/bash-completion/completions/stego",
        })
final class CompletionCommand extends CliCommand {
    static final String NAME = "completion";

    private static final String WORD = "[A-Za-z0-9_][A-Za-z0-9_.-]*";

    @Option(
            names = "--name",
            paramLabel = "WORD",
            order = 1,
            defaultValue = "stego-kernels",
            description = "The word by which you start the program. Default: ${DEFAULT-VALUE}.")
    private String word;

    CompletionCommand(Console console) {
        super(console);
    }

    @Override
    int run() {
        if (!word.matches(WORD)) {
            throw new UsageException("--name must be of letters of English, digits, '_', '.' and '-', not " + word);
        }
        console.out().print(AutoComplete.bash(word, spec.commandLine().getParent()));
        return ExitCode.DONE;
    }
}
