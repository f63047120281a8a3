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

        /** Makes one whose message says why. */
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
            graph.putSelfFirst(0);
            return graph;
        }
    }

    /**
     * Finds the nearest of a block of images for each of some images, which may be of another block: blocks that follow each
     * other, {@linkplain #followedBy put together}, give the bits of {@link #build}.
     *
     * @param embeddings {@code [N, C]} of the images whose neighbours are wanted
     * @param block {@code [M, C]}
     * @param first index of the first image of the block among all
     * @param wanted neighbours; fewer if the block has fewer images
     * @return in which an image need not be the first of its own neighbours
     * @throws ImpossibleException if a value is not finite
     */
    public static NeighborGraph among(
            Device device, float[] embeddings, float[] block, int first, int channels, int wanted) {
        requireFinite(embeddings, channels);
        requireFinite(block, channels);
        int count = embeddings.length / channels;
        int candidates = block.length / channels;
        int k = Math.min(wanted, candidates);
        try (Tensor rows = device.upload(embeddings, count, channels);
                Tensor keys = device.upload(block, candidates, channels);
                Tensor similarities = device.allocate(count, k);
                Tensor indices = device.allocate(ElementType.I32, Shape.of(count, k))) {
            device.kernels().normalize(rows, NORM_EPSILON, rows);
            device.kernels().normalize(keys, NORM_EPSILON, keys);
            device.training().topK(rows, keys, similarities, indices);
            int[] found = device.ints(indices);
            for (int i = 0; i < found.length; i++) {
                found[i] += first;
            }
            return new NeighborGraph(k, found, device.floats(similarities));
        }
    }

    /**
     * Returns the nearest of two blocks for the same images.
     *
     * @param later of a block that comes after this one's
     * @param wanted neighbours; fewer if both have fewer
     */
    public NeighborGraph followedBy(NeighborGraph later, int wanted) {
        int k = Math.min(wanted, neighbours + later.neighbours);
        int[] merged = new int[images() * k];
        float[] cosines = new float[merged.length];
        for (int image = 0; image < images(); image++) {
            int here = image * neighbours;
            int there = image * later.neighbours;
            for (int at = image * k; at < (image + 1) * k; at++) {
                boolean fromLater = here == (image + 1) * neighbours
                        || there < (image + 1) * later.neighbours && later.similarities[there] > similarities[here];
                merged[at] = fromLater ? later.indices[there] : indices[here];
                cosines[at] = fromLater ? later.similarities[there++] : similarities[here++];
            }
        }
        return new NeighborGraph(k, merged, cosines);
    }

    /**
     * Puts each image first among its own neighbours, as {@link #build} does.
     *
     * @param first index of the first image of this graph among all
     */
    public void putSelfFirst(int first) {
        for (int image = 0; image < images(); image++) {
            putFirst(image, first + image);
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
    private void putFirst(int image, int itself) {
        int first = image * neighbours;
        int at = first;
        while (at < first + neighbours - 1 && indices[at] != itself) {
            at++;
        }
        float similarity = similarities[at];
        System.arraycopy(indices, first, indices, first + 1, at - first);
        System.arraycopy(similarities, first, similarities, first + 1, at - first);
        indices[first] = itself;
        similarities[first] = similarity;
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
