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
import org.stegokernels.tensor.Tensor;

/** layerNorm: the tokens of one 224x224 image of ViT-S/8 (1.2 MB read, 1.2 MB written), and more than a cache holds (154 MB each). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LayerNormBenchmark {
    @Param({"785", "100000"})
    public int rows;

    @Param("384")
    public int channels;

    private Tensor x;
    private Tensor gamma;
    private Tensor beta;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        roofline.on(device);
        x = device.opened().upload(Synthetic.values(rows * channels, 1), rows, channels);
        gamma = device.opened().upload(Synthetic.values(channels, 1), channels);
        beta = device.opened().upload(Synthetic.values(channels, 1), channels);
        out = device.opened().allocate(rows, channels);
    }

    @Benchmark
    public void layerNorm(DeviceState device, Roofline roofline) {
        device.opened().kernels().layerNorm(x, gamma, beta, 1e-6f, out);
        device.opened().finish();
        roofline.did(8.0 * rows * channels, 8.0 * rows * channels);
    }
}
