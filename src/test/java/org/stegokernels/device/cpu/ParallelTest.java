package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ParallelTest {
    @Test
    void runsEveryStepOnce() {
        for (int threads : new int[] {1, 2, 5}) {
            try (Parallel parallel = new Parallel(threads)) {
                for (int round = 0; round < 2000; round++) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(round % 37);
                    parallel.forEach(runs.length(), (index, worker) -> {
                        assertThat(worker).isBetween(0, threads - 1);
                        runs.incrementAndGet(index);
                    });
                    for (int i = 0; i < runs.length(); i++) {
                        assertThat(runs.get(i)).isEqualTo(1);
                    }
                }
            }
        }
    }

    @Test
    void wakesWorkersThatHaveParked() throws InterruptedException {
        try (Parallel parallel = new Parallel(3)) {
            for (int round = 0; round < 5; round++) {
                Thread.sleep(50);
                AtomicIntegerArray workers = new AtomicIntegerArray(3);
                parallel.forEach(3, (index, worker) -> {
                    workers.incrementAndGet(worker);
                    while (workers.get(0) + workers.get(1) + workers.get(2) < 3) {
                        Thread.onSpinWait();
                    }
                });
                assertThat(workers.get(0) * workers.get(1) * workers.get(2))
                        .as("each worker took one of three steps that wait for each other")
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aFailureReachesTheCallerAndTheThreadsLiveOn() {
        try (Parallel parallel = new Parallel(2)) {
            assertThatThrownBy(() -> parallel.forEach(100, (index, worker) -> {
                        if (index == 57) {
                            throw new IllegalStateException("step 57");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("step 57");
            AtomicIntegerArray runs = new AtomicIntegerArray(100);
            parallel.forEach(100, (index, worker) -> runs.incrementAndGet(index));
            assertThat(runs.get(99)).isEqualTo(1);
        }
    }
}
