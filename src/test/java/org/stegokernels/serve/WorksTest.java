package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing piles up: beyond the bounds a request is told to come again. */
class WorksTest {
    private static final int AT_ONCE = 3;
    private static final int WAITING = 64;

    private final Works works = new Works();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() throws InterruptedException {
        works.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whoFindsTheQueueFullIsToldToComeAgain() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        List<Future<?>> others = new ArrayList<>();
        for (int i = 0; i < AT_ONCE + WAITING; i++) {
            others.add(threads.submit(() -> {
                try (Works.Held turn = works.turn()) {
                    hold.await();
                }
                return null;
            }));
        }
        while (works.inFlight() < AT_ONCE + WAITING) {
            Thread.onSpinWait();
        }
        assertThatExceptionOfType(Problem.class).isThrownBy(works::turn).satisfies(problem -> {
            assertThat(problem.status()).isEqualTo(503);
            assertThat(problem.headers()).containsEntry("Retry-After", "2");
        });
        hold.countDown();
        for (Future<?> each : others) {
            each.get(10, TimeUnit.SECONDS);
        }
        assertThat(works.inFlight()).isZero();
        works.turn().close();
    }

    @Test
    void theMemoryOfBodiesIsGivenBack() {
        int most = works.largestBody();
        for (int i = 0; i < 100; i++) {
            try (Works.Room first = works.room(most);
                    Works.Room second = works.room(most / 2)) {
                first.shrink(1000);
                works.room(most).close();
            }
        }
    }

    /** A client that sends or reads nothing: the end of the thread's wait closes the connection. */
    @Test
    void aWaitThatTakesTooLongIsInterrupted() throws InterruptedException {
        try (Works.Held limit = works.limit(20)) {
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Thread.sleep(10_000));
        }
        works.limit(1).close();
        try (Works.Held late = works.limit(1)) {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        }
        assertThat(Thread.currentThread().isInterrupted())
                .as("what comes after is not interrupted")
                .isFalse();
        Thread.sleep(20);
    }

    @Test
    void whoWaitsAtTheEndIsSentAway() throws Exception {
        try (Works.Held device = works.device()) {
            Future<?> waiting = threads.submit(() -> assertThatExceptionOfType(Problem.class)
                    .isThrownBy(works::device)
                    .satisfies(problem -> assertThat(problem.status()).isEqualTo(503)));
            works.close();
            threads.shutdownNow();
            waiting.get(10, TimeUnit.SECONDS);
        }
        assertThatExceptionOfType(Problem.class).isThrownBy(works::turn);
    }
}
