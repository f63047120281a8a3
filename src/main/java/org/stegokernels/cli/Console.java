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
import java.util.Map;
import java.util.Optional;
import org.stegokernels.io.ExitHooks;

/** The two streams a command talks to, and what may be sent there. */
final class Console {
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

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
        boolean capable = obeysEscapes(System.getenv(), WINDOWS);
        boolean outIsTerminal = isTerminal(1);
        boolean errIsTerminal = capable && isTerminal(2);
        Charset charset = charset(
                System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding")),
                outIsTerminal,
                WINDOWS);
        outIsTerminal &= capable;
        String noColor = System.getenv("NO_COLOR");
        boolean color = outIsTerminal && (noColor == null || noColor.isEmpty());
        return new Console(
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                charset,
                outIsTerminal,
                errIsTerminal,
                color);
    }

    /**
     * Returns the encoding of the streams. That of a terminal is what it says of itself; files and pipes have that of
     * the locale, except on Windows, where no program expects the old code page in JSON.
     *
     * @param known that of {@link System#out}, or null
     */
    static Charset charset(String known, boolean terminal, boolean windows) {
        if (windows && !terminal) {
            return StandardCharsets.UTF_8;
        }
        // A Java runtime of few modules lacks some code pages of Windows.
        return known == null || !Charset.isSupported(known) ? Charset.defaultCharset() : Charset.forName(known);
    }

    /**
     * Returns whether a terminal obeys escape sequences. The old console window of Windows shows them, and is known by
     * the lack of what the others set.
     */
    static boolean obeysEscapes(Map<String, String> environment, boolean windows) {
        String terminal = environment.get("TERM");
        if (terminal != null) {
            return !terminal.equals("dumb");
        }
        return !windows || environment.containsKey("WT_SESSION") || "ON".equals(environment.get("ConEmuANSI"));
    }

    /** Returns whether a stream is a terminal: as Linux shows it, or as a program says that inherits the stream. */
    private static boolean isTerminal(int descriptor) {
        try {
            if (WINDOWS) {
                return isConsole();
            }
            if (Files.exists(Path.of("/proc/self/fd"))) {
                String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                        .toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            }
            return new ProcessBuilder("test", "-t", Integer.toString(descriptor))
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException closed) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns whether standard input and output are both a console. From Java 22 on there may be one that is none. */
    private static boolean isConsole() {
        java.io.Console console = System.console();
        try {
            return console != null
                    && (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException before22) {
            return true;
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
