package org.stegokernels.bench.roofline;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.stegokernels.bench.DeviceState;

/**
 * The work of a benchmark next to the peaks of the machine in the same seconds (Williams, Waterman and Patterson
 * 2009). A machine shared with others drifts by a fifth from one hour to the next, so a time alone says little: before
 * and after every iteration the peaks are measured, and the better of the two counts.
 *
 * <p>The work is what the operation asks for, however it is done: additions and multiplications of its formula; bytes of
 * its inputs and outputs, each once. The roof is the time in which the peaks could do either, whichever is longer. Data
 * that stay in a cache may be above it.
 */
@State(Scope.Benchmark)
public class Roofline {
    private static final int ROWS = 785;

    /** Results of the iteration that ended last, for {@link RooflineProfiler}. */
    static List<Result<?>> last = List.of();

    private Peaks peaks;
    private MatrixProduct product;
    private double flop;
    private double bytes;
    private long started;
    private Pressure pressure;
    private Sample before;
    private final List<Result<?>> told = new ArrayList<>();
    private boolean crowded;

    /** Peaks at one moment; the rate of the matrix product is 0 without a device. */
    private record Sample(double compute, double product, double bandwidth) {
        Sample best(Sample other) {
            return new Sample(
                    Math.max(compute, other.compute),
                    Math.max(product, other.product),
                    Math.max(bandwidth, other.bandwidth));
        }
    }

    /** Called by a benchmark's setup: it runs on this device. */
    public void on(DeviceState device) {
        if (product == null) {
            product = new MatrixProduct(device.opened(), ROWS);
            peaks = device.isProcessor() ? new HostPeaks() : new DevicePeaks(device.opened());
        }
    }

    /** Called by a benchmark: what it has just done. */
    public void did(double operations, double bytesMoved) {
        flop += operations;
        bytes += bytesMoved;
    }

    /** Called by a benchmark: something else that it measured in this iteration. */
    public void tell(String label, double value, String unit) {
        add(told, label, value, unit);
    }

    /** Called by a benchmark's setup: it has more threads than processors, so that {@link Pressure} would be its own. */
    public void crowded() {
        crowded = true;
    }

    /** Returns the floating-point operations counted since {@link #reset()}. */
    public double operations() {
        return flop;
    }

    /** Returns the bytes counted since {@link #reset()}. */
    public double bytesMoved() {
        return bytes;
    }

    public void reset() {
        flop = 0;
        bytes = 0;
        told.clear();
    }

    private Sample measure() {
        if (peaks == null) {
            peaks = new HostPeaks();
        }
        return new Sample(peaks.compute(), product == null ? 0 : product.rate(), peaks.bandwidth());
    }

    @Setup(Level.Iteration)
    public void before() {
        before = measure();
        reset();
        pressure = Pressure.start();
        started = System.nanoTime();
    }

    @TearDown(Level.Iteration)
    public void after() {
        double nanos = System.nanoTime() - started;
        double waited = pressure.share();
        Sample best = before.best(measure());
        List<Result<?>> results = new ArrayList<>(told);
        if (flop > 0) {
            add(results, "rate", flop / nanos, "GFLOP/s");
        }
        if (bytes > 0) {
            add(results, "traffic", bytes / nanos, "GB/s");
        }
        if (flop + bytes > 0) {
            double roof = Math.max(flop / best.compute, bytes / best.bandwidth);
            add(results, "roofline", 100 * roof / nanos, "%");
        }
        if (flop > 0 && best.product > 0) {
            add(results, "ofGemm", 100 * flop / nanos / best.product, "%");
        }
        add(results, "peakFma", best.compute, "GFLOP/s");
        if (best.product > 0) {
            add(results, "peakGemm", best.product, "GFLOP/s");
        }
        add(results, "peakTriad", best.bandwidth, "GB/s");
        if (!crowded) {
            add(results, "pressure", 100 * waited, "%");
        }
        last = List.copyOf(results);
    }

    private static void add(List<Result<?>> results, String label, double value, String unit) {
        results.add(new ScalarResult(label, value, unit, AggregationPolicy.AVG));
    }

    @TearDown(Level.Trial)
    public void close() {
        if (peaks != null) {
            peaks.close();
        }
    }
}
