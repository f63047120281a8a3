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
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** topK: the 30 nearest of all images of a dataset, 384 channels. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TopKBenchmark {
    private static final int CHANNELS = 384;
    private static final int NEIGHBOURS = 30;

    @Param({"50000"})
    public int images;

    private Tensor embeddings;
    private Tensor similarities;
    private Tensor indices;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        embeddings = device.opened().upload(Synthetic.values(images * CHANNELS, 1), images, CHANNELS);
        device.opened().kernels().normalize(embeddings, 1e-12f, embeddings);
        similarities = device.opened().allocate(images, NEIGHBOURS);
        indices = device.opened().allocate(ElementType.I32, Shape.of(images, NEIGHBOURS));
        roofline.on(device);
    }

    @Benchmark
    public void topK(DeviceState device, Roofline roofline) {
        device.opened().training().topK(embeddings, embeddings, similarities, indices);
        device.opened().finish();
        roofline.did(2.0 * CHANNELS * pairs(device), 4.0 * images * (CHANNELS + 2 * NEIGHBOURS));
    }

    /** Products made: the CPU device makes that of two images once, the others once for each of them. */
    private double pairs(DeviceState device) {
        double all = (double) images * images;
        return device.device.startsWith("cpu") ? (all + images) / 2 : all;
    }
}
