package org.stegokernels.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.stegokernels.io.ExitHooks;

/**
 * Ends a command well when the process is asked to end (Ctrl-C, SIGTERM): the command is asked to stop, and the process
 * waits until it has written what it has and closed this.
 */
final class EarlyEnd implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final ExitHooks.Registration registration;

    /** @param stop called from another thread; returns at once */
    EarlyEnd(Runnable stop) {
        registration = ExitHooks.beforeEnd(() -> {
            stop.run();
            try {
                ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        registration.close();
        ended.countDown();
    }
}
