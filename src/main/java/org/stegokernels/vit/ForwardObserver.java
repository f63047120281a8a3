package org.stegokernels.vit;

import org.stegokernels.tensor.Tensor;

/**
 * Looks on while a transformer runs, for verification. The tensors are the model's own memory: valid during the call,
 * not to be changed. {@code B} images of {@code P} patches give {@code T = 1 + R + P} tokens of {@code C} channels, R
 * being the number of registers.
 */
public interface ForwardObserver {
    /** Sees nothing. */
    ForwardObserver NONE = new ForwardObserver() {};

    /**
     * What is added to the patches.
     *
     * @param prefix {@code [1 + R, C]}: the class token with its position added, and the registers
     * @param positions {@code [P, C]}: position embedding stretched to the image
     */
    default void embedding(Tensor prefix, Tensor positions) {}

    /**
     * The tokens between blocks.
     *
     * @param blocks how many blocks they have passed: 0 is the embedding
     * @param tokens {@code [B, T, C]}, the class token first, then the registers
     */
    default void tokens(int blocks, Tensor tokens) {}

    /**
     * What a block's attention works on.
     *
     * @param block from 0
     * @param qkv {@code [B, T, 3 C]}: queries, keys, values, each with heads concatenated
     */
    default void qkv(int block, Tensor qkv) {}
}
