package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.stegokernels.data.Dataset;
import org.stegokernels.io.UserCache;
import org.stegokernels.weights.DType;

/**
 * The features of all images and crops of a dataset, computed once: the backbone is frozen, so a training step need not
 * run it. Images are seen as the published transform has them: nearest neighbour resize of the shorter side, then the
 * square in the middle; so are label maps. Kept in one memory-mapped safetensors file or in memory. Reading is safe from
 * many threads and allocates nothing.
 */
public final class FeatureCache implements AutoCloseable {
    private final FeatureLayout layout;
    private FeatureStore store;

    private FeatureCache(FeatureLayout layout, FeatureStore store) {
        this.layout = layout;
        this.store = store;
    }

    /** Called with the number of images done. */
    @FunctionalInterface
    public interface Progress {
        /** An observer that does nothing. */
        Progress NONE = (done, total) -> {};

        /**
         * After each batch.
         *
         * @param done images, those of earlier runs included
         */
        void advance(int done, int total);
    }

    /**
     * Opens the features of a dataset, computing those that the file has not. A file of other features, of an older
     * state of the images for instance, is replaced.
     *
     * @throws IOException if the file can't be written or another run is at it; what is done is kept for the next run
     * @throws org.stegokernels.data.DatasetException if images or label maps can't be used; all others are done
     * @throws TrainingException if a feature is too large for the type, or not a number
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     */
    public static FeatureCache open(
            Dataset dataset, FeatureSource source, FeatureCacheSettings settings, Progress progress)
            throws IOException {
        FeatureLayout layout = FeatureLayout.of(dataset, source, settings.dtype());
        if (settings.file() != null) {
            FeatureStore whole = FeatureFile.open(layout, settings.file());
            if (whole != null) {
                return new FeatureCache(layout, whole);
            }
        }
        try (FeatureSink sink = settings.file() == null
                ? new MemoryFeatures(layout)
                : new FeatureFileBuilder(layout, settings.file())) {
            new FeatureBuilder(dataset, source, settings.dtype(), sink).run(settings.batch(), progress);
            return new FeatureCache(layout, sink.finish());
        }
    }

    /**
     * Where these features are kept if nobody says otherwise: in the user's cache folder, one file for each dataset,
     * backbone, kind of feature, resolution and type.
     */
    public static Path defaultFile(Dataset dataset, FeatureSource source, DType dtype) {
        String key = FeatureLayout.of(dataset, source, dtype).key();
        String name = dataset.name().replaceAll("[^A-Za-z0-9._-]", "_");
        return UserCache.folder().resolve("features").resolve(name + "-" + key + ".safetensors");
    }

    /** Images, N. */
    public int size() {
        return layout.images();
    }

    /** Rows of patches, h. */
    public int height() {
        return layout.grid();
    }

    /** Columns of patches, w. */
    public int width() {
        return layout.grid();
    }

    /** Length of a patch's feature, C. */
    public int channels() {
        return layout.channels();
    }

    /** Side in pixels of the square that the backbone saw, and of a label map. */
    public int resolution() {
        return layout.size();
    }

    public boolean hasLabels() {
        return layout.labelled();
    }

    /**
     * The features of an image.
     *
     * @param index of the example in the dataset, from 0
     * @param out gets {@code [h, w, C]} from {@code offset} on
     */
    public void features(int index, float[] out, int offset) {
        Objects.checkIndex(index, size());
        Objects.checkFromIndexSize(offset, layout.values(), out.length);
        store.features(index, out, offset);
    }

    /**
     * The label map of an image.
     *
     * @param out gets {@code [size, size]} class indices, 255 for ignored, from {@code offset} on
     * @throws IllegalStateException if the dataset has no labels
     */
    public void labels(int index, byte[] out, int offset) {
        if (!hasLabels()) {
            throw new IllegalStateException("the dataset has no labels");
        }
        Objects.checkIndex(index, size());
        Objects.checkFromIndexSize(offset, layout.pixels(), out.length);
        store.labels(index, out, offset);
    }

    /**
     * The mean of each image's patch features, not normalised: what the published code finds neighbours by.
     *
     * @return {@code [N, C]}, a copy
     */
    public float[] embeddings() {
        return store.embeddings();
    }

    /** Closes the file without deleting it. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
        store = null;
    }
}
