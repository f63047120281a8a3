package org.stegokernels.stego;

import java.util.LinkedHashMap;
import java.util.Map;

/** Wall-clock time by stage, summed over all images. Safe for use from many threads; overlapping stages each count. */
public final class StageTimes {
    private final Map<String, Long> nanos = new LinkedHashMap<>();

    /** Adds the time since {@code startNanos}, as {@link System#nanoTime()} gave it, to a stage. */
    public synchronized void add(String stage, long startNanos) {
        nanos.merge(stage, System.nanoTime() - startNanos, Long::sum);
    }

    /** Seconds by stage, in the order in which they first ran. */
    public synchronized Map<String, Double> seconds() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        nanos.forEach((stage, time) -> seconds.put(stage, time / 1e9));
        return seconds;
    }
}
