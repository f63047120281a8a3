package org.stegokernels.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.MiniBatchKMeans;

/** Mini-batch k-means, start and last assignment included: 200,000 points, 27 clusters, 5 passes, batches of 4096. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class MiniBatchKMeansBenchmark {
    private static final int CHANNELS = 384;
    private static final int CLUSTERS = 27;
    private static final int PASSES = 5;
    private static final int BATCH = 4096;

    @Param("200000")
    public int points;

    @Param({"EUCLIDEAN", "COSINE"})
    public Metric metric;

    /** Raw floats to cluster, as {@code bench/peers/knn_kmeans.py} writes them; empty for random ones. */
    @Param("")
    public String file;

    private Points features;
    private Clustering found;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) throws IOException {
        float[] values = new float[points * CHANNELS];
        if (file.isEmpty()) {
            values = Synthetic.values(points * CHANNELS, 1);
        } else {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file)));
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        }
        features = Points.of(List.of(values), CHANNELS);
        roofline.on(device);
    }

    /** Counted are the distances of the passes and of the last assignment. */
    @Benchmark
    public Clustering fit(DeviceState device, Roofline roofline) {
        found = MiniBatchKMeans.fit(
                device.opened(), features, new MiniBatchKMeans.Settings(CLUSTERS, metric, 0, PASSES, BATCH));
        double read = (PASSES + 1.0) * points * CHANNELS;
        roofline.did(2 * read * CLUSTERS, 4 * read);
        return found;
    }

    @TearDown
    public void tellInertia() {
        System.out.println("inertia " + found.inertia());
    }
}
