package org.stegokernels.bench;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;

/**
 * k-means on the features of many images: the start alone, and with ten iterations, each of which reads all points once
 * (40,000 x 384: 61 MB).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class KMeansBenchmark {
    /** Points of one image. */
    private static final int CHUNK = 1600;

    @Param("40000")
    public int points;

    @Param("384")
    public int channels;

    @Param({"27", "64"})
    public int clusters;

    @Param({"0", "10"})
    public int iterations;

    @Param
    public Metric metric;

    private Points features;

    @Setup
    public void cut(DeviceState device, Roofline roofline) {
        float[] all = Synthetic.values(points * channels, 1);
        int length = CHUNK * channels;
        List<float[]> chunks = Stream.iterate(0, at -> at < all.length, at -> at + length)
                .map(at -> Arrays.copyOfRange(all, at, Math.min(all.length, at + length)))
                .toList();
        features = Points.of(chunks, channels);
        roofline.on(device);
    }

    /** Counted are the distances of the iterations; the start measures points to some centres more than once. */
    @Benchmark
    public Clustering kmeans(DeviceState device, Roofline roofline) {
        KMeans.Settings settings = new KMeans.Settings(clusters, metric, 1, iterations, 0, 1);
        Clustering found = KMeans.fit(device.opened(), features, settings);
        roofline.did(2.0 * iterations * points * channels * clusters, 4.0 * iterations * points * channels);
        return found;
    }
}
