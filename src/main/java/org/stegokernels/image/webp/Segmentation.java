package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * Up to four kinds of macroblock with a quantizer and a filter level of their own (RFC 6386, sections 9.3 and 10).
 *
 * @param absolute whether the values of a segment replace those of the frame; else they are added to them
 * @param tree the probabilities of the tree of segments, or null if the macroblocks name none: all are of segment 0
 */
record Segmentation(boolean enabled, boolean absolute, int[] quantizers, int[] filterLevels, int[] tree) {
    static final int SEGMENTS = 4;

    static Segmentation read(BoolDecoder input) throws IIOException {
        int[] quantizers = new int[SEGMENTS];
        int[] filterLevels = new int[SEGMENTS];
        boolean enabled = input.flag();
        if (!enabled) {
            return new Segmentation(false, false, quantizers, filterLevels, null);
        }
        boolean namesSegments = input.flag();
        boolean absolute = false;
        if (input.flag()) {
            absolute = input.flag();
            for (int i = 0; i < SEGMENTS; i++) {
                quantizers[i] = input.optionalSigned(7);
            }
            for (int i = 0; i < SEGMENTS; i++) {
                filterLevels[i] = input.optionalSigned(6);
            }
        }
        int[] tree = namesSegments ? new int[SEGMENTS - 1] : null;
        for (int i = 0; namesSegments && i < tree.length; i++) {
            tree[i] = input.flag() ? input.literal(8) : 255;
        }
        return new Segmentation(true, absolute, quantizers, filterLevels, tree);
    }

    /** Reads the segment of a macroblock. */
    int readSegment(BoolDecoder input) throws IIOException {
        if (tree == null) {
            return 0;
        }
        return input.read(tree[0]) ? (input.read(tree[2]) ? 3 : 2) : (input.read(tree[1]) ? 1 : 0);
    }

    /** Returns the index of a segment's quantizer, not yet limited to the tables. */
    int quantizer(int segment, int ofFrame) {
        return adjusted(quantizers[segment], ofFrame);
    }

    /** Returns the level of a segment's loop filter, not yet limited to 0 to 63. */
    int filterLevel(int segment, int ofFrame) {
        return adjusted(filterLevels[segment], ofFrame);
    }

    private int adjusted(int value, int ofFrame) {
        return absolute ? value : value + ofFrame;
    }
}
