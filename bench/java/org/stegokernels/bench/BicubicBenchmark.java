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

/** bicubic: the positions of ViT-S/8, 28x28, stretched to 40x40 as DINO does. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class BicubicBenchmark {

    @Param("384")
    public int channels;

    private Tensor x;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        x = device.opened().upload(Synthetic.values(28 * 28 * channels, 1), 1, 28, 28, channels);
        out = device.opened().allocate(1, 40, 40, channels);
        roofline.on(device);
    }

    @Benchmark
    public void bicubic(DeviceState device, Roofline roofline) {
        device.opened().kernels().bicubic(x, 40.1 / 28, 40.1 / 28, out);
        device.opened().finish();
        roofline.did(
                32.0 * out.shape().size(), 4.0 * (x.shape().size() + out.shape().size()));
    }
}
