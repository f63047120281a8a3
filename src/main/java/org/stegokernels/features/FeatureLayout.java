package org.stegokernels.features;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.io.Sha256;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Layout of a dataset's features in a file: {@code features.0}, {@code features.1}, ... {@code [n,
 * h, w, C]} and {@code labels.0}, ... {@code [n, size, size]} (U8), each of as many images as one mapping holds, {@code
 * embeddings} {@code [N, C]} (F32), and {@code done} {@code [N]} (U8), 1 for each image that is complete.
 *
 * @param images N
 * @param grid patches along a side, h and w
 * @param channels C
 * @param size side of a label map in pixels
 * @param identity everything that the values depend on, by name
 */
record FeatureLayout(
        int images,
        int grid,
        int channels,
        int size,
        boolean labelled,
        DType dtype,
        int shardImages,
        Map<String, String> identity) {
    static final String FORMAT = "stego-kernels features 1";
    static final String FORMAT_KEY = "format";
    static final String EMBEDDINGS = "embeddings";
    static final String DONE = "done";

    static FeatureLayout of(Dataset dataset, FeatureSource source, DType dtype) {
        int grid = source.grid();
        int size = source.size();
        long imageBytes = Math.max((long) grid * grid * source.channels() * dtype.bytes(), (long) size * size);
        int shardImages = (int) Math.max(1, Math.min(dataset.size(), Integer.MAX_VALUE / imageBytes));
        Map<String, String> identity = new TreeMap<>();
        identity.put(FORMAT_KEY, FORMAT);
        identity.put("dataset", dataset.name());
        identity.put("content", dataset.contentKey());
        identity.put("backbone", source.backboneKey());
        identity.put("feature", source.kind().name());
        identity.put("size", Integer.toString(size));
        return new FeatureLayout(
                dataset.size(), grid, source.channels(), size, dataset.hasLabels(), dtype, shardImages, identity);
    }

    /** Returns the number of values of an image's features. */
    int values() {
        return grid * grid * channels;
    }

    /** Returns the number of pixels of a label map. */
    int pixels() {
        return size * size;
    }

    int shards() {
        return (images + shardImages - 1) / shardImages;
    }

    /** Returns the number of images in a shard. */
    int imagesIn(int shard) {
        return Math.min(shardImages, images - shard * shardImages);
    }

    static String features(int shard) {
        return "features." + shard;
    }

    static String labels(int shard) {
        return "labels." + shard;
    }

    /** Returns the bytes that an image takes. */
    long imageBytes() {
        return (long) values() * dtype.bytes() + (labelled ? pixels() : 0) + (long) channels * Float.BYTES + 1;
    }

    SafetensorsWriter.Head head() throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        for (int shard = 0; shard < shards(); shard++) {
            tensors.put(features(shard), empty(dtype, imagesIn(shard), grid, grid, channels));
            if (labelled) {
                tensors.put(labels(shard), empty(DType.U8, imagesIn(shard), size, size));
            }
        }
        tensors.put(EMBEDDINGS, empty(DType.F32, images, channels));
        tensors.put(DONE, empty(DType.U8, images));
        return SafetensorsWriter.head(tensors, identity);
    }

    private static TypedTensor empty(DType type, int... dims) {
        return new TypedTensor(type, Shape.of(dims), out -> {});
    }

    /** Returns a digest that is equal for equal features. */
    String key() {
        return Sha256.hex(identity + " " + dtype).substring(0, 16);
    }
}
