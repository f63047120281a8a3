package org.stegokernels.bench.roofline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The part of a measurement in which some thread of the machine waited for a processor: the mark that others' work leaves
 * (Linux's pressure stall information). A benchmark has no more threads than there are processors, so without others it
 * is near 0.
 */
public final class Pressure {
    /** Above this share a measurement is of the machine's other work as much as of the path. */
    public static final double BUSY = 0.05;

    private static final Path FILE = Path.of("/proc/pressure/cpu");

    private final long startNanos = System.nanoTime();
    private final long startMicros = stalledMicros();

    private Pressure() {}

    /** Starts to watch. */
    public static Pressure start() {
        return new Pressure();
    }

    /** Returns the share of the time since the start, 0 to 1; 0 where the system doesn't tell. */
    public double share() {
        double micros = (System.nanoTime() - startNanos) / 1e3;
        return Math.min(1, (stalledMicros() - startMicros) / micros);
    }

    private static long stalledMicros() {
        if (!Files.isReadable(FILE)) {
            return 0;
        }
        try {
            String some = Files.readAllLines(FILE).get(0);
            return Long.parseLong(some.substring(some.lastIndexOf('=') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
