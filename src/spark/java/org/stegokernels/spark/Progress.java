package org.stegokernels.spark;

import java.io.Serializable;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts of what the tasks of a job have done, shown by Spark's pages under their names and told now and then on the driver.
 * A task that is run again counts again.
 */
record Progress(LongAccumulator pictures, LongAccumulator failures, LongAccumulator pixels, LongAccumulator millis)
        implements Serializable {
    private static final int TELL_SECONDS = 10;

    static Progress of(SparkContext context) {
        return new Progress(
                context.longAccumulator("pictures"),
                context.longAccumulator("pictures that failed"),
                context.longAccumulator("pixels"),
                context.longAccumulator("milliseconds of computing"));
    }

    /** Counts a picture that is done. */
    void done(long pixelsOfIt, double seconds) {
        pictures.add(1);
        pixels.add(pixelsOfIt);
        millis.add(Math.round(1000 * seconds));
    }

    /** Counts a picture that can't be used. */
    void failed(double seconds) {
        failures.add(1);
        millis.add(Math.round(1000 * seconds));
    }

    /** Tells how far a job is, from now until it is closed. */
    Teller tell(Console console, long total) {
        return new Teller(console, total);
    }

    final class Teller implements AutoCloseable {
        private final Console console;
        private final long total;
        private final long start = System.nanoTime();
        private final long before = count();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "progress");
            thread.setDaemon(true);
            return thread;
        });

        private Teller(Console console, long total) {
            this.console = console;
            this.total = total;
            timer.scheduleWithFixedDelay(() -> console.note(text()), TELL_SECONDS, TELL_SECONDS, TimeUnit.SECONDS);
        }

        private long count() {
            return pictures.value() + failures.value();
        }

        /** Returns a sentence: how many, and how many a second. */
        String text() {
            long done = count() - before;
            double seconds = (System.nanoTime() - start) / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%d of %d pictures, %.2f a second, %d failed",
                    done,
                    total,
                    done / seconds,
                    failures.value());
        }

        @Override
        public void close() {
            timer.shutdownNow();
            console.note(text());
        }
    }
}
