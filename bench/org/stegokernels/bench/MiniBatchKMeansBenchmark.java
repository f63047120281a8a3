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
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Metric;
import org.stegokernels.cluster.MiniBatchKMeans;
import org.stegokernels.cluster.MiniBatchSettings;
import org.stegokernels.cluster.Points;

/** Mini-batch k-means, start and last assignment included: 200,000 points, 27 clusters, 5 passes, batches of 4096. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class MiniBatchKMeansBenchmark {
    private static final int POINTS = 200_000;
    private static final int CHANNELS = 384;

    @Param({"EUCLIDEAN", "COSINE"})
    public Metric metric;

    /** Raw floats to cluster, as {@code bench/peers/knn_kmeans.py} writes them; empty for random ones. */
    @Param("")
    public String file;

    private Points points;
    private Clustering found;

    @Setup
    public void allocate() throws IOException {
        float[] values = new float[POINTS * CHANNELS];
        if (file.isEmpty()) {
            values = Synthetic.values(POINTS * CHANNELS, 1);
        } else {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file)));
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        }
        points = Points.of(List.of(values), CHANNELS);
    }

    @Benchmark
    public Clustering fit(DeviceState device) {
        found = MiniBatchKMeans.fit(device.opened, points, new MiniBatchSettings(27, metric, 0, 5, 4096));
        return found;
    }

    @TearDown
    public void tellInertia() {
        System.out.println("inertia " + found.inertia());
    }
}
