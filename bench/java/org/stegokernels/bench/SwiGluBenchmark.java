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

/** swiGlu: the gate of one block of DINOv3's ViT-S+/16 at 320x320, 405 x 3072 onto 405 x 1536. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SwiGluBenchmark {
    @Param("405x1536")
    public String shape;

    private Tensor x;
    private Tensor out;
    private int size;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int[] parts = Synthetic.sizes(shape);
        size = parts[0] * parts[1];
        x = device.opened().upload(Synthetic.values(2 * size, 1), parts[0], 2 * parts[1]);
        out = device.opened().allocate(parts[0], parts[1]);
        roofline.on(device);
    }

    @Benchmark
    public void swiGlu(DeviceState device, Roofline roofline) {
        device.opened().kernels().swiGlu(x, out);
        device.opened().finish();
        roofline.did(5.0 * size, 12.0 * size);
    }
}
