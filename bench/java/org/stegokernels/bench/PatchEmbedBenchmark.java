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
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** patchEmbed: one image of ViT-S/8 at 224x224 and 320x320, and of DeiT-Tiny at 320x320. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class PatchEmbedBenchmark {

    /** Side of the image, patch, channels. */
    @Param({"224x8x384", "320x8x384", "320x16x192"})
    public String shape;

    private LinearWeights projection;
    private Tensor image;
    private Tensor prefix;
    private Tensor positions;
    private Tensor out;
    private int patch;
    private double flop;
    private double bytes;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int[] parts = Synthetic.sizes(shape);
        int side = parts[0];
        patch = parts[1];
        int channels = parts[2];
        int patches = side / patch * (side / patch);
        int pixels = 3 * patch * patch;
        Tensor weight = device.opened().upload(Synthetic.values(channels * pixels, 1), channels, pixels);
        projection = device.opened()
                .kernels()
                .packLinear(weight, device.opened().upload(Synthetic.values(channels, 1), channels));
        image = device.opened().upload(Synthetic.values(3 * side * side, 1), 1, 3, side, side);
        prefix = device.opened().upload(Synthetic.values(channels, 1), 1, channels);
        positions = device.opened().upload(Synthetic.values(patches * channels, 1), patches, channels);
        out = device.opened().allocate(1, 1 + patches, channels);
        flop = 2.0 * patches * pixels * channels;
        bytes = 4.0 * (3 * side * side + channels * pixels + 2 * patches * channels);
        roofline.on(device);
    }

    @Benchmark
    public void patchEmbed(DeviceState device, Roofline roofline) {
        device.opened().kernels().patchEmbed(image, projection, patch, prefix, positions, out);
        device.opened().finish();
        roofline.did(flop, bytes);
    }
}
