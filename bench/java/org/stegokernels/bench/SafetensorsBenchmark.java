package org.stegokernels.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.Safetensors;

/**
 * Safetensors: a transformer's file opened, checked, uploaded and packed. The file is in the system's cache; the demo
 * model is a resource of the jar.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SafetensorsBenchmark {
    @Param({"demo", "deit-tiny", "vit-s8"})
    public String model;

    private Path file;
    private long size;

    @Setup
    public void write(DeviceState device, Roofline roofline) throws IOException {
        if (model.equals(DemoModel.NAME)) {
            size = DemoModel.bytes();
        } else {
            file = Files.createTempFile("synthetic", ".safetensors");
            Models.writeBackbone(file, Models.config(model));
            size = Files.size(file);
        }
        roofline.on(device);
    }

    @TearDown
    public void delete() throws IOException {
        if (file != null) {
            Files.delete(file);
        }
    }

    @Benchmark
    public void load(DeviceState device, Roofline roofline) {
        try (Safetensors weights = file == null ? DemoModel.open() : Safetensors.open(file);
                Backbone vit = Backbone.load(weights, Architecture.findPrefix(weights), device.opened())) {
            device.opened().finish();
            roofline.did(0, size);
        }
    }
}
