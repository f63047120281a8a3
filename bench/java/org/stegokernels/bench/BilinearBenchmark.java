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

/** bilinear: scores (27 channels) and codes (70) from 40x40 to 320x320 (11.1 and 28.7 MB written). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class BilinearBenchmark {
    @Param({"27", "70"})
    public int channels;

    private Tensor x;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        roofline.on(device);
        x = device.opened().upload(Synthetic.values(40 * 40 * channels, 1), 1, 40, 40, channels);
        out = device.opened().allocate(1, 320, 320, channels);
    }

    @Benchmark
    public void bilinear(DeviceState device, Roofline roofline) {
        device.opened().kernels().bilinear(x, out);
        device.opened().finish();
        roofline.did(
                7.0 * out.shape().size(), 4.0 * (x.shape().size() + out.shape().size()));
    }
}
