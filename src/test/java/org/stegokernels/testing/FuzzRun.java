package org.stegokernels.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.stegokernels.weights.ModelException;

/**
 * Runs something that reads untrusted files, many times, and holds it to its promises: nothing but one kind of exception
 * comes out, no round takes a second, none allocates more than twice the size of its file and a constant.
 * Rounds are few unless {@code -Dstego.fuzz.rounds=N} is given; then figures are printed, too.
 */
public final class FuzzRun {
    private static final String ROUNDS = "stego.fuzz.rounds";
    /** Bytes allocated for any file, however small. */
    private static final long ALLOWANCE = 1L << 20;

    private static final long SECOND = 1_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final Class<? extends RuntimeException> refusal;
    private final long allowance;
    private long rounds;
    private long refused;
    private long slowest;
    private long mostAllocated;
    private long mostBeyond = Long.MIN_VALUE;

    /** Files of models, which are refused with a {@link ModelException}. */
    public FuzzRun(String name) {
        this(name, ModelException.class, ALLOWANCE);
    }

    /**
     * Files of another kind.
     *
     * @param refusal what may be thrown
     * @param allowance bytes that a round may allocate besides twice its file's
     */
    public FuzzRun(String name, Class<? extends RuntimeException> refusal, long allowance) {
        this.name = name;
        this.refusal = refusal;
        this.allowance = allowance;
    }

    /** Number of rounds, each with a seed of its own. */
    public static int rounds(int usual) {
        return Integer.getInteger(ROUNDS, usual);
    }

    /** Reads a file. */
    @FunctionalInterface
    public interface Target {
        void read(byte[] file) throws Exception;
    }

    /**
     * One round.
     *
     * @throws AssertionError if a promise is broken; the message has the seed
     */
    public void round(long seed, byte[] file, Target target) {
        long thread = Thread.currentThread().getId();
        long start = THREADS.getCurrentThreadCpuTime();
        long before = THREADS.getThreadAllocatedBytes(thread);
        try {
            target.read(file);
        } catch (Throwable e) {
            if (!refusal.isInstance(e)) {
                throw new AssertionError(
                        name + ", seed " + seed + ": not a " + refusal.getSimpleName() + " but " + e, e);
            }
            refused++;
        }
        long allocated = THREADS.getThreadAllocatedBytes(thread) - before;
        long time = THREADS.getCurrentThreadCpuTime() - start;
        rounds++;
        slowest = Math.max(slowest, time);
        mostAllocated = Math.max(mostAllocated, allocated);
        mostBeyond = Math.max(mostBeyond, allocated - 2L * file.length);
        if (time > SECOND || allocated > 2L * file.length + allowance) {
            throw new AssertionError(String.format(
                    Locale.ROOT,
                    "%s, seed %d: %.3f s and %d bytes for a file of %d",
                    name,
                    seed,
                    time / 1e9,
                    allocated,
                    file.length));
        }
    }

    /** Prints the figures if many rounds were asked for. */
    public void finish() {
        if (Integer.getInteger(ROUNDS) != null) {
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d rounds, %d refused; slowest %.1f ms; most allocated %d KiB, %d KiB beyond twice the file%n",
                    name,
                    rounds,
                    refused,
                    slowest / 1e6,
                    mostAllocated >> 10,
                    mostBeyond >> 10);
        }
    }
}
