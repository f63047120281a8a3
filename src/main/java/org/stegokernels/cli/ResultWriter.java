package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;

/**
 * Writes the results of one photograph while the next is computed, and never holds more than those of one; or of two, if
 * memory was short when the first were written.
 */
final class ResultWriter implements AutoCloseable {
    private final ExecutorService writer = Executors.newSingleThreadExecutor(work -> new Thread(work, "writer"));
    private final StageTimes times;
    private final Failures failures;
    private Task task;
    private Future<?> writing;
    /** A task that memory did not suffice for beside another photograph. */
    private Task postponed;

    /** Writes the files of one photograph. */
    @FunctionalInterface
    interface Job {
        void write() throws IOException;
    }

    /**
     * The results of one photograph.
     *
     * @param written called by the thread that waits for the job, after all its files are on the disk
     */
    record Task(Path photograph, Job job, Runnable written) {}

    /** Called with the jobs that failed, by the thread that waits for them. */
    @FunctionalInterface
    interface Failures {
        /** @throws IOException if the jobs after it would fare no better */
        void failed(Path photograph, Throwable cause) throws IOException;
    }

    ResultWriter(StageTimes times, Failures failures) {
        this.times = times;
        this.failures = failures;
    }

    /**
     * Takes a task, once the one before is done.
     *
     * @throws IOException what the one before failed with, if this one would fare no better
     */
    void submit(Task next) throws IOException {
        Throwable failure = await();
        if (CommandFailure.isHeapShortage(failure) && postponed == null) {
            postponed = task;
        } else {
            tell(failure);
        }
        start(next);
    }

    private void start(Task next) {
        task = next;
        writing = writer.submit(() -> {
            long start = System.nanoTime();
            next.job().write();
            times.add(Stage.WRITE, start);
            return null;
        });
    }

    /**
     * Waits for all tasks, and tries again, alone, what memory did not suffice for. To be called where no other photograph
     * is in memory.
     *
     * @throws IOException what a task failed with, if the next ones would fare no better
     */
    void finish() throws IOException {
        Throwable failure = await();
        if (CommandFailure.isHeapShortage(failure)) {
            start(task);
            failure = await();
        }
        tell(failure);
        if (postponed != null) {
            Task again = postponed;
            postponed = null;
            start(again);
            tell(await());
        }
    }

    /** Tries again at once what has been postponed. */
    void finishPostponed() throws IOException {
        if (postponed != null) {
            finish();
        }
    }

    /** Returns what the running task failed with, or null. */
    private Throwable await() {
        if (writing == null) {
            return null;
        }
        try {
            writing.get();
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        } finally {
            writing = null;
        }
        return null;
    }

    private void tell(Throwable failure) throws IOException {
        Task ended = task;
        task = null;
        if (ended == null) {
            return;
        }
        if (failure == null) {
            ended.written().run();
        } else {
            failures.failed(ended.photograph(), failure);
        }
    }

    @Override
    public void close() {
        writer.shutdown();
    }
}
