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
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;

/**
 * dense CRF: 320x320, 27 classes, 10 iterations, with the bilateral lattice built anew for each image. For a photograph
 * of your own: {@code -p image=street.jpg}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 6, time = 2)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class DenseCrfBenchmark {
    private static final int CLASSES = 27;

    @Param({"synthetic", "noise"})
    public String image;

    private RgbImage photograph;
    private DenseCrf crf;
    private Tensor logits;
    private Tensor out;
    private double flop;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        photograph = Street.image(image);
        crf = new DenseCrf(device.opened(), DenseCrf.Settings.DEFAULT);
        logits = device.opened().upload(Street.logits(CLASSES), Street.PIXELS, CLASSES);
        out = device.opened().allocate(Street.PIXELS, CLASSES);
        List<Lattice> lattices = Stream.of(5, 2)
                .map(dims -> Street.lattice(device.opened(), photograph, dims))
                .toList();
        flop = Street.meanFieldFlop(lattices, CLASSES, DenseCrf.Settings.DEFAULT.iterations());
        lattices.forEach(Lattice::close);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        crf.close();
    }

    @Benchmark
    public void denseCrf(DeviceState device, Roofline roofline) {
        crf.infer(logits, photograph.rgb(), photograph.width(), photograph.height(), out);
        device.opened().finish();
        roofline.did(flop, 8.0 * Street.PIXELS * CLASSES);
    }
}
