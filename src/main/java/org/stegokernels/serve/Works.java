package org.stegokernels.serve;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounds on what is done at once: memory for bodies, photographs that are decoded, computed and encoded, and the time
 * that a client may take to receive its answer. Who comes first is served first; beyond the bounds a request is refused
 * with 503, so that nothing piles up.
 */
final class Works implements AutoCloseable {
    /** While one photograph is computed, another one is decoded and a third one's answer encoded. */
    private static final int AT_ONCE = 3;

    private static final int MOST_WAITING = 64;
    private static final int SECONDS_FOR_ROOM = 20;
    private static final String RETRY_SECONDS = "2";

    private static final long MOST_BODIES = 256L << 20;
    private static final int LARGEST_BODY = 64 << 20;
    /** The part of Java's heap that bodies may take. */
    private static final int SHARE_OF_BODIES = 8;

    private static final int UNIT = 1 << 10;

    private final int largestBody;
    private final Semaphore room;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Semaphore device = new Semaphore(1, true);
    private final AtomicInteger waiting = new AtomicInteger();
    private final ScheduledThreadPoolExecutor clock;
    private volatile boolean closed;

    Works() {
        long bodies = Math.min(MOST_BODIES, Runtime.getRuntime().maxMemory() / SHARE_OF_BODIES);
        largestBody = (int) Math.min(LARGEST_BODY, bodies / 2);
        room = new Semaphore((int) (bodies / UNIT), true);
        clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "workbench-clock");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
    }

    /** Something that is held until it is closed. */
    @FunctionalInterface
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Memory for one body. For use by one thread. */
    final class Room implements Held {
        private int units;

        private Room(int units) {
            this.units = units;
        }

        /** Gives back what is beyond some bytes. */
        void shrink(int bytes) {
            int needed = units(bytes);
            room.release(units - needed);
            units = needed;
        }

        @Override
        public void close() {
            room.release(units);
            units = 0;
        }
    }

    private static int units(int bytes) {
        return bytes / UNIT + 1;
    }

    /** Returns the largest body that is taken, in bytes. */
    int largestBody() {
        return largestBody;
    }

    /**
     * Waits for memory for a body.
     *
     * @throws Problem 503 if there is none for long
     */
    Room room(int bytes) {
        int units = units(bytes);
        try {
            if (room.tryAcquire(units, SECONDS_FOR_ROOM, TimeUnit.SECONDS)) {
                return new Room(units);
            }
        } catch (InterruptedException e) {
            throw ending();
        }
        throw busy("Other requests hold the memory that this one needs.");
    }

    /**
     * Waits for one of the places to work on a photograph.
     *
     * @throws Problem 503 if too many wait already
     */
    Held turn() {
        if (waiting.incrementAndGet() > MOST_WAITING + AT_ONCE) {
            waiting.decrementAndGet();
            throw busy("More than " + MOST_WAITING + " photographs are waiting.");
        }
        try {
            acquire(turns);
        } catch (Problem e) {
            waiting.decrementAndGet();
            throw e;
        }
        return () -> {
            turns.release();
            waiting.decrementAndGet();
        };
    }

    /** Waits until no other request computes. The board's own works are not waited for here, but by the device. */
    Held device() {
        acquire(device);
        return device::release;
    }

    private void acquire(Semaphore semaphore) {
        try {
            semaphore.acquire();
        } catch (InterruptedException e) {
            throw ending();
        }
        if (closed) {
            semaphore.release();
            throw ending();
        }
    }

    /** Returns the number of photographs that are worked on or waiting. */
    int inFlight() {
        return waiting.get();
    }

    /** The time that a thread may take; after it, the thread is interrupted, which ends the connection that it waits for. */
    private static final class Limit implements Held, Runnable {
        private final Thread waiter = Thread.currentThread();
        private Future<?> alarm;
        private boolean over;
        private boolean fired;

        @Override
        public synchronized void run() {
            if (!over) {
                fired = true;
                waiter.interrupt();
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            alarm.cancel(false);
            if (fired) {
                Thread.interrupted();
            }
        }
    }

    /** Begins to limit the time in which this thread reads from a client, or writes to it. */
    Held limit(long millis) {
        Limit limit = new Limit();
        limit.alarm = clock.schedule(limit, millis, TimeUnit.MILLISECONDS);
        return limit;
    }

    private static Problem busy(String reason) {
        return new Problem(503, reason + " Try again soon.").with("Retry-After", RETRY_SECONDS);
    }

    private static Problem ending() {
        return new Problem(503, "The workbench is being closed.");
    }

    /** Refuses all works from now on; those that wait are ended by interrupting their threads. */
    @Override
    public void close() {
        closed = true;
        clock.shutdownNow();
    }
}
