package org.stegokernels.train;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;

/** Clusters to start from: k-means, by the cosine, over the codes of some images. */
final class ClusterStart {
    /** Enough for every cluster to be seen. */
    private static final int MAX_IMAGES = 128;

    private ClusterStart() {}

    /**
     * Finds clusters among the codes as they are.
     *
     * @return {@code [M, D]}, of length 1
     * @throws org.stegokernels.cluster.Clustering.ImpossibleException if there are fewer different codes than clusters
     */
    static float[] find(TrainSettings settings, TrainingExamples examples, TrainedParts parts, int batch) {
        int clusters = parts.clusters().shape().dim(0);
        int perRound = 2 * batch;
        int rounds = Math.max(1, Math.min(MAX_IMAGES, examples.size()) / perRound);
        RandomGenerator random = StepRandom.of(settings.seed(), Purpose.CLUSTERS, 0);
        HostBatch host = new HostBatch(settings);
        List<float[]> codes = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            int[] images = random.ints(perRound, 0, examples.size()).toArray();
            host.begin(new StepDraw(settings.seed(), -1 - round, images), examples);
            examples.prepare(host);
            examples.complete(host);
            codes.add(codes(host, examples, parts));
        }
        return KMeans.fit(
                        parts.device(),
                        Points.of(codes, settings.model().code()),
                        KMeans.Settings.of(clusters, Metric.COSINE, settings.seed()))
                .centroids();
    }

    private static float[] codes(HostBatch host, TrainingExamples examples, TrainedParts parts) {
        Device device = parts.device();
        int rows = host.draw.images().length * examples.rows() * examples.columns();
        try (Tensor features = device.upload(host.features, rows, examples.channels());
                Tensor code = device.allocate(rows, parts.clusters().shape().dim(1))) {
            parts.code(features, code);
            return device.floats(code);
        }
    }
}
