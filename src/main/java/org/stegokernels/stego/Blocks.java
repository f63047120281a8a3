package org.stegokernels.stego;

/**
 * Parts of one side of a picture, counted in patches, each within a window that is larger by a halo. All windows are of one
 * length, so that memory is taken once; at the borders of the picture they reach farther on the other side.
 *
 * @param length of the side
 * @param count of blocks, of lengths that differ by one at most
 * @param halo of a block on each side
 * @param windowLength of a block and its halo
 */
record Blocks(int length, int count, int halo, int windowLength) {
    /** @param longest length of a block without its halo */
    static Blocks of(int length, int longest, int halo) {
        int count = (length + longest - 1) / longest;
        int block = (length + count - 1) / count;
        return new Blocks(length, count, halo, Math.min(length, block + 2 * halo));
    }

    int begin(int block) {
        return (int) ((long) block * length / count);
    }

    int end(int block) {
        return begin(block + 1);
    }

    int windowBegin(int block) {
        return Math.max(0, Math.min(begin(block) - halo, length - windowLength));
    }
}
