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

/** rope: one block of DINOv3's ViT-S/16 (6 heads of 64) and ViT-L/16 (16 heads) at 224x224 and 320x320. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class RopeBenchmark {
    /** Tokens before those of the patches: the class token and four registers. */
    private static final int PREFIX = 5;

    /** Patches, heads, depth of a head. */
    @Param({"196x6x64", "400x6x64", "400x16x64"})
    public String shape;

    private Tensor cos;
    private Tensor sin;
    private Tensor qkv;
    private double turned;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int[] parts = Synthetic.sizes(shape);
        int patches = parts[0];
        int channels = parts[1] * parts[2];
        int half = parts[2] / 2;
        float[] cosines = new float[patches * half];
        float[] sines = new float[patches * half];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = (float) Math.cos(i);
            sines[i] = (float) Math.sin(i);
        }
        turned = 2.0 * patches * channels;
        cos = device.opened().upload(cosines, patches, half);
        sin = device.opened().upload(sines, patches, half);
        int tokens = PREFIX + patches;
        qkv = device.opened().upload(Synthetic.values(tokens * 3 * channels, 3), 1, tokens, 3 * channels);
        roofline.on(device);
    }

    @Benchmark
    public void rope(DeviceState device, Roofline roofline) {
        device.opened().kernels().rope(cos, sin, qkv);
        device.opened().finish();
        roofline.did(3 * turned, 8 * turned);
    }
}
