package org.stegokernels.cli;

import java.io.PrintStream;

/**
 * The program. This class, {@link Launcher} and {@link CompilerFlags} are all that the first of two processes loads, so they
 * refer to nothing else until it is clear which process this is.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Launcher.needed(args) ? Launcher.launch(args) : run(args, System.out, System.err));
    }

    /**
     * Runs one command in this process.
     *
     * @param out results go here
     * @param err progress, log and errors go here
     * @return the exit code, see {@link ExitCode}
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        return StegoKernels.run(args, out, err);
    }
}
