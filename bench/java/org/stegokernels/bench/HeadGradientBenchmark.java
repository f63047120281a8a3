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
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.HeadGradient;

/**
 * The head in training, forward and backward: 16 images with their neighbours, 20x20 patches. The backward pass has the
 * gradients of all weights, and none of the features.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class HeadGradientBenchmark {

    private static final int IMAGES = 32;
    private static final int SIDE = 20;

    @Param({"192", "384"})
    public int channels;

    private HeadGradient head;
    private Tensor features;
    private Tensor code;
    private Tensor gradient;
    private int rows;
    private double weights;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        head = new HeadGradient(device.opened(), true, name -> Training.initial(name, channels));
        rows = IMAGES * SIDE * SIDE;
        weights = channels * (channels + 2.0 * Models.CODE);
        features = device.opened().upload(Synthetic.values(rows * channels, 1), IMAGES, SIDE, SIDE, channels);
        code = device.opened().allocate(IMAGES, SIDE, SIDE, Models.CODE);
        gradient = device.opened().upload(Synthetic.values(rows * Models.CODE, 1), IMAGES, SIDE, SIDE, Models.CODE);
        head.forward(features, null, null, code);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        head.close();
    }

    @Benchmark
    public void forward(DeviceState device, Roofline roofline) {
        head.forward(features, null, null, code);
        device.opened().finish();
        roofline.did(2 * rows * weights, 4.0 * rows * (channels + Models.CODE) + 4 * weights);
    }

    @Benchmark
    public void backward(DeviceState device, Roofline roofline) {
        head.backward(gradient);
        device.opened().finish();
        roofline.did(
                2 * rows * (weights + (double) channels * Models.CODE),
                4.0 * rows * (2 * channels + Models.CODE) + 8 * weights);
    }
}
