package org.stegokernels.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** linear: the five matrix products of ViT-S/8 at 224x224. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LinearBenchmark {
    /** Rows, inputs, outputs: qkv, projection, fc1, fc2, patch embedding. */
    @Param({"785x384x1152", "785x384x384", "785x384x1536", "785x1536x384", "784x192x384"})
    public String shape;

    private LinearWeights weights;
    private Tensor x;
    private Tensor out;
    private double flop;
    private double bytes;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int[] parts = Synthetic.sizes(shape);
        int rows = parts[0];
        int inputs = parts[1];
        int outputs = parts[2];
        flop = 2.0 * rows * inputs * outputs;
        bytes = 4.0 * ((double) rows * inputs + (double) inputs * outputs + (double) rows * outputs);
        x = device.opened().upload(Synthetic.values(rows * inputs, 1), rows, inputs);
        Tensor weight = device.opened().upload(Synthetic.values(outputs * inputs, 1), outputs, inputs);
        weights = device.opened().kernels().packLinear(weight, null);
        out = device.opened().allocate(rows, outputs);
        roofline.on(device);
    }

    @Benchmark
    public void linear(DeviceState device, Roofline roofline) {
        device.opened().kernels().linear(x, weights, Activation.NONE, null, out);
        device.opened().finish();
        roofline.did(flop, bytes);
    }
}
