package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * Decodes an array of pixels that is coded by literals, references to earlier pixels and a cache of colours (WebP
 * lossless, sections 5 and 6): the picture itself, or one that a transform or the choice of prefix codes is kept in.
 * Pixels are 32 bits: opacity, red, green, blue.
 */
final class LosslessImage {
    private static final int LITERALS = 256;
    private static final int LENGTH_CODES = 24;
    private static final int DISTANCE_CODES = 40;
    private static final int HIGHEST_CACHE_BITS = 11;
    private static final int CACHE_FACTOR = 0x1E35A7BD;

    /** The neighbours that the lowest distances stand for: how far to the left, how far up. */
    private static final int[] NEIGHBOURS = NumberTable.parse("""
            0 1   1 0   1 1   -1 1   0 2   2 0   1 2   -1 2   2 1   -2 1   2 2   -2 2
            0 3   3 0   1 3   -1 3   3 1   -3 1   2 3   -2 3   3 2   -3 2   0 4   4 0
            1 4   -1 4   4 1   -4 1   3 3   -3 3   2 4   -2 4   4 2   -4 2   0 5   3 4
            -3 4   4 3   -4 3   5 0   1 5   -1 5   5 1   -5 1   2 5   -2 5   5 2   -5 2
            4 4   -4 4   3 5   -3 5   5 3   -5 3   0 6   6 0   1 6   -1 6   6 1   -6 1
            2 6   -2 6   6 2   -6 2   4 5   -4 5   5 4   -5 4   3 6   -3 6   6 3   -6 3
            0 7   7 0   1 7   -1 7   5 5   -5 5   7 1   -7 1   4 6   -4 6   6 4   -6 4
            2 7   -2 7   7 2   -7 2   3 7   -3 7   7 3   -7 3   5 6   -5 6   6 5   -6 5
            8 0   4 7   -4 7   7 4   -7 4   8 1   8 2   6 6   -6 6   8 3   5 7   -5 7
            7 5   -7 5   8 4   6 7   -6 7   7 6   -7 6   8 5   7 7   -7 7   8 6   8 7
            """);

    /** The prefix codes for some blocks of the picture. */
    private record Group(PrefixCode green, PrefixCode red, PrefixCode blue, PrefixCode alpha, PrefixCode distance) {}

    private final BitReader input;
    private final int width;
    private final int height;
    /** Colours seen lately, each at the place that its bits give; empty if the picture has no cache. */
    private final int[] cache;

    private final int cacheShift;
    /** Groups by block, and the number of a coordinate's bits within a block. */
    private Group[] groups;

    private int blockBits;
    private int blocksPerRow;

    private LosslessImage(BitReader input, int width, int height) throws IIOException {
        this.input = input;
        this.width = width;
        this.height = height;
        boolean cached = input.flag();
        int cacheBits = cached ? input.read(4) : 0;
        if (cached && (cacheBits < 1 || cacheBits > HIGHEST_CACHE_BITS)) {
            throw new IIOException("a cache of colours has an impossible size");
        }
        this.cache = new int[cached ? 1 << cacheBits : 0];
        this.cacheShift = Integer.SIZE - cacheBits;
    }

    /**
     * Decodes the picture itself, before its transforms are undone.
     *
     * @param width of what is coded, which may hold several pixels of the picture in one
     */
    static int[] decodePicture(BitReader input, int width, int height) throws IIOException {
        LosslessImage image = new LosslessImage(input, width, height);
        if (input.flag()) {
            image.readGroups();
        } else {
            image.useOneGroup();
        }
        return image.decode();
    }

    /** Decodes an image that serves the decoding of the picture. */
    static int[] decodeHelper(BitReader input, int width, int height) throws IIOException {
        LosslessImage image = new LosslessImage(input, width, height);
        image.useOneGroup();
        return image.decode();
    }

    private void useOneGroup() throws IIOException {
        groups = new Group[] {readGroup()};
        blockBits = Integer.SIZE - 1;
        blocksPerRow = 1;
    }

    /** Reads which group each block uses, then the groups. Those that no block uses are passed over. */
    private void readGroups() throws IIOException {
        blockBits = input.read(3) + 2;
        blocksPerRow = blocks(width, blockBits);
        int[] numbers = decodeHelper(input, blocksPerRow, blocks(height, blockBits));
        int highest = 0;
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = numbers[i] >> 8 & 0xFFFF;
            highest = Math.max(highest, numbers[i]);
        }
        boolean[] used = new boolean[highest + 1];
        for (int number : numbers) {
            used[number] = true;
        }
        Group[] all = new Group[highest + 1];
        for (int i = 0; i <= highest; i++) {
            Group group = readGroup();
            all[i] = used[i] ? group : null;
        }
        groups = new Group[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            groups[i] = all[numbers[i]];
        }
    }

    private Group readGroup() throws IIOException {
        return new Group(
                PrefixCode.read(input, LITERALS + LENGTH_CODES + cache.length),
                PrefixCode.read(input, LITERALS),
                PrefixCode.read(input, LITERALS),
                PrefixCode.read(input, LITERALS),
                PrefixCode.read(input, DISTANCE_CODES));
    }

    /** Returns the number of blocks of 2^bits pixels that cover a length. */
    static int blocks(int length, int bits) {
        return length + (1 << bits) - 1 >> bits;
    }

    private int[] decode() throws IIOException {
        int[] pixels = new int[Math.multiplyExact(width, height)];
        int blockMask = (1 << blockBits) - 1;
        Group group = groups[0];
        int x = 0;
        int y = 0;
        int at = 0;
        while (at < pixels.length) {
            int symbol = group.green.readSymbol(input);
            int length = 1;
            if (symbol < LITERALS) {
                int red = group.red.readSymbol(input);
                int blue = group.blue.readSymbol(input);
                int alpha = group.alpha.readSymbol(input);
                pixels[at] = alpha << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < LITERALS + LENGTH_CODES) {
                length = readNumber(symbol - LITERALS);
                int distance = distance(readNumber(group.distance.readSymbol(input)));
                if (distance > at || length > pixels.length - at) {
                    throw new IIOException("a reference leads out of the picture");
                }
                for (int i = at; i < at + length; i++) {
                    pixels[i] = pixels[i - distance];
                }
            } else {
                pixels[at] = cache[symbol - LITERALS - LENGTH_CODES];
            }
            if (cache.length > 0) {
                for (int i = at; i < at + length; i++) {
                    cache[CACHE_FACTOR * pixels[i] >>> cacheShift] = pixels[i];
                }
            }
            at += length;
            x += length;
            if (x >= width) {
                y += x / width;
                x %= width;
            }
            if ((length > 1 || (x & blockMask) == 0) && at < pixels.length) {
                group = groups[(y >> blockBits) * blocksPerRow + (x >> blockBits)];
            }
        }
        return pixels;
    }

    /** Reads the rest of a number of which the prefix is known. */
    private int readNumber(int prefix) throws IIOException {
        if (prefix < 4) {
            return prefix + 1;
        }
        int bits = prefix - 2 >> 1;
        return (2 + (prefix & 1) << bits) + input.read(bits) + 1;
    }

    /** Returns how many pixels back, in reading order, a coded distance leads. */
    private int distance(int code) {
        int neighbours = NEIGHBOURS.length / 2;
        if (code > neighbours) {
            return code - neighbours;
        }
        int left = NEIGHBOURS[2 * code - 2];
        int up = NEIGHBOURS[2 * code - 1];
        return Math.max(1, left + up * width);
    }
}
