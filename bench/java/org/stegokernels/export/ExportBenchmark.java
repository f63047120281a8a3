package org.stegokernels.export;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.locationtech.jts.geom.Polygon;
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
import org.stegokernels.bench.Photographs;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.image.LabelMap;

/** From a mask of 24 megapixels to objects, their measures and polygons: smooth as of a CRF, or with a percent of specks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExportBenchmark {
    private static final int WIDTH = 6000;
    private static final int HEIGHT = 4000;

    @Param({"smooth", "specks"})
    public String mask;

    private LabelMap labels;
    private ObjectMap objects;
    private float[] confidence;

    @Setup
    public void make() {
        labels = Photographs.labels(WIDTH, HEIGHT);
        confidence = new float[WIDTH * HEIGHT];
        if (mask.equals("specks")) {
            Random random = new Random(5);
            for (int i = 0; i < labels.labels().length / 100; i++) {
                labels.labels()[random.nextInt(labels.labels().length)] = (byte) random.nextInt(11);
            }
        }
        objects = ObjectMap.of(labels, confidence);
    }

    @Benchmark
    public ObjectMap objects(Roofline roofline) {
        roofline.did(0, 5.0 * WIDTH * HEIGHT);
        return ObjectMap.of(labels, confidence);
    }

    @Benchmark
    public List<Measures> measures() {
        return objects.measure();
    }

    @Benchmark
    public LabelMap specksMerged(Roofline roofline) {
        roofline.did(0, 2.0 * WIDTH * HEIGHT);
        return Specks.merge(labels, 100);
    }

    @Benchmark
    public List<Polygon> outlines() {
        return Polygons.of(objects, 0);
    }

    @Benchmark
    public List<Polygon> polygons() {
        return Polygons.of(objects, Polygons.DEFAULT_TOLERANCE);
    }
}
