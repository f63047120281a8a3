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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;

/** latticeFilter: 27 channels over the positions and colours of a 320x320 image (5 dimensions), and over positions alone (2). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LatticeFilterBenchmark {

    private static final int CLASSES = 27;

    @Param({"synthetic", "noise"})
    public String image;

    @Param({"2", "5"})
    public int dims;

    private Lattice lattice;
    private Tensor x;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        lattice = Street.lattice(device.opened(), Street.image(image), dims);
        x = device.opened().upload(Street.logits(CLASSES), Street.PIXELS, CLASSES);
        out = device.opened().allocate(Street.PIXELS, CLASSES);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        lattice.close();
    }

    @Benchmark
    public void latticeFilter(DeviceState device, Roofline roofline) {
        device.opened().kernels().latticeFilter(lattice, x, out);
        device.opened().finish();
        roofline.did(Street.filterFlop(lattice, CLASSES), 8.0 * Street.PIXELS * CLASSES);
    }
}
