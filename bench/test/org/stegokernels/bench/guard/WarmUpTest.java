package org.stegokernels.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** With a clock that only the path moves. */
class WarmUpTest {
    private static final double SECONDS = 0.5;

    private final AtomicLong clock = new AtomicLong();
    private int runs;

    /** @param millis of run n */
    private void warmUp(IntToLongFunction millis) throws Exception {
        new WarmUp(SECONDS, clock::get).run(() -> clock.addAndGet(1_000_000 * millis.applyAsLong(runs++)));
    }

    @Test
    void goesOnAfterAFirstRunLongerThanTheWarmUp() throws Exception {
        warmUp(run -> run == 0 ? 700 : run < 10 ? 20 : 1);
        assertThat(runs).isEqualTo(10 + 1 + 500);
    }

    @Test
    void endsWhenThePathBecomesNoFaster() throws Exception {
        warmUp(run -> 10 - run % 2);
        assertThat(runs).isEqualTo(1 + 53);
    }

    @Test
    void runsALongPathThreeTimes() throws Exception {
        warmUp(run -> 2_000);
        assertThat(runs).isEqualTo(3);
    }
}
