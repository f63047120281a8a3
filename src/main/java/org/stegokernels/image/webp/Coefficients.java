package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * Reads the coefficients of each macroblock, row by row (RFC 6386, section 13). The fields hold those of the macroblock
 * read last.
 */
final class Coefficients {
    static final int LUMA_BLOCKS = 16;
    /** The first block of U; V follows after four. */
    static final int CHROMA = 16;

    static final int BLOCKS = 24;

    private static final int Y2 = 16 * BLOCKS;

    /** The kinds of block that the probabilities tell apart. */
    private static final int KIND_LUMA_AFTER_Y2 = 0;

    private static final int KIND_Y2 = 1;
    private static final int KIND_CHROMA = 2;
    private static final int KIND_LUMA = 3;

    private static final int[] BAND = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

    /** The lowest value of the categories 3 to 6, and the probabilities of the bits that are added to it. */
    private static final int[] CATEGORY_BASE = {11, 19, 35, 67};

    private static final int[][] CATEGORY_BITS = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    /** The number of blocks of a macroblock that meet a neighbour on one side: 4 of luma, 2 of U, 2 of V, and Y2. */
    private static final int CONTEXTS = 9;

    private static final int Y2_CONTEXT = 8;

    /** Dequantized, in raster order: 16 of each block; transforming a block uses them up. */
    final short[] values = new short[Y2 + 16];
    /** Number of values of each block, in zigzag order, that may differ from 0. */
    final int[] counts = new int[BLOCKS];

    private final int[] probabilities;
    /** 1 where the neighbouring block has coefficients. */
    private final int[] above;

    private final int[] left = new int[CONTEXTS];

    Coefficients(int[] probabilities, int columns) {
        this.probabilities = probabilities;
        this.above = new int[CONTEXTS * columns];
    }

    /** Begins a row of macroblocks. */
    void startRow() {
        Arrays.fill(left, 0);
    }

    /** Passes a macroblock without coefficients; without Y2 it says nothing about that of its neighbours. */
    void skip(int column, boolean hasY2) {
        int contexts = hasY2 ? CONTEXTS : CONTEXTS - 1;
        Arrays.fill(above, CONTEXTS * column, CONTEXTS * column + contexts, 0);
        Arrays.fill(left, 0, contexts, 0);
    }

    /**
     * Reads the next macroblock of the row.
     *
     * @return whether any value differs from 0
     */
    boolean read(BoolDecoder input, Quantizer quantizer, int column, boolean hasY2) throws IIOException {
        Arrays.fill(values, (short) 0);
        int first = 0;
        int kind = KIND_LUMA;
        if (hasY2) {
            int top = CONTEXTS * column + Y2_CONTEXT;
            int context = above[top] + left[Y2_CONTEXT];
            int count = readBlock(input, KIND_Y2, context, 0, Y2, quantizer.y2Dc(), quantizer.y2Ac());
            above[top] = left[Y2_CONTEXT] = count > 0 ? 1 : 0;
            if (count > 0) {
                InverseTransform.walshHadamard(values, Y2);
            }
            first = 1;
            kind = KIND_LUMA_AFTER_Y2;
        }
        int dc = quantizer.lumaDc();
        int ac = quantizer.lumaAc();
        boolean any = readBlocks(input, kind, first, 0, 4, CONTEXTS * column, 0, dc, ac);
        dc = quantizer.chromaDc();
        ac = quantizer.chromaAc();
        any |= readBlocks(input, KIND_CHROMA, 0, CHROMA, 2, CONTEXTS * column + 4, 4, dc, ac);
        any |= readBlocks(input, KIND_CHROMA, 0, CHROMA + 4, 2, CONTEXTS * column + 6, 6, dc, ac);
        return any;
    }

    /** Reads a square of blocks. */
    private boolean readBlocks(
            BoolDecoder input, int kind, int first, int block, int side, int top, int start, int dc, int ac)
            throws IIOException {
        boolean any = false;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                int i = block + y * side + x;
                int context = above[top + x] + left[start + y];
                int count = readBlock(input, kind, context, first, 16 * i, dc, ac);
                above[top + x] = left[start + y] = count > first ? 1 : 0;
                // The first value may come from Y2, though the block itself has none.
                counts[i] = count > 1 ? count : values[16 * i] != 0 ? 1 : 0;
                any |= counts[i] > 0;
            }
        }
        return any;
    }

    /** Reads a block's tokens and returns the place after the last; {@code first} if there are none. */
    private int readBlock(BoolDecoder input, int kind, int context, int first, int to, int dc, int ac)
            throws IIOException {
        int i = first;
        int branch = branches(kind, i, context);
        while (input.read(probabilities[branch])) {
            while (!input.read(probabilities[branch + 1])) {
                if (++i == 16) {
                    return 16;
                }
                // No end of block may follow a zero.
                branch = branches(kind, i, 0);
            }
            int magnitude = input.read(probabilities[branch + 2]) ? readLarge(input, branch) : 1;
            int value = input.flag() ? -magnitude : magnitude;
            values[to + ZIGZAG[i]] = (short) (value * (i == 0 ? dc : ac));
            if (++i == 16) {
                return 16;
            }
            branch = branches(kind, i, magnitude == 1 ? 1 : 2);
        }
        return i;
    }

    private static int branches(int kind, int coefficient, int context) {
        return ((kind * TokenProbabilities.BANDS + BAND[coefficient]) * TokenProbabilities.CONTEXTS + context)
                * TokenProbabilities.BRANCHES;
    }

    /** Reads a magnitude of at least 2. */
    private int readLarge(BoolDecoder input, int branch) throws IIOException {
        if (!input.read(probabilities[branch + 3])) {
            if (!input.read(probabilities[branch + 4])) {
                return 2;
            }
            return input.read(probabilities[branch + 5]) ? 4 : 3;
        }
        if (!input.read(probabilities[branch + 6])) {
            if (!input.read(probabilities[branch + 7])) {
                return input.read(159) ? 6 : 5;
            }
            int high = input.read(165) ? 2 : 0;
            return 7 + high + (input.read(145) ? 1 : 0);
        }
        int high = input.read(probabilities[branch + 8]) ? 1 : 0;
        int category = 2 * high + (input.read(probabilities[branch + 9 + high]) ? 1 : 0);
        int extra = 0;
        for (int probability : CATEGORY_BITS[category]) {
            extra = extra << 1 | (input.read(probability) ? 1 : 0);
        }
        return CATEGORY_BASE[category] + extra;
    }
}
