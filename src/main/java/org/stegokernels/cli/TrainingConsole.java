package org.stegokernels.cli;

import java.util.Locale;
import org.stegokernels.train.ClusterSurvey;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.train.TrainingStep;

/** Progress of a training on the console: a bar on a terminal, else a line now and then. */
final class TrainingConsole implements Hooks.Listener, AutoCloseable {
    private static final long LINE_NANOS = 10_000_000_000L;

    private final Console console;
    private final Progress progress;
    private final int firstStep;
    private final int lastStep;
    private final long start = System.nanoTime();
    private long lastLine = start;
    private int step;
    private Hooks.Scores best;
    private int bestStep;

    /** @param firstStep steps done before */
    TrainingConsole(Console console, int firstStep, int lastStep) {
        this.console = console;
        this.firstStep = firstStep;
        this.lastStep = lastStep;
        this.step = firstStep;
        this.progress = Progress.of(console, "training", lastStep);
        progress.startFrom(firstStep);
    }

    @Override
    public void trained(int done, TrainingStep.Losses losses) {
        step = done;
        progress.stepTo(done);
        // The most wanted first, for narrow windows.
        progress.message((best == null ? "" : format("mIoU %.1f%%, ", 100 * best.clusterMeanIou()))
                + format(
                        "loss %.2f linear %.2f cluster %.2f, %.1f steps/s",
                        losses.total(), losses.linear(), losses.cluster(), stepsPerSecond()));
        long now = System.nanoTime();
        if (!console.errIsTerminal() && now - lastLine > LINE_NANOS) {
            lastLine = now;
            console.err()
                    .println(format(
                            "step %d of %d: total %.3f linear %.3f cluster %.3f, %.1f steps/s, %.0f s left",
                            step,
                            lastStep,
                            losses.total(),
                            losses.linear(),
                            losses.cluster(),
                            stepsPerSecond(),
                            (lastStep - step) / stepsPerSecond()));
        }
    }

    @Override
    public void surveyed(int done, ClusterSurvey clusters) {
        if (!console.errIsTerminal()) {
            console.err()
                    .println(format(
                            "step %d of %d: %d of %d clusters in use, the largest has %.1f%% of the patches",
                            done, lastStep, clusters.inUse(), clusters.clusters(), 100 * clusters.largestShare()));
        }
        clusters.warning().ifPresent(warning -> console.err().println("warning: " + warning));
    }

    @Override
    public void validated(int done, Hooks.Scores scores, boolean isBest) {
        if (isBest) {
            best = scores;
            bestStep = done;
        }
        if (!console.errIsTerminal()) {
            console.err().println(format("step %d of %d: ", done, lastStep) + inWords(scores));
        }
    }

    private static String inWords(Hooks.Scores scores) {
        return format(
                "clusters mIoU %.1f%% accuracy %.1f%%, linear mIoU %.1f%% accuracy %.1f%%",
                100 * scores.clusterMeanIou(),
                100 * scores.clusterAccuracy(),
                100 * scores.linearMeanIou(),
                100 * scores.linearAccuracy());
    }

    /** Returns the outcome in words, for standard output. */
    String summary() {
        double seconds = (System.nanoTime() - start) / 1e9;
        String done = format("trained %d steps in %.1f s (%.1f steps/s)", step - firstStep, seconds, stepsPerSecond());
        return best == null ? done : done + format("; best at step %d: ", bestStep) + inWords(best);
    }

    private double stepsPerSecond() {
        return (step - firstStep) / ((System.nanoTime() - start) / 1e9);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    @Override
    public void close() {
        progress.close();
    }
}
