package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.tensor.Tensor;

/** A classifier of pixels by the vectors of the patches around them. One thread at a time. */
interface PixelClassifier extends AutoCloseable {
    /** Returns the number of candidates, K, among which it decides. */
    int candidates();

    /** Returns the class of each candidate. */
    int[] classOf();

    /** Returns all classes, by id. */
    List<Segmentation.ClassInfo> classes();

    /**
     * Computes the probabilities of the candidates at each pixel.
     *
     * @param patches {@code [h, w, C]}
     * @param out {@code [1, H, W, K]}: logarithms of probabilities
     */
    void classify(Tensor patches, Tensor out);

    @Override
    void close();
}
