package org.stegokernels.serve;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The thread that does what nobody waits for: photographs are encoded in the order of their coming, labels refined, what
 * the page asked for last first. The two take turns, so that neither waits for the end of the other.
 */
final class Background implements AutoCloseable {
    private final Job encode;
    private final Job refine;
    private final Deque<Integer> toEncode = new ArrayDeque<>();
    /** Asked for last comes first. */
    private final Deque<Integer> toRefine = new ArrayDeque<>();

    private final Thread thread = new Thread(this::run, "workbench-background");
    private boolean closed;
    private boolean busy;
    private boolean refinedLast;

    /** A work on one photograph, which deals with its own failures. */
    @FunctionalInterface
    interface Job {
        void run(int photograph);
    }

    Background(Job encode, Job refine) {
        this.encode = encode;
        this.refine = refine;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized void encode(int photograph) {
        toEncode.addLast(photograph);
        notifyAll();
    }

    synchronized void refine(int photograph) {
        toRefine.remove(photograph);
        toRefine.addFirst(photograph);
        notifyAll();
    }

    /** Returns whether no photograph waits to be encoded. */
    synchronized boolean hasEncodedAll() {
        return toEncode.isEmpty();
    }

    /** Waits until there is nothing to do. */
    synchronized void await() throws InterruptedException {
        while (busy || !toEncode.isEmpty() || !toRefine.isEmpty()) {
            wait();
        }
    }

    private void run() {
        try {
            for (Runnable next = next(); next != null; next = next()) {
                next.run();
                synchronized (this) {
                    busy = false;
                    notifyAll();
                }
            }
        } catch (InterruptedException e) {
            // Nobody interrupts it: that would close the file that it reads.
            throw new IllegalStateException(e);
        }
    }

    /** Returns null if there is no more to do. */
    private synchronized Runnable next() throws InterruptedException {
        while (!closed && toEncode.isEmpty() && toRefine.isEmpty()) {
            wait();
        }
        if (closed) {
            return null;
        }
        busy = true;
        refinedLast = !toRefine.isEmpty() && (toEncode.isEmpty() || !refinedLast);
        int photograph = refinedLast ? toRefine.removeFirst() : toEncode.removeFirst();
        Job job = refinedLast ? refine : encode;
        return () -> job.run(photograph);
    }

    /** Ends the thread after what it is at. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
