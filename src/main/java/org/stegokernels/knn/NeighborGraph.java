package org.stegokernels.knn;

import java.util.random.RandomGenerator;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The nearest images of each image by the cosine of their embeddings, itself first (Hamilton et al. 2022, section 3.2).
 * Exact; memory is O(N k) beside the embeddings.
 *
 * @param neighbours in each row, k
 * @param indices {@code [N, k]}: each row's image itself, then the nearest, the smaller index first on a tie
 * @param similarities {@code [N, k]}: their cosines
 */
public record NeighborGraph(int neighbours, int[] indices, float[] similarities) {
    private static final float NORM_EPSILON = 1e-12f;

    /** No neighbours can be found among these features. The message says why. */
    public static class ImpossibleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public ImpossibleException(String message) {
            super(message);
        }
    }

    /**
     * Finds the neighbours of all images.
     *
     * @param embeddings {@code [N, C]}, of any length
     * @param wanted neighbours, each image itself included; fewer if there are fewer images
     * @throws ImpossibleException if there are fewer than 2 images, or a value is not finite
     */
    public static NeighborGraph build(Device device, float[] embeddings, int channels, int wanted) {
        int count = embeddings.length / channels;
        if (count * channels != embeddings.length || wanted < 1) {
            throw new IllegalArgumentException(
                    wanted + " neighbours among " + embeddings.length + " values of " + channels + " channels");
        }
        if (count < 2) {
            throw new ImpossibleException(
                    "neighbours need at least 2 images, there is " + count + ": give more images");
        }
        requireFinite(embeddings, channels);
        int k = Math.min(wanted, count);
        try (Tensor rows = device.upload(embeddings, count, channels);
                Tensor similarities = device.allocate(count, k);
                Tensor indices = device.allocate(ElementType.I32, Shape.of(count, k))) {
            device.kernels().normalize(rows, NORM_EPSILON, rows);
            device.training().topK(rows, rows, similarities, indices);
            NeighborGraph graph = new NeighborGraph(k, device.ints(indices), device.floats(similarities));
            graph.putSelfFirst();
            return graph;
        }
    }

    private static void requireFinite(float[] embeddings, int channels) {
        for (int i = 0; i < embeddings.length; i++) {
            if (!Float.isFinite(embeddings[i])) {
                throw new ImpossibleException("the embedding of image " + i / channels + " has " + embeddings[i]
                        + " in channel " + i % channels + ": compute the features again");
            }
        }
    }

    /** Copies of an image, and images without any features, tie with itself. */
    private void putSelfFirst() {
        for (int image = 0; image < images(); image++) {
            int first = image * neighbours;
            int at = first;
            while (at < first + neighbours - 1 && indices[at] != image) {
                at++;
            }
            float similarity = similarities[at];
            System.arraycopy(indices, first, indices, first + 1, at - first);
            System.arraycopy(similarities, first, similarities, first + 1, at - first);
            indices[first] = image;
            similarities[first] = similarity;
        }
    }

    /** Returns the number of images, N. */
    public int images() {
        return indices.length / neighbours;
    }

    /**
     * Draws one of the nearest images, other than the image itself, for it to correspond with in training.
     *
     * @param among how many of the nearest to draw from; fewer if there are fewer
     */
    public int draw(RandomGenerator random, int image, int among) {
        int last = Math.min(among, neighbours - 1);
        return indices[image * neighbours + (last < 1 ? 0 : 1 + random.nextInt(last))];
    }
}
