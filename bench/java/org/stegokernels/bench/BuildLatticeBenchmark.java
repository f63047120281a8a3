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

/** buildLattice: positions and colours of a 320x320 image (5 dimensions), norm included. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class BuildLatticeBenchmark {
    @Param({"synthetic", "noise"})
    public String image;

    @Param("5")
    public int dims;

    private Tensor positions;
    private Lattice lattice;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        positions = device.opened().upload(Street.positions(Street.image(image), dims), Street.PIXELS, dims);
        lattice = device.opened().kernels().allocateLattice(Street.PIXELS, dims);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        lattice.close();
    }

    /** The way is long and the numbers few: positions in, a vertex and a weight for each corner out. */
    @Benchmark
    public void buildLattice(DeviceState device, Roofline roofline) {
        device.opened().kernels().buildLattice(positions, lattice);
        device.opened().finish();
        roofline.did(0, 4.0 * Street.PIXELS * (dims + 2 * (dims + 1)));
    }
}
