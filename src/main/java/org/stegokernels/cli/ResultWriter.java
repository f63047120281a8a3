package org.stegokernels.cli;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.stegokernels.stego.StageTimes;

/** Writes the results of one photograph while the next is computed, and never holds more than those of one. */
final class ResultWriter implements AutoCloseable {
    private final ExecutorService writer = Executors.newSingleThreadExecutor(work -> new Thread(work, "writer"));
    private final StageTimes times;
    private Future<?> writing;

    /** Writes the files of one photograph. */
    @FunctionalInterface
    interface Job {
        void write() throws IOException;
    }

    ResultWriter(StageTimes times) {
        this.times = times;
    }

    /**
     * Takes a job, once the one before is done.
     *
     * @throws IOException what the job before failed with: the results of all others would fare no better
     */
    void submit(Job job) throws IOException {
        finish();
        writing = writer.submit(() -> {
            long start = System.nanoTime();
            job.write();
            times.add("write", start);
            return null;
        });
    }

    /** Waits for the last job. */
    void finish() throws IOException {
        if (writing == null) {
            return;
        }
        try {
            writing.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("unexpected failure while writing results", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writing = null;
        }
    }

    @Override
    public void close() {
        writer.shutdown();
    }
}
