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

/** gelu: the hidden layer of one 224x224 image of ViT-S/8, 785 x 1536 (4.8 MB read, 4.8 MB written). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class GeluBenchmark {
    @Param("1205760")
    public int size;

    private Tensor x;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        roofline.on(device);
        x = device.opened().upload(Synthetic.values(size, 1), size);
        out = device.opened().allocate(size);
    }

    @Benchmark
    public void gelu(DeviceState device, Roofline roofline) {
        device.opened().kernels().gelu(x, out);
        device.opened().finish();
        roofline.did(5.0 * size, 8.0 * size);
    }
}
