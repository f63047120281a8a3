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

/** softmax and its gradient, logSoftmax, argmax: each pixel of a 320x320 image (27 channels: 11.1 MB read, as much written). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SoftmaxBenchmark {
    @Param("102400")
    public int rows;

    @Param({"8", "27"})
    public int channels;

    private Tensor x;
    private Tensor out;
    private Tensor labels;
    private Tensor gradient;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        roofline.on(device);
        x = device.opened().upload(Synthetic.values(rows * channels, 1), rows, channels);
        out = device.opened().allocate(rows, channels);
        gradient = device.opened().upload(Synthetic.values(rows * channels, 1), rows, channels);
        labels = device.opened().allocate(ElementType.I32, Shape.of(rows));
    }

    @Benchmark
    public void softmax(DeviceState device, Roofline roofline) {
        device.opened().kernels().softmax(x, 1, out);
        device.opened().finish();
        roofline.did(6.0 * rows * channels, 8.0 * rows * channels);
    }

    @Benchmark
    public void softmaxGradient(DeviceState device, Roofline roofline) {
        device.opened().training().softmaxGradient(x, 10, gradient, out);
        device.opened().finish();
        roofline.did(4.0 * rows * channels, 12.0 * rows * channels);
    }

    @Benchmark
    public void logSoftmax(DeviceState device, Roofline roofline) {
        device.opened().kernels().logSoftmax(x, 2, out);
        device.opened().finish();
        roofline.did(6.0 * rows * channels, 8.0 * rows * channels);
    }

    @Benchmark
    public void argmax(DeviceState device, Roofline roofline) {
        device.opened().kernels().argmax(x, labels);
        device.opened().finish();
        roofline.did(1.0 * rows * channels, 4.0 * rows * (channels + 1));
    }
}
