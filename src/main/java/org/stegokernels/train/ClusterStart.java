package org.stegokernels.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.TrainSettings.ObjectiveKind;

/**
 * Clusters to start from: k-means, by the cosine, over the codes of some images. That of PriMaPs-EM starts from the principal
 * directions of the codes (Hahn et al. 2024).
 */
final class ClusterStart {
    /** Enough for every cluster to be seen. */
    private static final int MAX_IMAGES = 128;

    /** Codes that principal directions are found among. */
    private static final int MAX_CODES = 8192;

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
        int channels = settings.model().code();
        boolean principal = settings.objective() == ObjectiveKind.PRIMAPS && clusters <= channels;
        return KMeans.fit(
                        parts.device(),
                        Points.of(codes, channels),
                        KMeans.Settings.of(clusters, Metric.COSINE, settings.seed()),
                        principal ? directions(codes, channels, clusters) : null)
                .centroids();
    }

    /**
     * Returns the strongest principal directions of codes, {@code [count, D]}, each with its largest entry positive.
     *
     * @param codes of {@code [n, D]} each
     */
    static float[] directions(List<float[]> codes, int channels, int count) {
        int rows = codes.stream().mapToInt(some -> some.length / channels).sum();
        int every = (rows + MAX_CODES - 1) / MAX_CODES;
        DMatrixRMaj centered = new DMatrixRMaj(rows / every, channels);
        double[] mean = new double[channels];
        for (int row = 0; row < centered.numRows; row++) {
            int at = row * every;
            int part = 0;
            while (at >= codes.get(part).length / channels) {
                at -= codes.get(part++).length / channels;
            }
            for (int c = 0; c < channels; c++) {
                double value = codes.get(part)[at * channels + c];
                centered.set(row, c, value);
                mean[c] += value / centered.numRows;
            }
        }
        for (int i = 0; i < centered.data.length; i++) {
            centered.data[i] -= mean[i % channels];
        }
        DMatrixRMaj scatter = new DMatrixRMaj(channels, channels);
        CommonOps_DDRM.multInner(centered, scatter);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(channels, true, true);
        if (!eigen.decompose(scatter)) {
            throw new ArithmeticException("the principal directions of the codes were not found");
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, channels).boxed().toList());
        order.sort(Comparator.comparingDouble(k -> -eigen.getEigenvalue(k).getReal()));
        float[] directions = new float[count * channels];
        for (int k = 0; k < count; k++) {
            double[] direction = eigen.getEigenVector(order.get(k)).data;
            double largest = 0;
            for (double entry : direction) {
                largest = Math.abs(entry) > Math.abs(largest) ? entry : largest;
            }
            for (int c = 0; c < channels; c++) {
                directions[k * channels + c] = (float) (Math.signum(largest) * direction[c]);
            }
        }
        return directions;
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
