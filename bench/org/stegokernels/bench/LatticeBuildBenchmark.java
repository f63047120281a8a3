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
import org.stegokernels.crf.CrfSettings;
import org.stegokernels.device.Lattice;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;

/** buildLattice: positions and colours of a 320x320 image (5 dimensions), norm included. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LatticeBuildBenchmark {
    private static final int DIMS = 5;

    @Param({"synthetic", "noise"})
    public String image;

    private Tensor positions;
    private Lattice lattice;

    @Setup
    public void allocate(DeviceState device) {
        RgbImage photograph = Street.image(image);
        CrfSettings settings = CrfSettings.DEFAULT;
        int pixels = photograph.width() * photograph.height();
        float[] features = new float[pixels * DIMS];
        for (int p = 0; p < pixels; p++) {
            features[p * DIMS] = p % photograph.width() / settings.appearanceDeviation();
            features[p * DIMS + 1] = p / photograph.width() / settings.appearanceDeviation();
            for (int c = 0; c < 3; c++) {
                int color = Byte.toUnsignedInt(photograph.rgb()[p * 3 + 2 - c]);
                features[p * DIMS + 2 + c] = color / settings.colorDeviation();
            }
        }
        positions = device.opened.upload(features, pixels, DIMS);
        lattice = device.opened.kernels().allocateLattice(pixels, DIMS);
    }

    @TearDown
    public void close() {
        lattice.close();
    }

    @Benchmark
    public void latticeBuild(DeviceState device) {
        device.opened.kernels().buildLattice(positions, lattice);
        device.opened.finish();
    }
}
