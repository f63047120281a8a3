package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * The loop filter's settings (RFC 6386, sections 9.4 and 15.4).
 *
 * @param simple whether the simple filter is used, else the normal one
 * @param level 0 to 63; 0 means that nothing is filtered
 * @param sharpness 0 to 7
 * @param keyFrameDelta added to the level of every macroblock
 * @param subblockDelta added to the level where each subblock has its own mode
 */
record FilterHeader(boolean simple, int level, int sharpness, int keyFrameDelta, int subblockDelta) {
    private static final int HIGHEST_LEVEL = 63;
    private static final int DELTAS = 4;

    static FilterHeader read(BoolDecoder input) throws IIOException {
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
        return new FilterHeader(simple, level, sharpness, deltas[0], deltas[DELTAS]);
    }

    /** Returns the level for a macroblock, 0 to 63. */
    int level(Segmentation segmentation, int segment, boolean bySubblock) {
        int own = segmentation.filterLevel(segment, level) + keyFrameDelta + (bySubblock ? subblockDelta : 0);
        return Math.max(0, Math.min(own, HIGHEST_LEVEL));
    }
}
