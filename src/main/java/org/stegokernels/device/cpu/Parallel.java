package org.stegokernels.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A few threads that wait for work by spinning briefly before they park: a forward pass is a hundred short parallel
 * loops, and waking a parked thread for each would cost more than some of them. The calling thread works too.
 */
final class Parallel implements AutoCloseable {
    /** One step of a parallel loop. */
    @FunctionalInterface
    interface Step {
        /**
         * @param index which step, in no particular order
         * @param worker which thread, 0 to {@link #threads()} - 1, to pick a scratch array by
         */
        void run(int index, int worker);
    }

    /**
     * A loop being run. Each worker has a share of the steps, a run of them, and counts through it by itself; who is
     * done helps the others. A counter that all of them take from would travel from core to core at every step; and in
     * loop after loop over the same rows, a worker finds most of its own in its own caches.
     */
    private static final class Job {
        /** Ints from one counter to the next: they must not share a cache line, nor two that are fetched as a pair. */
        private static final int APART = 32;

        final int count;
        final Step step;
        final int shares;
        final AtomicIntegerArray next;
        final AtomicInteger done = new AtomicInteger();
        volatile Throwable failure;

        Job(int count, Step step, int shares) {
            this.count = count;
            this.step = step;
            this.shares = shares;
            this.next = new AtomicIntegerArray(shares * APART);
            for (int share = 1; share < shares; share++) {
                next.setPlain(share * APART, start(share));
            }
        }

        private int start(int share) {
            return (int) ((long) count * share / shares);
        }

        void work(int worker) {
            int ran = 0;
            for (int i = 0; i < shares; i++) {
                ran += work((worker + i) % shares, worker);
            }
            done.addAndGet(ran);
        }

        private int work(int share, int worker) {
            int end = start(share + 1);
            int ran = 0;
            for (int index; (index = next.getAndIncrement(share * APART)) < end; ran++) {
                try {
                    if (failure == null) {
                        step.run(index, worker);
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
            }
            return ran;
        }
    }

    /** Long enough to bridge the gap between two kernels, short enough to leave an idle machine idle. */
    private static final int SPINS = 20_000;

    private final Thread[] workers;
    private final boolean[] parked;
    private volatile Job job;
    private volatile boolean closed;

    Parallel(int threads) {
        workers = new Thread[threads - 1];
        parked = new boolean[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            int worker = i;
            workers[i] = new Thread(() -> serve(worker), "stego-kernels-" + (i + 1));
            workers[i].setDaemon(true);
            workers[i].start();
        }
    }

    int threads() {
        return workers.length + 1;
    }

    /** Runs {@code step} for 0..count-1 and returns when all are done. A throwable of any step is thrown again here. */
    void forEach(int count, Step step) {
        if (workers.length == 0 || count <= 1) {
            for (int index = 0; index < count; index++) {
                step.run(index, 0);
            }
            return;
        }
        Job current = new Job(count, step, threads());
        job = current;
        synchronized (parked) {
            for (int i = 0; i < workers.length; i++) {
                if (parked[i]) {
                    parked[i] = false;
                    LockSupport.unpark(workers[i]);
                }
            }
        }
        current.work(workers.length);
        for (int spins = 0; current.done.get() < count; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        job = null;
        if (current.failure != null) {
            rethrow(current.failure);
        }
    }

    private static void rethrow(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    private void serve(int worker) {
        Job last = null;
        while (!closed) {
            Job current = awaitJob(worker, last);
            if (current != null) {
                current.work(worker);
                last = current;
            }
        }
    }

    private Job awaitJob(int worker, Job last) {
        for (int spins = 0; spins < SPINS; spins++) {
            Job current = job;
            if (current != null && current != last || closed) {
                return current;
            }
            Thread.onSpinWait();
        }
        synchronized (parked) {
            Job current = job;
            if (current != null && current != last || closed) {
                return current;
            }
            parked[worker] = true;
        }
        while (stillParked(worker) && !closed) {
            LockSupport.park(this);
        }
        return null;
    }

    private boolean stillParked(int worker) {
        synchronized (parked) {
            return parked[worker];
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }
}
