package org.stegokernels.train;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Prepares the next step's examples while the device works on this one's. */
final class BatchLoader implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final TrainingExamples examples;
    private final StepDraw.Source draws;
    private final int lastStep;
    private final HostBatch[] batches;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "prepare-batches");
        worker.setDaemon(true);
        return worker;
    });
    private int step;
    private Future<HostBatch> next;

    /**
     * @param firstStep from 0
     * @param endStep one after the last
     */
    BatchLoader(TrainSettings settings, TrainingExamples examples, StepDraw.Source draws, int firstStep, int endStep) {
        this.examples = examples;
        this.draws = draws;
        this.lastStep = endStep - 1;
        this.batches = new HostBatch[] {new HostBatch(settings), new HostBatch(settings)};
        this.step = firstStep;
        if (firstStep <= lastStep) {
            next = thread.submit(() -> prepare(firstStep));
        }
    }

    private HostBatch prepare(int wanted) {
        HostBatch batch = batches[wanted % batches.length];
        batch.begin(draws.step(wanted), examples);
        examples.prepare(batch);
        return batch;
    }

    /** Returns the next step's examples, valid until the next call. */
    HostBatch next() {
        HostBatch batch = await(next);
        step++;
        if (step <= lastStep) {
            int wanted = step;
            next = thread.submit(() -> prepare(wanted));
        }
        return batch;
    }

    private static HostBatch await(Future<HostBatch> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrainingException("the training was interrupted");
        }
    }

    /** Waits for the batch that is being prepared, which would else read examples that are closed already. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
