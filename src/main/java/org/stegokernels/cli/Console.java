package org.stegokernels.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The two streams a command talks to, and what may be sent there.
 *
 * @param out results
 * @param err progress, log and errors
 * @param outIsTerminal whether a person reads {@code out}
 * @param errIsTerminal whether a person reads {@code err}
 * @param color whether results may be coloured: on a terminal, unless NO_COLOR is set (no-color.org)
 */
record Console(PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, boolean color) {
    static Console of(PrintStream out, PrintStream err) {
        boolean capable = !"dumb".equals(System.getenv("TERM"));
        boolean outIsTerminal = capable && out == System.out && isTerminal(1);
        boolean errIsTerminal = capable && err == System.err && isTerminal(2);
        String noColor = System.getenv("NO_COLOR");
        boolean color = outIsTerminal && (noColor == null || noColor.isEmpty());
        return new Console(out, err, outIsTerminal, errIsTerminal, color);
    }

    /** Linux tells for each stream; elsewhere Java knows only of both standard input and output together. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null;
        }
    }

    void error(String message) {
        err.println("error: " + printable(message));
    }

    /** Names of files and classes must not move the cursor. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
