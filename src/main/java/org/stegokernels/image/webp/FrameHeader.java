package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * The coded part of a frame's header, which the first partition begins with (RFC 6386, sections 9.2 to 9.11).
 *
 * @param partitions the number of partitions of coefficients: 1, 2, 4 or 8
 * @param quantizers by segment
 * @param tokens see {@link TokenProbabilities}
 * @param skipProbability the probability that a macroblock has coefficients; -1 if it is not asked for each
 */
record FrameHeader(
        Segmentation segmentation,
        FilterHeader filter,
        int partitions,
        Quantizer[] quantizers,
        int[] tokens,
        int skipProbability) {

    static FrameHeader read(BoolDecoder input) throws IIOException {
        // The colour space is always that of BT.601; clamping where none is needed changes nothing.
        input.literal(2);
        Segmentation segmentation = Segmentation.read(input);
        FilterHeader filter = FilterHeader.read(input);
        int partitions = 1 << input.literal(2);
        Quantizer[] quantizers = Quantizer.read(input, segmentation);
        // The flag that keeps the probabilities for the next frame, of which there is none.
        input.flag();
        int[] tokens = TokenProbabilities.read(input);
        int skipProbability = input.flag() ? input.literal(8) : -1;
        return new FrameHeader(segmentation, filter, partitions, quantizers, tokens, skipProbability);
    }
}
