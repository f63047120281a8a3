package org.stegokernels.bench.roofline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The peaks of the processor, on all its threads at once. No code of the product takes part, so that a slower kernel
 * can't lower what it is measured by.
 */
public final class HostPeaks implements Peaks {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Twelve sums hide the latency of two units of four cycles, and fit the 16 registers of AVX2. */
    private static final int CHAINS = 12;
    /** About a millisecond. */
    private static final int STEPS = 600_000;

    private static final int COMPUTE_PROBES = 5;
    /** Three arrays of 64 MiB: more than the last cache of most processors. */
    private static final int TRIAD = 1 << 24;

    private static final int TRIAD_PROBES = 3;
    private static final int WARM_UPS = 30;

    private final int threads = Runtime.getRuntime().availableProcessors();
    private final ExecutorService workers = Executors.newFixedThreadPool(threads, work -> {
        Thread thread = new Thread(work, "peaks");
        thread.setDaemon(true);
        return thread;
    });
    private float[] a;
    private float[] b;
    private float[] c;
    private float kept;
    private boolean warm;

    /** Bits of a vector register. */
    public static int vectorBits() {
        return SPECIES.vectorBitSize();
    }

    @Override
    public double compute() {
        if (!warm) {
            probe(WARM_UPS, part -> multiplyAdds());
            warm = true;
        }
        return probe(COMPUTE_PROBES, part -> multiplyAdds());
    }

    @Override
    public double bandwidth() {
        if (a == null) {
            a = new float[TRIAD];
            b = new float[TRIAD];
            c = new float[TRIAD];
            probe(WARM_UPS, this::triad);
        }
        return probe(TRIAD_PROBES, this::triad);
    }

    /** Work of one thread; returns its rate. */
    private interface Part {
        double run(int part);
    }

    /** Returns the median over so many probes of the rates of all threads together. */
    private double probe(int probes, Part part) {
        List<Callable<Double>> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            parts.add(() -> part.run(number));
        }
        double[] rates = new double[probes];
        try {
            for (int i = 0; i < probes; i++) {
                for (Future<Double> rate : workers.invokeAll(parts)) {
                    rates[i] += rate.get();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        Arrays.sort(rates);
        return rates[probes / 2];
    }

    /** Multiplies and adds. Every vector tends to 1: no denormal numbers, no infinities. */
    private double multiplyAdds() {
        long start = System.nanoTime();
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector summand = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector s0 = FloatVector.broadcast(SPECIES, 0.0f);
        FloatVector s1 = FloatVector.broadcast(SPECIES, 0.1f);
        FloatVector s2 = FloatVector.broadcast(SPECIES, 0.2f);
        FloatVector s3 = FloatVector.broadcast(SPECIES, 0.3f);
        FloatVector s4 = FloatVector.broadcast(SPECIES, 0.4f);
        FloatVector s5 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector s6 = FloatVector.broadcast(SPECIES, 0.6f);
        FloatVector s7 = FloatVector.broadcast(SPECIES, 0.7f);
        FloatVector s8 = FloatVector.broadcast(SPECIES, 0.8f);
        FloatVector s9 = FloatVector.broadcast(SPECIES, 0.9f);
        FloatVector s10 = FloatVector.broadcast(SPECIES, 1.1f);
        FloatVector s11 = FloatVector.broadcast(SPECIES, 1.2f);
        for (int i = 0; i < STEPS; i++) {
            s0 = factor.fma(s0, summand);
            s1 = factor.fma(s1, summand);
            s2 = factor.fma(s2, summand);
            s3 = factor.fma(s3, summand);
            s4 = factor.fma(s4, summand);
            s5 = factor.fma(s5, summand);
            s6 = factor.fma(s6, summand);
            s7 = factor.fma(s7, summand);
            s8 = factor.fma(s8, summand);
            s9 = factor.fma(s9, summand);
            s10 = factor.fma(s10, summand);
            s11 = factor.fma(s11, summand);
        }
        kept = s0.add(s1)
                .add(s2)
                .add(s3)
                .add(s4)
                .add(s5)
                .add(s6)
                .add(s7)
                .add(s8)
                .add(s9)
                .add(s10)
                .add(s11)
                .reduceLanes(VectorOperators.ADD);
        return 2.0 * CHAINS * SPECIES.length() * STEPS / (System.nanoTime() - start);
    }

    private double triad(int part) {
        int first = (int) ((long) TRIAD * part / threads);
        int last = (int) ((long) TRIAD * (part + 1) / threads);
        long start = System.nanoTime();
        triad(a, b, c, first, last);
        return 3.0 * Float.BYTES * (last - first) / (System.nanoTime() - start);
    }

    private static void triad(float[] a, float[] b, float[] c, int first, int last) {
        for (int i = first; i < last; i++) {
            a[i] = b[i] + 0.5f * c[i];
        }
    }

    @Override
    public void close() {
        workers.shutdown();
    }
}
