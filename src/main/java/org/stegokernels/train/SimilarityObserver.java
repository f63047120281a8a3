package org.stegokernels.train;

import org.stegokernels.tensor.Tensor;

/** Is shown what {@link CorrespondenceLoss} compares, before it does. */
@FunctionalInterface
public interface SimilarityObserver {
    /** Looks away. */
    SimilarityObserver NONE = (term, features1, features2, code1, code2) -> {};

    /**
     * One comparison. The tensors are valid during the call and must not be changed.
     *
     * @param features1 {@code [B, P, C]}, rows of length 1, as all four
     * @param features2 {@code [B, P, C]}
     * @param code1 {@code [B, P, D]}
     * @param code2 {@code [B, P, D]}
     */
    void compared(CorrespondenceLoss.Term term, Tensor features1, Tensor features2, Tensor code1, Tensor code2);
}
