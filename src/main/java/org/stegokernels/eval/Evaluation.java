package org.stegokernels.eval;

import java.util.Optional;

/**
 * How good a model is on a set of labelled images (Hamilton et al. 2022, section 4): each probe by itself.
 *
 * @param linear the linear probe, trained with labels; empty if there is none
 * @param cluster the clusters, found without labels; empty if there are none
 */
public record Evaluation(Optional<Scores> linear, Optional<Scores> cluster) {}
