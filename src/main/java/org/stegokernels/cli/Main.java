package org.stegokernels.cli;

import java.io.PrintStream;

/**
 * The program. This class, {@link Launcher}, {@link Need}, {@link OwnCommandLine} and {@link CompilerFlags} are all that
 * the first of two processes loads, so they refer to nothing else until it is clear which process this is.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        if (Launcher.needed(args)) {
            System.exit(Launcher.launch(args));
        }
        Launcher.endWithParent();
        System.exit(StegoKernels.run(Launcher.arguments(args), Console.standard()));
    }

    /**
     * Runs one command in this process.
     *
     * @param out results go here, in UTF-8
     * @param err progress, log and errors go here, in UTF-8
     * @return the exit code, as the README lists them
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        return StegoKernels.run(args, new Console(out, err, false, false, false));
    }
}
