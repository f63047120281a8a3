package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.tensor.Tensor;

/** Tells for each pixel how likely each class is, from the vectors of the patches around it. One thread at a time. */
interface PixelClassifier extends AutoCloseable {
    /** Number of candidates, K, among which it decides. */
    int candidates();

    /** The class of each candidate. */
    int[] classOf();

    /** All classes, by id. */
    List<Segmentation.ClassInfo> classes();

    /**
     * @param patches {@code [h, w, C]}
     * @param out {@code [1, H, W, K]}: logarithms of probabilities
     */
    void classify(Tensor patches, Tensor out);

    @Override
    void close();
}
