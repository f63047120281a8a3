package org.stegokernels.eval;

import org.stegokernels.stego.Protocol;
import org.stegokernels.stego.SegmenterOptions;

/**
 * How to evaluate.
 *
 * @param options size, mirror image, CRF and protocol; the probe is not looked at, all that a model has are evaluated
 * @param count what becomes of pixels in extra clusters
 * @param pictures images of which the predictions are kept to be looked at, spread evenly over the set
 */
public record EvaluatorSettings(SegmenterOptions options, Count count, int pictures) {
    /** The published evaluation: the middle square at 320 pixels, mirror image, CRF; but every pixel counted. */
    public static final EvaluatorSettings DEFAULT =
            new EvaluatorSettings(SegmenterOptions.DEFAULT.withProtocol(Protocol.PUBLISHED), Count.ALL, 8);

    /** Returns whether the predictions for image {@code index} of {@code images} are kept. */
    boolean keeps(int index, int images) {
        return (index + 1L) * pictures / images > (long) index * pictures / images;
    }
}
