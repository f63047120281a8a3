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
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/**
 * One photograph from pixels to label map within the running program: DeiT-Tiny with 27 clusters, mirror image and CRF.
 * {@link SegmentBenchmark} measures the program itself.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SegmenterBenchmark {

    private static final int CLUSTERS = 27;

    @Param("deit-tiny")
    public String model;

    @Param({"224", "320"})
    public int size;

    private RgbImage photograph;
    private Stego stego;
    private Segmenter segmenter;
    private double flop;

    @Setup
    public void load(DeviceState device, Roofline roofline) throws IOException {
        photograph = Photographs.photograph(640, 480);
        Path file = Files.createTempFile("synthetic", ".safetensors");
        try {
            Models.writeStego(file, Models.config(model), CLUSTERS);
            stego = Stego.load(file, device.opened());
        } finally {
            Files.delete(file);
        }
        segmenter = Segmenter.of(stego, Segmenter.Options.DEFAULT.withSize(size));
        flop = 2 * Models.flop(stego.backbone().architecture(), size, size * 4 / 3);
        roofline.on(device);
    }

    @TearDown
    public void close() {
        segmenter.close();
        stego.close();
    }

    /** Counted is the transformer, which looks twice. */
    @Benchmark
    public Segmentation segment(Roofline roofline) {
        Segmentation result = segmenter.segment(photograph);
        roofline.did(flop, 0);
        return result;
    }
}
