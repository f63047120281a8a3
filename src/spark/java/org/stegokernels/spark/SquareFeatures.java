package org.stegokernels.spark;

import java.io.Serializable;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/**
 * The features of the squares in the middle of pictures, as {@code features.FeatureCache} keeps them for neighbours, clusters
 * and training: the same bits, a picture at a time.
 *
 * @param size side of the square in pixels, in whole patches
 */
record SquareFeatures(PictureWork work, FeatureKind kind, int size) implements Serializable {
    /** Returns the mean feature of a picture, {@code [C]}. */
    Outcome<float[]> embedding(String name, Content content) {
        return work.run(name, content, (model, picture) -> {
            float[] features = features(model, picture);
            return FeatureSource.mean(
                    features, 0, features.length, model.model().backbone().width());
        });
    }

    /**
     * Returns the features of some patches of a picture, {@code [n, C]}.
     *
     * @param patches by their numbers, row by row
     * @param half whether they are rounded to 16 bits, as caches are
     */
    Outcome<float[]> patches(String name, Content content, int[] patches, boolean half) {
        return work.run(name, content, (model, picture) -> {
            float[] features = features(model, picture);
            int channels = model.model().backbone().width();
            float[] chosen = new float[patches.length * channels];
            for (int i = 0; i < patches.length; i++) {
                System.arraycopy(features, patches[i] * channels, chosen, i * channels, channels);
            }
            return half ? rounded(chosen) : chosen;
        });
    }

    /** Returns all features of a picture, {@code [h, w, C]}. */
    Outcome<float[]> all(String name, Content content) {
        return work.run(name, content, this::features);
    }

    private float[] features(Loaned loaned, RgbImage picture) {
        FeatureSource source = new FeatureSource(loaned.model().backbone(), "", kind, size);
        float[] pixels = new float[3 * size * size];
        ImageTensor.normalized(Resize.centerSquare(picture, size), pixels, 0);
        try (Tensor input = source.device().upload(pixels, 1, 3, size, size)) {
            return source.features(input);
        }
    }

    private static float[] rounded(float[] values) {
        short[] halves = new short[values.length];
        HalfFloat.narrow(values, 0, halves, 0, values.length);
        float[] rounded = new float[values.length];
        if (!HalfFloat.widen(halves, 0, rounded, 0, values.length)) {
            throw new IllegalArgumentException("a feature is too large for 16 bits: use --cache-type f32");
        }
        return rounded;
    }
}
