package org.stegokernels.bench;

import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.stegokernels.device.Activation;
import org.stegokernels.device.Device;
import org.stegokernels.device.LinearWeights;
import org.stegokernels.tensor.Tensor;

/**
 * The rate of a benchmark next to the peak of the same seconds. A machine shared with others drifts by a fifth from one
 * hour to the next, so a time alone says little: before and after every iteration the device's own matrix product, {@code
 * 785 x 384 x 1536}, is timed, and the benchmark is reported as a share of the better of the two.
 */
@State(Scope.Benchmark)
public class Roofline {
    private static final int ROWS = 785;
    private static final int INPUTS = 384;
    private static final int OUTPUTS = 1536;
    private static final int PROBES = 40;

    /** The rates of the iteration that ended last, for {@link RooflineProfiler}. */
    static List<Result<?>> last = List.of();

    private Device device;
    private LinearWeights weights;
    private Tensor x;
    private Tensor out;
    private double flop;
    private long started;
    private double peak;

    /** Called by a benchmark's setup: the device it runs on. */
    void on(Device device) {
        if (this.device == null) {
            this.device = device;
            x = device.upload(Synthetic.values(ROWS * INPUTS, 1), ROWS, INPUTS);
            Tensor weight = device.upload(Synthetic.values(OUTPUTS * INPUTS, 1), OUTPUTS, INPUTS);
            weights = device.kernels().packLinear(weight, null);
            weight.close();
            out = device.allocate(ROWS, OUTPUTS);
            measure();
        }
    }

    /** Called by the benchmark: floating-point operations just done. */
    void did(double operations) {
        flop += operations;
    }

    /** Median rate of the product, GFLOP/s. */
    private double measure() {
        double[] rates = new double[PROBES];
        for (int i = 0; i < PROBES; i++) {
            long start = System.nanoTime();
            device.kernels().linear(x, weights, Activation.NONE, null, out);
            device.finish();
            rates[i] = 2.0 * ROWS * INPUTS * OUTPUTS / (System.nanoTime() - start);
        }
        Arrays.sort(rates);
        return rates[PROBES / 2];
    }

    @Setup(Level.Iteration)
    public void before() {
        peak = measure();
        flop = 0;
        started = System.nanoTime();
    }

    @TearDown(Level.Iteration)
    public void after() {
        double rate = flop / (System.nanoTime() - started);
        peak = Math.max(peak, measure());
        last = List.of(
                new ScalarResult("rate", rate, "GFLOP/s", AggregationPolicy.AVG),
                new ScalarResult("peak", peak, "GFLOP/s", AggregationPolicy.AVG),
                new ScalarResult("share", 100 * rate / peak, "% of peak", AggregationPolicy.AVG));
    }
}
