package org.stegokernels.train;

import java.util.SplittableRandom;

/** Patches drawn evenly from a whole dataset, for clustering. */
public final class PatchSample {
    private PatchSample() {}

    /**
     * One patch at random out of each of {@code count} equal runs; all if there are no more.
     *
     * @return {@code [min(count, patches), C]}: features
     */
    public static float[] features(FeatureCache cache, int count, long seed) {
        int channels = cache.channels();
        int perImage = cache.height() * cache.width();
        long patches = (long) cache.size() * perImage;
        int drawn = (int) Math.min(count, patches);
        float[] sample = new float[Math.multiplyExact(drawn, channels)];
        float[] image = new float[perImage * channels];
        SplittableRandom random = new SplittableRandom(seed);
        int loaded = -1;
        for (int i = 0; i < drawn; i++) {
            long begin = patches * i / drawn;
            long patch = begin + random.nextLong(patches * (i + 1) / drawn - begin);
            int index = (int) (patch / perImage);
            if (index != loaded) {
                cache.features(index, image, 0);
                loaded = index;
            }
            System.arraycopy(image, (int) (patch % perImage) * channels, sample, i * channels, channels);
        }
        return sample;
    }
}
