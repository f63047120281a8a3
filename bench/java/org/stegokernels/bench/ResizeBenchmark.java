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
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;

/** A photograph scaled to a shorter side of 320 pixels, and that made into network input. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResizeBenchmark {
    private static final int SHORTER = 320;

    @Param({"640x480", "4000x3000"})
    public String size;

    private RgbImage photograph;
    private RgbImage small;
    private Resize.Size target;
    private float[] tensor;

    @Setup
    public void make() {
        int[] sides = Synthetic.sizes(size);
        photograph = Photographs.photograph(sides[0], sides[1]);
        target = Resize.shorterSide(photograph.width(), photograph.height(), SHORTER);
        small = Resize.nearest(photograph, target.width(), target.height());
        tensor = new float[3 * small.pixels()];
    }

    @Benchmark
    public RgbImage nearest(Roofline roofline) {
        roofline.did(0, 3.0 * (photograph.pixels() + small.pixels()));
        return Resize.nearest(photograph, target.width(), target.height());
    }

    @Benchmark
    public RgbImage antialiased(Roofline roofline) {
        roofline.did(0, 3.0 * (photograph.pixels() + small.pixels()));
        return Resize.antialiased(photograph, target.width(), target.height());
    }

    @Benchmark
    public float[] normalized(Roofline roofline) {
        ImageTensor.normalized(small, tensor, 0);
        roofline.did(0, 15.0 * small.pixels());
        return tensor;
    }
}
