package org.stegokernels.train;

import java.util.Arrays;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.weights.TypedTensor.DType;

/** The images of a training, as features of square images all of one size. */
public abstract class TrainingExamples implements AutoCloseable {
    private static final int MAX_SAMPLED_IMAGES = 512;

    /**
     * Returns examples whose features are all there.
     *
     * @param cache of the dataset; closed with the examples
     */
    public static TrainingExamples cached(FeatureCache cache, Dataset dataset) {
        return new CachedExamples(cache, dataset);
    }

    /**
     * Returns examples that are read, cut out, augmented and run through the backbone anew in each step, as the published
     * code does: the only way to random crops and augmentations, and many times slower than {@link #cached}.
     *
     * @param randomCrops whether an image's square is a random one instead of the middle
     * @param progress of {@link #embeddings}, for which all images are read once
     */
    public static TrainingExamples live(
            Dataset dataset, FeatureSource source, boolean randomCrops, FeatureCache.Progress progress) {
        return new LiveExamples(dataset, source, randomCrops, progress);
    }

    /** Returns the {@link #identity()} of {@link #cached} examples before any feature is there. */
    public static String cachedIdentity(Dataset dataset, FeatureSource source, DType dtype) {
        return CachedExamples.identity(dataset, FeatureCache.key(dataset, source, dtype));
    }

    /** Returns the {@link #identity()} of {@link #live} examples. */
    public static String liveIdentity(Dataset dataset, FeatureSource source) {
        return LiveExamples.identity(dataset, source);
    }

    /** Returns the number of images, N. */
    public abstract int size();

    /** Returns the rows of patches of an image. */
    public abstract int rows();

    /** Returns the positions in a row of features. */
    public abstract int columns();

    /** Returns the length of a feature, C. */
    public abstract int channels();

    /** Returns the side of a label map, S. */
    public abstract int labelSize();

    /** Returns whether there are labels, without which the linear probe learns nothing. */
    public abstract boolean hasLabels();

    /** Returns one vector for each image, by which neighbours are found: {@code [N, C]}. */
    public abstract float[] embeddings();

    /**
     * Returns features of patches that are drawn evenly from up to 512 images, {@code [n, C]}.
     *
     * @param count how many, n; fewer if there are fewer
     * @param seed equal seeds draw equal patches
     */
    public final float[] sample(int count, long seed) {
        int perImage = rows() * columns();
        int images = Math.min(MAX_SAMPLED_IMAGES, size());
        long[] drawn = FeatureCache.drawnPatches((long) images * perImage, count, seed);
        float[] sample = new float[drawn.length * channels()];
        HostBatch host = new HostBatch();
        int loaded = -1;
        for (int i = 0; i < drawn.length; i++) {
            int image = (int) (drawn[i] / perImage);
            if (image != loaded) {
                int index = (int) ((long) image * size() / images);
                // Batches are of pairs.
                host.begin(new StepDraw(seed, -1 - image, new int[] {index, index}), this);
                prepare(host);
                complete(host);
                loaded = image;
            }
            int from = (int) (drawn[i] % perImage) * channels();
            System.arraycopy(host.features, from, sample, i * channels(), channels());
        }
        return sample;
    }

    /** Returns a text that is equal only for the same images and features: a training goes on with nothing else. */
    public abstract String identity();

    /** Returns the pixels of an example whose square is the middle of its image. */
    abstract RgbImage square(int index);

    /** Reads features and labels, or the pixels for {@link #complete}. Safe on several threads. */
    abstract void prepare(HostBatch batch);

    /** Computes the features that are not there yet. On the device's thread. */
    abstract void complete(HostBatch batch);

    /** Puts the labels of an image into the batch's place, or -1 if there are none. */
    final void putLabels(HostBatch batch, int place, LabelMap map) {
        int area = labelSize() * labelSize();
        int first = place * area;
        if (map == null) {
            Arrays.fill(batch.labels, first, first + area, -1);
            return;
        }
        for (int i = 0; i < area; i++) {
            int label = map.labels()[i] & 0xFF;
            batch.labels[first + i] = label == LabelMap.IGNORE ? -1 : label;
        }
    }

    /** Puts a small copy of an image into the batch's place: bilinear without antialiasing, as published. */
    static void putGuidance(HostBatch batch, int place, RgbImage image) {
        Guidance.put(image, HostBatch.GUIDANCE_SIDE, batch.guidance, place);
    }

    @Override
    public abstract void close();
}
