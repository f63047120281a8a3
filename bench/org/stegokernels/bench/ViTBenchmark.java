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
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.FeatureKind;
import org.stegokernels.vit.VisionTransformer;

/** The whole forward pass of a vision transformer, from normalised pixels to features, random weights. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ViTBenchmark {
    private enum Model {
        TINY16(12, 192, 16, 14),
        SMALL8(12, 384, 8, 28),
        BASE8(12, 768, 8, 28);

        final int depth;
        final int width;
        final int patch;
        final int grid;

        Model(int depth, int width, int patch, int grid) {
            this.depth = depth;
            this.width = width;
            this.patch = patch;
            this.grid = grid;
        }

        /** Multiplications and additions of the matrix products for an image of so many patches. */
        double flop(int patches) {
            double tokens = patches + 1;
            double block = 24 * tokens * width * width + 4 * tokens * tokens * width;
            return depth * block + 2.0 * patches * 3 * patch * patch * width;
        }
    }

    @Param({"SMALL8"})
    public String model;

    @Param({"224", "320"})
    public int size;

    @Param("1")
    public int batch;

    private VisionTransformer vit;
    private Tensor image;
    private double flop;

    @Setup
    public void load(DeviceState device, Roofline roofline) {
        Model shape = Model.valueOf(model);
        vit = Synthetic.vit(device.opened, shape.depth, shape.width, shape.patch, shape.grid);
        image = device.opened.upload(Synthetic.values(batch * 3 * size * size, 1), batch, 3, size, size);
        flop = batch * shape.flop((size / shape.patch) * (size / shape.patch));
        roofline.on(device.opened);
    }

    @TearDown
    public void close() {
        vit.close();
    }

    @Benchmark
    public Tensor forward(DeviceState device, Roofline roofline) {
        Tensor features = vit.features(image, FeatureKind.FEAT);
        device.opened.finish();
        roofline.did(flop);
        return features;
    }
}
