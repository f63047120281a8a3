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
        Filter filter,
        int partitions,
        Quantizer[] quantizers,
        int[] tokens,
        int skipProbability) {

    static FrameHeader read(BoolDecoder input) throws IIOException {
        // The colour space is always that of BT.601; clamping where none is needed changes nothing.
        input.literal(2);
        Segmentation segmentation = Segmentation.read(input);
        Filter filter = Filter.read(input);
        int partitions = 1 << input.literal(2);
        Quantizer[] quantizers = Quantizer.read(input, segmentation);
        // The flag that keeps the probabilities for the next frame, of which there is none.
        input.flag();
        int[] tokens = TokenProbabilities.read(input);
        int skipProbability = input.flag() ? input.literal(8) : -1;
        return new FrameHeader(segmentation, filter, partitions, quantizers, tokens, skipProbability);
    }

    /**
     * The loop filter's settings (RFC 6386, sections 9.4 and 15.4).
     *
     * @param simple whether the simple filter is used, else the normal one
     * @param level 0 to 63; 0 means that nothing is filtered
     * @param sharpness 0 to 7
     * @param keyFrameDelta added to the level of every macroblock
     * @param subblockDelta added to the level where each subblock has its own mode
     */
    record Filter(boolean simple, int level, int sharpness, int keyFrameDelta, int subblockDelta) {
        private static final int HIGHEST_LEVEL = 63;
        private static final int DELTAS = 4;

        static Filter read(BoolDecoder input) throws IIOException {
            boolean simple = input.flag();
            int level = input.literal(6);
            int sharpness = input.literal(3);
            int[] deltas = new int[2 * DELTAS];
            if (input.flag() && input.flag()) {
                for (int i = 0; i < deltas.length; i++) {
                    deltas[i] = input.optionalSigned(6);
                }
            }
            // The others are for frames that refer to earlier ones.
            return new Filter(simple, level, sharpness, deltas[0], deltas[DELTAS]);
        }

        /** Returns the level for a macroblock, 0 to 63. */
        int level(Segmentation segmentation, int segment, boolean bySubblock) {
            int own = segmentation.filterLevel(segment, level) + keyFrameDelta + (bySubblock ? subblockDelta : 0);
            return Math.max(0, Math.min(own, HIGHEST_LEVEL));
        }
    }
}
