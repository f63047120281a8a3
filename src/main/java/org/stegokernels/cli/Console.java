package org.stegokernels.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.stegokernels.io.ExitHooks;

/** The two streams a command talks to, and what may be sent there. */
final class Console {
    private final OutputPrinter out;
    private final OutputPrinter err;
    private final boolean color;
    /** Null where nobody looks. */
    private final StatusLine statusLine;

    /**
     * @param out results
     * @param err progress, log and errors
     * @param outIsTerminal true if a person reads {@code out}
     * @param errIsTerminal true if a person reads {@code err}
     * @param color true if results may be coloured
     */
    Console(OutputStream out, OutputStream err, boolean outIsTerminal, boolean errIsTerminal, boolean color) {
        this(out, err, StandardCharsets.UTF_8, outIsTerminal, errIsTerminal, color);
    }

    private Console(
            OutputStream out,
            OutputStream err,
            Charset charset,
            boolean outIsTerminal,
            boolean errIsTerminal,
            boolean color) {
        statusLine = errIsTerminal ? new StatusLine(err, charset) : null;
        this.out = new OutputPrinter(out, charset, outIsTerminal ? statusLine : null);
        this.err = new OutputPrinter(err, charset, statusLine);
        this.color = color;
    }

    /**
     * Returns the console of this process: with colours on a terminal, unless NO_COLOR is set (no-color.org). Not made
     * of {@link System#out}, which forgets why a write failed.
     */
    static Console standard() {
        boolean capable = !"dumb".equals(System.getenv("TERM"));
        boolean outIsTerminal = capable && isTerminal(1);
        boolean errIsTerminal = capable && isTerminal(2);
        String noColor = System.getenv("NO_COLOR");
        boolean color = outIsTerminal && (noColor == null || noColor.isEmpty());
        return new Console(
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                charset(),
                outIsTerminal,
                errIsTerminal,
                color);
    }

    /** Returns the encoding of {@link System#out}. */
    private static Charset charset() {
        String known = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        return known == null ? Charset.defaultCharset() : Charset.forName(known);
    }

    /**
     * Returns whether a stream is a terminal. Linux tells for each stream; elsewhere Java knows only of both standard
     * input and output together.
     */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null;
        }
    }

    /** Returns the stream for results. */
    PrintStream out() {
        return out;
    }

    /** Returns the stream for progress, log and errors. */
    PrintStream err() {
        return err;
    }

    boolean errIsTerminal() {
        return statusLine != null;
    }

    boolean color() {
        return color;
    }

    /** Returns the last line of the terminal, or null if no person reads standard error. */
    StatusLine statusLine() {
        return statusLine;
    }

    /**
     * Prints a message; its lines after the first are indented, so that a name in it can't pass for another message. At
     * the end of a process that was interrupted nothing is said after the last line.
     */
    void error(String message) {
        if (ExitHooks.isOver()) {
            return;
        }
        err.println("error: " + String.valueOf(message).replaceAll("\n(?! )", "\n  "));
    }

    /**
     * Returns the exit code of a command that ended with the given one: results that could not be written are none, and
     * the person at the keyboard is told.
     */
    int finish(int exitCode) {
        Optional<IOException> failure = out.failure();
        if (failure.isEmpty()) {
            err.flush();
            return exitCode;
        }
        error("cannot write to standard output: " + failure.get().getMessage());
        return ExitCode.FAILED;
    }
}
