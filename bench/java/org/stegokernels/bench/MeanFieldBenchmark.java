package org.stegokernels.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;

/** meanField: 320x320, 27 classes, 10 iterations, the lattices built before. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class MeanFieldBenchmark {

    private static final int CLASSES = 27;

    @Param({"synthetic", "noise"})
    public String image;

    private List<Lattice> lattices;
    private Tensor logits;
    private Tensor out;
    private double flop;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        lattices = Stream.of(5, 2)
                .map(dims -> Street.lattice(device.opened(), Street.image(image), dims))
                .toList();
        logits = device.opened().upload(Street.logits(CLASSES), Street.PIXELS, CLASSES);
        out = device.opened().allocate(Street.PIXELS, CLASSES);
        flop = Street.meanFieldFlop(lattices, CLASSES, DenseCrf.Settings.DEFAULT.iterations());
        roofline.on(device);
    }

    @TearDown
    public void close() {
        lattices.forEach(Lattice::close);
    }

    @Benchmark
    public void meanField(DeviceState device, Roofline roofline) {
        DenseCrf.Settings settings = DenseCrf.Settings.DEFAULT;
        float[] weights = {settings.appearanceWeight(), settings.smoothnessWeight()};
        device.opened().kernels().meanField(logits, lattices, weights, settings.iterations(), out);
        device.opened().finish();
        roofline.did(flop, 8.0 * Street.PIXELS * CLASSES);
    }
}
