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

/** attention: ViT-S (6 heads of 64) at 224x224 and 320x320 with patches of 8, and DeiT-Tiny's at 320x320. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class AttentionBenchmark {
    /** Tokens, heads, depth of a head. */
    @Param({"785x6x64", "1601x6x64", "401x3x64"})
    public String shape;

    private Tensor qkv;
    private Tensor out;
    private int heads;
    private double flop;
    private double bytes;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int[] parts = Synthetic.sizes(shape);
        int tokens = parts[0];
        heads = parts[1];
        int channels = heads * parts[2];
        flop = 4.0 * tokens * tokens * channels;
        bytes = 16.0 * tokens * channels;
        qkv = device.opened().upload(Synthetic.values(tokens * 3 * channels, 2), 1, tokens, 3 * channels);
        out = device.opened().allocate(1, tokens, channels);
        roofline.on(device);
    }

    @Benchmark
    public void attention(DeviceState device, Roofline roofline) {
        device.opened().kernels().attention(qkv, heads, out);
        device.opened().finish();
        roofline.did(flop, bytes);
    }
}
