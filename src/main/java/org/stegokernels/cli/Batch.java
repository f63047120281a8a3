package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * Goes through the photographs of a run, once or twice: the next one is decoded and the results of the last one are
 * written while this one is computed. A photograph that fails does so alone, and is left out of the second round.
 */
final class Batch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Batch.class.getName());

    private final List<Inputs.Photograph> photographs;
    private final List<Path> stems;
    private final Summary summary;
    private final ResultWriter writer;
    private final Console console;
    /** Null if photographs are not decoded here. */
    private Prefetch prefetch;

    private volatile boolean stop;
    private boolean stopped;
    /** Indices of the photographs that have not failed. */
    private List<Integer> good;

    /** Does something with one photograph. */
    @FunctionalInterface
    interface Step {
        /**
         * @param position where it stands among those of this round, from 0
         * @param photograph where it comes from
         * @param stem its results are called this and a suffix
         */
        void run(int position, RgbImage image, Path photograph, Path stem) throws IOException;
    }

    /** Does something with one photograph that it reads itself. */
    @FunctionalInterface
    interface FileStep {
        /**
         * @param stem its results are called this and a suffix
         * @throws CancellationException if the run is to end
         */
        void run(Path photograph, Path stem) throws IOException;
    }

    /** @param rounds how often {@link #forEach} is called at most */
    Batch(
            List<Inputs.Photograph> photographs,
            List<Path> stems,
            int rounds,
            ImageReader.Limits limits,
            Summary summary,
            StageTimes times,
            Console console) {
        this.photographs = photographs;
        this.stems = stems;
        this.summary = summary;
        good = IntStream.range(0, photographs.size()).boxed().toList();
        prefetch = switch (rounds) {
            case 0 -> null;
            case 1 -> Prefetch.once(files(), limits, times);
            default -> Prefetch.twice(files(), limits, times);
        };
        writer = new ResultWriter(times, this::failed);
        this.console = console;
    }

    private List<Path> files() {
        return good.stream().map(index -> photographs.get(index).file()).toList();
    }

    int size() {
        return good.size();
    }

    /** Ends the round after the photograph that is at work; called from another thread. */
    void stop() {
        stop = true;
    }

    /** Returns true if the run is to end soon; safe to be called from any thread. */
    boolean stopping() {
        return stop;
    }

    /** Returns true if a round ended before its last photograph. */
    boolean stopped() {
        return stopped;
    }

    /**
     * @param task what is done, in a word or two
     * @throws IOException if results can't be kept, or the disk is full: no other photograph would fare better
     */
    void forEach(String task, Step step) throws IOException {
        try (Progress progress = Progress.of(console, task, good.size())) {
            forEach(step, progress);
        }
    }

    /**
     * As {@link #forEach}, with steps that read and write their photographs themselves, and show how far they are.
     *
     * @throws IOException if the disk is full: no other photograph would fare better
     */
    void forEachFile(FileStep step) throws IOException {
        List<Integer> done = new ArrayList<>();
        for (int position = 0; position < good.size() && !stopped; position++) {
            int index = good.get(position);
            Path file = photographs.get(index).file();
            try {
                step.run(file, stems.get(index));
                done.add(index);
                stopped = stop && position + 1 < good.size();
            } catch (CancellationException e) {
                stopped = true;
            } catch (DeviceException.Lost | DeviceException.KernelBuild e) {
                throw e;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                failed(file, e);
            }
        }
        good = done;
    }

    private void forEach(Step step, Progress progress) throws IOException {
        List<Integer> done = new ArrayList<>();
        for (int position = 0; position < good.size() && !stopped; position++) {
            int index = good.get(position);
            Path file = photographs.get(index).file();
            try {
                run(position, index, step);
                done.add(index);
            } catch (DeviceException.Lost | DeviceException.KernelBuild e) {
                // No other photograph would fare better.
                throw e;
            } catch (RuntimeException | OutOfMemoryError e) {
                failed(file, e);
            }
            writer.finishPostponed();
            progress.step();
            stopped = stop && position + 1 < good.size();
        }
        good = done;
    }

    private void run(int position, int index, Step step) throws IOException {
        Path file = photographs.get(index).file();
        try {
            step.run(position, prefetch.next(), file, stems.get(index));
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!CommandFailure.isHeapShortage(e)) {
                throw e;
            }
            // Others may have taken the memory: the results of the one before, or the next one, decoded already.
            prefetch.forget();
            writer.finish();
            step.run(position, prefetch.read(file), file, stems.get(index));
        }
    }

    /**
     * Does something with a photograph that is not of this batch; a failure is that photograph's alone.
     *
     * @throws IOException if the disk is full
     */
    void attempt(Path photograph, ResultWriter.Job job) throws IOException {
        try {
            job.write();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            failed(photograph, e);
        }
    }

    private void failed(Path photograph, Throwable failure) throws IOException {
        if (failure instanceof IOException e && FileErrors.isDiskFull(e)) {
            throw e;
        }
        summary.failed(photograph.toString(), reason(failure));
    }

    /** Returns why a photograph failed, in a sentence. */
    static String reason(Throwable failure) {
        if (CommandFailure.isHeapShortage(failure)) {
            return CommandFailure.heapShortage();
        }
        if (failure instanceof IOException e) {
            return FileErrors.text(e);
        }
        boolean foreseen = failure instanceof ImageException
                || failure instanceof NotFiniteException
                || failure instanceof DeviceException
                || failure instanceof IllegalArgumentException;
        if (!foreseen) {
            LOG.log(System.Logger.Level.INFO, "failed at", failure);
        }
        return foreseen ? failure.getMessage() : "unexpected " + failure;
    }

    /** Starts from the beginning, with those that have not failed. */
    void again() {
        prefetch = prefetch.again(files());
    }

    /**
     * Queues the writing of a photograph's results.
     *
     * @param job made to write after the folder of the results is there
     * @param written called by this thread once they are on the disk; if they can't be written, the photograph has failed
     */
    void write(Path photograph, Path stem, ResultWriter.Job job, Runnable written) throws IOException {
        writer.submit(new ResultWriter.Task(
                photograph,
                () -> {
                    FileErrors.makeFolder(stem.toAbsolutePath().getParent());
                    job.write();
                },
                written));
    }

    /** Waits until everything is written. */
    void finish() throws IOException {
        writer.finish();
    }

    @Override
    public void close() {
        if (prefetch != null) {
            prefetch.close();
        }
        writer.close();
    }
}
