package org.stegokernels.vit;

import org.stegokernels.tensor.Tensor;

/** The positions of an image's patches, by one of the published rules ({@link Architecture.PositionRule}). */
interface PositionEmbedding extends AutoCloseable {
    /** Returns what is added to the patches, {@code [height * width, C]}, to be read only; valid until the next call. */
    Tensor added(int height, int width);

    /**
     * Turns the queries and keys of the patches, in place; nothing, where positions are added alone.
     *
     * @param qkv {@code [B, T, 3 C]}, the patches last
     */
    default void rotate(Tensor qkv, int height, int width) {}

    @Override
    void close();
}
