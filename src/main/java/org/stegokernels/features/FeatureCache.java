package org.stegokernels.features;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import java.util.SplittableRandom;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.io.UserCache;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TypedTensor.DType;

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
         * Called after each batch.
         *
         * @param done images, those of earlier runs included
         */
        void advance(int done, int total);
    }

    /**
     * The form in which features are kept.
     *
     * @param file where, or null for the memory of this process
     * @param dtype {@link DType#F16} or {@link DType#F32}
     * @param batch images that the backbone gets at once; changes the time, not the values
     */
    public record Settings(Path file, DType dtype, int batch) {
        private static final int BATCH = 8;

        /**
         * Checks type and batch.
         *
         * @throws IllegalArgumentException if features can't be kept so
         */
        public Settings {
            if (dtype != DType.F16 && dtype != DType.F32 || batch < 1) {
                throw new IllegalArgumentException("features are kept as F16 or F32, not " + dtype
                        + ", and computed in batches of 1 or more, not " + batch);
            }
        }

        /** Keeps them in half precision in the given file. */
        public static Settings in(Path file) {
            return new Settings(file, DType.F16, BATCH);
        }

        /** Keeps them in half precision in memory. */
        public static Settings inMemory() {
            return in(null);
        }

        /** Returns these settings with another type of the features, F16 or F32. */
        public Settings withType(DType newType) {
            return new Settings(file, newType, batch);
        }
    }

    /** Features that can't be kept, or that a file does not give back. The message says what to do. */
    public static final class StorageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StorageException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Opens the features of a dataset, computing those that the file has not. A file of other features, of an older
     * state of the images for instance, is replaced.
     *
     * @throws IOException if the file can't be written or another run is at it; what is done is kept for the next run
     * @throws org.stegokernels.data.Dataset.DatasetException if images or label maps can't be used; all others are done
     * @throws StorageException if a feature is too large for the type, or not a number
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     */
    public static FeatureCache open(Dataset dataset, FeatureSource source, Settings settings, Progress progress)
            throws IOException {
        FeatureLayout layout = FeatureLayout.of(dataset, source, settings.dtype());
        if (settings.file() != null) {
            FeatureStore whole = FeatureFile.open(layout, settings.file());
            if (whole != null) {
                return new FeatureCache(layout, whole);
            }
        }
        try (FeatureStore.Builder store = settings.file() == null
                ? new MemoryFeatures(layout)
                : new FeatureFileBuilder(layout, settings.file())) {
            new FeatureBuilder(dataset, source, settings.dtype(), store).run(settings.batch(), progress);
            return new FeatureCache(layout, store.finish());
        }
    }

    /**
     * Writes features that were computed elsewhere, of the very bits that {@link #open} would compute, for it to find.
     *
     * @param dataset without labels
     * @param features of each image in order, {@code [h, w, C]}
     * @throws IOException if the file can't be written or another run is at it
     */
    public static void write(Dataset dataset, FeatureSource source, Settings settings, Iterator<float[]> features)
            throws IOException {
        FeatureLayout layout = FeatureLayout.of(dataset, source, settings.dtype());
        try (FeatureFileBuilder store = new FeatureFileBuilder(layout, settings.file())) {
            for (int index = 0; index < dataset.size(); index++) {
                float[] of = features.next();
                store.put(index, of, 0, FeatureSource.mean(of, 0, of.length, source.channels()), null);
            }
            store.finish().close();
        }
    }

    /**
     * Returns the file that keeps these features by default: in the user's cache folder, one for each dataset, backbone,
     * kind of feature, resolution and type.
     */
    public static Path defaultFile(Dataset dataset, FeatureSource source, DType dtype) {
        String key = key(dataset, source, dtype);
        String name = dataset.name().replaceAll("[^A-Za-z0-9._-]", "_");
        return UserCache.folder().resolve("features").resolve(name + "-" + key + ".safetensors");
    }

    /** Returns a digest of all that these features depend on: equal for equal values. */
    public static String key(Dataset dataset, FeatureSource source, DType dtype) {
        return FeatureLayout.of(dataset, source, dtype).key();
    }

    /** Returns the digest of these features, as {@link #key(Dataset, FeatureSource, DType)} gives it. */
    public String key() {
        return layout.key();
    }

    /** Returns the number of images, N. */
    public int size() {
        return layout.images();
    }

    /** Returns the rows of patches, h. */
    public int height() {
        return layout.grid();
    }

    /** Returns the columns of patches, w. */
    public int width() {
        return layout.grid();
    }

    /** Returns the length of a patch's feature, C. */
    public int channels() {
        return layout.channels();
    }

    /** Returns the side in pixels of the square that the backbone saw, and of a label map. */
    public int resolution() {
        return layout.size();
    }

    /** Returns whether label maps are kept beside the features. */
    public boolean hasLabels() {
        return layout.labelled();
    }

    /**
     * Copies the features of an image.
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
     * Copies the label map of an image.
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
     * Returns the mean of each image's patch features, not normalised: the published code finds neighbours by it.
     *
     * @return {@code [N, C]}, a copy
     */
    public float[] embeddings() {
        return store.embeddings();
    }

    /**
     * Draws patches evenly from the whole dataset: one at random out of each of {@code count} equal runs, or all if there
     * are no more.
     *
     * @return {@code [min(count, patches), C]}: features
     */
    public float[] sample(int count, long seed) {
        int channels = channels();
        int perImage = height() * width();
        long[] drawn = drawnPatches((long) size() * perImage, count, seed);
        float[] sample = new float[Math.multiplyExact(drawn.length, channels)];
        float[] image = new float[perImage * channels];
        int loaded = -1;
        for (int i = 0; i < drawn.length; i++) {
            int index = (int) (drawn[i] / perImage);
            if (index != loaded) {
                features(index, image, 0);
                loaded = index;
            }
            System.arraycopy(image, (int) (drawn[i] % perImage) * channels, sample, i * channels, channels);
        }
        return sample;
    }

    /** Returns those of {@code patches} patches that {@link #sample} draws, rising. */
    public static long[] drawnPatches(long patches, int count, long seed) {
        long[] drawn = new long[(int) Math.min(count, patches)];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < drawn.length; i++) {
            long begin = patches * i / drawn.length;
            drawn[i] = begin + random.nextLong(patches * (i + 1) / drawn.length - begin);
        }
        return drawn;
    }

    /** Closes the file without deleting it. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
        store = null;
    }

    /**
     * The backbone and settings by which features are made of images.
     *
     * @param backbone not closed by those who get this
     * @param backboneKey a digest of its weights, as {@code Stego.backboneKey()} gives it
     * @param size side in pixels of the square that the backbone sees, a multiple of its patch
     */
    public record FeatureSource(Backbone backbone, String backboneKey, FeatureKind kind, int size) {
        /**
         * Checks that the parts fit each other.
         *
         * @throws IllegalArgumentException if the size is not in whole patches
         */
        public FeatureSource {
            Objects.requireNonNull(backboneKey);
            Objects.requireNonNull(kind);
            int patch = backbone.patch();
            if (size < patch || size % patch != 0) {
                throw new IllegalArgumentException(
                        "the size must be in whole patches of " + patch + " pixels; " + size + " is not");
            }
        }

        /** Returns the device of the backbone. */
        public Device device() {
            return backbone.device();
        }

        /** Returns the patches along a side. */
        public int grid() {
            return size / backbone.patch();
        }

        /** Returns the length of a patch's feature. */
        public int channels() {
            return backbone.width();
        }

        /**
         * Computes features while no other thread uses the device.
         *
         * @param images {@code [B, 3, size, size]}, normalised
         * @return {@code [B, h, w, C]}
         * @throws org.stegokernels.vit.FiniteCheck.NotFiniteException if one is not a finite number
         */
        public float[] features(Tensor images) {
            synchronized (device().monitor()) {
                return device().floats(backbone.features(images, kind));
            }
        }

        /**
         * Averages the features of an image over its patches.
         *
         * @param features {@code [h, w, C]} from {@code offset} on, {@code count} values
         * @return {@code [C]}
         */
        public static float[] mean(float[] features, int offset, int count, int channels) {
            double[] sums = new double[channels];
            for (int at = offset; at < offset + count; at += channels) {
                for (int c = 0; c < channels; c++) {
                    sums[c] += features[at + c];
                }
            }
            float[] mean = new float[channels];
            for (int c = 0; c < channels; c++) {
                mean[c] = (float) (sums[c] * channels / count);
            }
            return mean;
        }
    }
}
