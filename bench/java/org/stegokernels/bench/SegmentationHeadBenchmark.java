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
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.Tensor;

/** The head on the features of one image and its mirror image, 40x40 patches: what a segmentation asks of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SegmentationHeadBenchmark {

    @Param({"192", "384"})
    public int channels;

    private SegmentationHead head;
    private Tensor features;
    private Tensor code;
    private double flop;
    private double bytes;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        head = Models.head(device.opened(), channels);
        int rows = 2 * 40 * 40;
        features = device.opened().upload(Synthetic.values(rows * channels, 1), 2, 40, 40, channels);
        code = device.opened().allocate(2, 40, 40, Models.CODE);
        flop = 2.0 * rows * channels * (channels + 2 * Models.CODE);
        bytes = 4.0 * (rows * (channels + Models.CODE) + channels * (channels + 2 * Models.CODE));
        roofline.on(device);
    }

    @TearDown
    public void close() {
        head.close();
    }

    @Benchmark
    public void forward(DeviceState device, Roofline roofline) {
        head.forward(features, code);
        device.opened().finish();
        roofline.did(flop, bytes);
    }
}
