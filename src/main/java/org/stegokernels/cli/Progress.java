package org.stegokernels.cli;

import java.io.File;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.stegokernels.io.ExitHooks;
import org.stegokernels.text.Printable;

/**
 * Shows how far a task is, on the last line of the terminal if a person looks at it, and says so when the process is
 * asked to end meanwhile. Numbers come first, and a bar takes what is left of the line.
 *
 * <p>Libraries for this bring terminal code that takes the place of the virtual machine's handler of Ctrl-C, after
 * which no file is cleaned up and no checkpoint written.
 */
final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 250;
    /** Asking for the width of the window takes a process. */
    private static final int UPDATES_PER_WIDTH = 20;

    private static final int USUAL_WIDTH = 80;
    private static final int SHORTEST_BAR = 10;
    private static final int LONGEST_BAR = 60;

    private final String task;
    /** Negative if not known. */
    private final long total;
    /** Steps in one of the unit that is shown. */
    private final long scale;

    private final String unit;
    private final long start = System.nanoTime();
    private final Console console;
    private final ExitHooks.Registration registration;
    private final Thread painter;
    private volatile long first;
    private volatile long done;
    private volatile String message = "";

    private Progress(Console console, String task, long total, long scale, String unit) {
        this.console = console;
        this.task = Printable.line(task);
        this.total = total;
        this.scale = scale;
        this.unit = unit;
        painter = new Thread(this::paint, "progress");
        painter.setDaemon(true);
        registration = ExitHooks.beforeEnd(this::interrupted);
        if (console.errIsTerminal() && total != 1) {
            painter.start();
        }
    }

    static Progress of(Console console, String task, int steps) {
        return new Progress(console, task, steps, 1, "");
    }

    /** @param bytes -1 if not known */
    static Progress ofBytes(Console console, String task, long bytes) {
        return new Progress(console, task, bytes, 1_000_000, " MB");
    }

    void step() {
        done++;
    }

    /** @param steps done so far */
    void stepTo(long steps) {
        done = steps;
    }

    /** Starts after steps that an earlier run did, which say nothing about the time that is left. */
    void startFrom(long steps) {
        first = steps;
        done = steps;
    }

    /** Shows a text after the numbers. */
    void message(String text) {
        message = Printable.line(text);
    }

    private void paint() {
        int width = USUAL_WIDTH;
        try {
            for (int update = 0; true; update++) {
                Thread.sleep(UPDATE_MILLIS);
                if (update % UPDATES_PER_WIDTH == 0) {
                    width = windowWidth();
                }
                console.statusLine().show(text(width, seconds()));
            }
        } catch (InterruptedException closed) {
            console.statusLine().erase();
        }
    }

    /**
     * Returns the line for a window.
     *
     * @param width of the window in characters
     * @param seconds since the start
     */
    String text(int width, double seconds) {
        long now = done;
        double rate = seconds > 0 ? (now - first) / seconds : 0;
        StringBuilder text = new StringBuilder(numbers());
        if (scale > 1) {
            text.append(String.format(Locale.ROOT, ", %.1f%s/s", rate / scale, unit));
        }
        if (total >= now && rate > 0) {
            text.append(", ")
                    .append(clock((long) Math.ceil((total - now) / rate)))
                    .append(" left");
        }
        if (!message.isEmpty()) {
            text.append(", ").append(message);
        }
        int bar = Math.min(LONGEST_BAR, width - text.length() - " []".length());
        if (total > 0 && bar >= SHORTEST_BAR) {
            int full = (int) (bar * Math.min(now, total) / total);
            text.append(" [")
                    .append("=".repeat(full))
                    .append(" ".repeat(bar - full))
                    .append(']');
        }
        return text.toString();
    }

    private String numbers() {
        return task + ' ' + done / scale + (total < 0 ? "" : "/" + total / scale) + unit;
    }

    private static String clock(long seconds) {
        String minutes =
                seconds < 3600 ? "" + seconds / 60 : String.format("%d:%02d", seconds / 3600, seconds / 60 % 60);
        return minutes + String.format(":%02d", seconds % 60);
    }

    /** Returns the width of the terminal's window in characters, a usual one where nothing tells. */
    private static int windowWidth() throws InterruptedException {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] size =
                    new String(stty.getInputStream().readAllBytes()).strip().split(" ");
            if (stty.waitFor(1, TimeUnit.SECONDS) && size.length == 2) {
                int width = Integer.parseInt(size[1]);
                return width > 0 ? width : USUAL_WIDTH;
            }
        } catch (IOException | NumberFormatException noSuchProgram) {
            return USUAL_WIDTH;
        }
        return USUAL_WIDTH;
    }

    private void interrupted() {
        close();
        console.err().println("interrupted: " + numbers());
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Erases the line and paints no other. */
    @Override
    public void close() {
        registration.close();
        painter.interrupt();
        boolean interrupted = false;
        while (painter.isAlive()) {
            try {
                painter.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
