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
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;

/** The whole forward pass of a vision transformer, from normalised pixels to features, random weights. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VisionTransformerBenchmark {
    @Param({"demo", "deit-tiny", "vit-s8", "vit-b8"})
    public String model;

    @Param({"224", "320"})
    public int size;

    @Param({"1", "16"})
    public int batch;

    private Backbone vit;
    private Tensor image;
    private double flop;
    private double bytes;

    @Setup
    public void load(DeviceState device, Roofline roofline) {
        Architecture config = Models.config(model);
        vit = Models.vit(device.opened(), config);
        image = device.opened().upload(Synthetic.values(batch * 3 * size * size, 1), batch, 3, size, size);
        flop = batch * Models.flop(config, size, size);
        bytes = 4 * (Models.weights(config) + image.shape().size());
        roofline.on(device);
    }

    @TearDown
    public void close() {
        vit.close();
    }

    @Benchmark
    public Tensor forward(DeviceState device, Roofline roofline) {
        Tensor features = vit.features(image, FeatureKind.FEAT);
        device.opened().finish();
        roofline.did(flop, bytes);
        return features;
    }
}
