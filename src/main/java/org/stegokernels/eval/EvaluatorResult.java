package org.stegokernels.eval;

import java.util.List;

/**
 * What an evaluation of a whole set found.
 *
 * @param images that were evaluated
 * @param pictures some of them, with their predictions
 * @param correspondences precision and recall of what points are compared by
 * @param failures images that were left out
 */
public record EvaluatorResult(
        Evaluation evaluation,
        int images,
        List<EvaluatedPicture> pictures,
        List<PrecisionRecall> correspondences,
        List<Failure> failures) {
    /** An image that was left out, and why. */
    public record Failure(String id, String reason) {}
}
