package org.stegokernels.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.loss.Objective.Regions;

/** Classes to distil: k-means, by the cosine, over the features of some images, and a merging of its clusters by contact. */
final class AdjacencyStart {
    /** Each class is merged from so many clusters on the average: 3 to 5 were alike on CamVid. */
    private static final int CLUSTERS_PER_CLASS = 5;

    private static final int MAX_IMAGES = 512;
    /** Features of so many values fit in 256 MiB. */
    private static final int MAX_VALUES = 64 << 20;

    /** The number of a draw; {@link ClusterStart} takes 0. */
    private static final int DRAW = 1;

    private AdjacencyStart() {}

    /**
     * Finds the regions. The same examples and seed give the same, so that a checkpoint need not keep them.
     *
     * @throws TrainingException.BadSettings if there are fewer different features than clusters
     */
    static Regions find(Device device, TrainSettings settings, TrainingExamples examples, int classes) {
        List<float[]> images = images(settings, examples);
        int channels = examples.channels();
        KMeans.Settings how = KMeans.Settings.of(CLUSTERS_PER_CLASS * classes, Metric.COSINE, settings.seed());
        HostTensor centers =
                HostTensor.of(clusters(device, Points.of(images, channels), how).centroids(), how.clusters(), channels);
        return new Regions(centers, merged(device, examples, images, centers, classes));
    }

    private static Clustering clusters(Device device, Points points, KMeans.Settings how) {
        try {
            return KMeans.fit(device, points, how).largestFirst();
        } catch (Clustering.ImpossibleException e) {
            throw new TrainingException.BadSettings(
                    "objective=adjacency merges " + CLUSTERS_PER_CLASS + " clusters for each class: " + e.getMessage());
        }
    }

    private static List<float[]> images(TrainSettings settings, TrainingExamples examples) {
        int values = examples.rows() * examples.columns() * examples.channels();
        int wanted = Math.max(2, Math.min(MAX_IMAGES, MAX_VALUES / values));
        int[] order = StepRandom.order(settings.seed(), Purpose.CLUSTERS, DRAW, examples.size());
        int count = Math.min(wanted, order.length) / 2 * 2;
        int perRound = 2 * settings.data().batch();
        HostBatch host = new HostBatch();
        List<float[]> images = new ArrayList<>();
        for (int first = 0; first < count; first += perRound) {
            int[] round = Arrays.copyOfRange(order, first, Math.min(count, first + perRound));
            host.begin(new StepDraw(settings.seed(), -1 - first, round), examples);
            examples.prepare(host);
            examples.complete(host);
            for (int i = 0; i < round.length; i++) {
                images.add(Arrays.copyOfRange(host.features, i * values, (i + 1) * values));
            }
        }
        return images;
    }

    private static int[] merged(
            Device device, TrainingExamples examples, List<float[]> images, HostTensor centers, int classes) {
        int channels = examples.channels();
        int patches = examples.rows() * examples.columns();
        int clusters = centers.shape().dim(0);
        float[] mean = mean(images, channels);
        Clustering.Adjacency adjacency = new Clustering.Adjacency(clusters);
        int[] labels = new int[patches];
        float[] similarities = new float[patches * patches];
        try (Tensor features = device.allocate(patches, channels);
                Tensor center = device.upload(centers.values(), clusters, channels);
                Tensor products = device.allocate(patches, clusters);
                Tensor nearest = device.allocate(ElementType.I32, Shape.of(patches));
                Tensor cosines = device.allocate(patches, patches)) {
            for (float[] image : images) {
                device.write(image, features);
                device.training().linear(features, center, null, Activation.NONE, null, products);
                device.kernels().argmax(products, nearest);
                device.read(nearest, labels);
                device.write(unit(image, mean), features);
                device.training().linear(features, features, null, Activation.NONE, null, cosines);
                device.read(cosines, similarities);
                adjacency.add(examples.rows(), examples.columns(), labels, similarities);
            }
        }
        return adjacency.merge(classes);
    }

    private static float[] mean(List<float[]> images, int channels) {
        double[] sum = new double[channels];
        long count = 0;
        for (float[] image : images) {
            for (int i = 0; i < image.length; i++) {
                sum[i % channels] += image[i];
            }
            count += image.length / channels;
        }
        float[] mean = new float[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = (float) (sum[c] / count);
        }
        return mean;
    }

    /** Returns features relative to the mean, of length 1. */
    private static float[] unit(float[] features, float[] mean) {
        int channels = mean.length;
        float[] unit = new float[features.length];
        for (int row = 0; row < features.length; row += channels) {
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                unit[row + c] = features[row + c] - mean[c];
                squares += (double) unit[row + c] * unit[row + c];
            }
            float length = (float) Math.max(Math.sqrt(squares), Float.MIN_NORMAL);
            for (int c = 0; c < channels; c++) {
                unit[row + c] /= length;
            }
        }
        return unit;
    }
}
