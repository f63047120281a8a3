package org.stegokernels.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on standard error if a person looks at it and there is something to wait for; else nothing. */
final class Progress implements AutoCloseable {
    /** Null for none. The library and its terminal code take 0.1 s to start: only a batch is worth that. */
    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    static Progress of(Console console, String task, int steps) {
        if (!console.errIsTerminal() || steps < 2) {
            return new Progress(null);
        }
        return new Progress(bar(task, steps).build());
    }

    /** @param bytes -1 if nobody knows how many */
    static Progress ofBytes(Console console, String task, long bytes) {
        return new Progress(
                console.errIsTerminal()
                        ? bar(task, bytes).setUnit(" MB", 1_000_000).showSpeed().build()
                        : null);
    }

    private static ProgressBarBuilder bar(String task, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .clearDisplayOnFinish();
    }

    void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /** @param done steps so far */
    void stepTo(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** Something to be shown behind the bar. */
    void message(String text) {
        if (bar != null) {
            bar.setExtraMessage(text);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
