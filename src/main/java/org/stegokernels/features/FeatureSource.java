package org.stegokernels.features;

import java.util.Objects;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * The backbone and settings by which features are made of images.
 *
 * @param backbone not closed by those who get this
 * @param backboneKey a digest of its weights, as {@code Stego.backboneKey()} gives it
 * @param size side in pixels of the square that the backbone sees, a multiple of its patch
 */
public record FeatureSource(Backbone backbone, String backboneKey, FeatureKind kind, int size) {
    /** @throws IllegalArgumentException if the size is not in whole patches */
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
