package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * A canonical prefix code (WebP lossless, section 6.2), as two levels of tables: the first is indexed by the next eight
 * bits, and for longer codes leads to one for the rest.
 */
final class PrefixCode {
    static final int LONGEST = 15;

    private static final int ROOT_BITS = 8;
    /** An entry's lower bits: the bits that the table was indexed by and that the code takes; in a link, all bits. */
    private static final int LENGTH_BITS = 4;

    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;

    private static final int NORMAL_LENGTHS = 19;
    private static final int REPEAT_LENGTH = 16;
    private static final int REPEAT_ZERO = 17;
    private static final int REPEAT_ZERO_LONG = 18;
    private static final int FIRST_REPEATED = 8;
    private static final int[] LENGTH_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int rootMask;
    /** Symbol and length, or where the second table starts and the length of its longest code. */
    private final char[] table;

    private PrefixCode(int rootMask, char[] table) {
        this.rootMask = rootMask;
        this.table = table;
    }

    /** Reads the next symbol. */
    int readSymbol(BitReader input) throws IIOException {
        int bits = input.ahead();
        int entry = table[bits & rootMask];
        int length = entry & LENGTH_MASK;
        if (length > ROOT_BITS) {
            int rest = bits >>> ROOT_BITS & (1 << length - ROOT_BITS) - 1;
            entry = table[(entry >> LENGTH_BITS) + rest];
            length = ROOT_BITS + (entry & LENGTH_MASK);
        }
        input.skip(length);
        return entry >> LENGTH_BITS;
    }

    /** Reads a code for an alphabet of this size. */
    static PrefixCode read(BitReader input, int alphabet) throws IIOException {
        int[] lengths = new int[alphabet];
        if (input.flag()) {
            readSimple(input, lengths);
        } else {
            readNormal(input, lengths);
        }
        return of(lengths);
    }

    private static void readSimple(BitReader input, int[] lengths) throws IIOException {
        boolean two = input.flag();
        setLength(lengths, input.read(input.flag() ? 8 : 1));
        if (two) {
            setLength(lengths, input.read(8));
        }
    }

    private static void setLength(int[] lengths, int symbol) throws IIOException {
        if (symbol >= lengths.length) {
            throw new IIOException("a prefix code names a symbol that is not in its alphabet");
        }
        lengths[symbol] = 1;
    }

    private static void readNormal(BitReader input, int[] lengths) throws IIOException {
        int[] lengthLengths = new int[NORMAL_LENGTHS];
        int count = 4 + input.read(4);
        for (int i = 0; i < count; i++) {
            lengthLengths[LENGTH_ORDER[i]] = input.read(3);
        }
        PrefixCode code = of(lengthLengths);
        int remaining = lengths.length;
        if (input.flag()) {
            remaining = 2 + input.read(2 + 2 * input.read(3));
            if (remaining > lengths.length) {
                throw new IIOException("a prefix code has more symbols than its alphabet");
            }
        }
        int last = FIRST_REPEATED;
        int symbol = 0;
        for (; symbol < lengths.length && remaining > 0; remaining--) {
            int length = code.readSymbol(input);
            int times = switch (length) {
                case REPEAT_LENGTH -> 3 + input.read(2);
                case REPEAT_ZERO -> 3 + input.read(3);
                case REPEAT_ZERO_LONG -> 11 + input.read(7);
                default -> 1;
            };
            if (times > lengths.length - symbol) {
                throw new IIOException("a prefix code has more symbols than its alphabet");
            }
            if (length > 0 && length <= LONGEST) {
                last = length;
            }
            if (length <= REPEAT_LENGTH) {
                Arrays.fill(lengths, symbol, symbol + times, length == REPEAT_LENGTH ? last : length);
            }
            symbol += times;
        }
    }

    /**
     * Builds the code in which each symbol has this length, 0 for none.
     *
     * @throws IIOException if some sequence of bits would mean no symbol, or two
     */
    static PrefixCode of(int[] lengths) throws IIOException {
        int[] counts = new int[LONGEST + 1];
        int last = -1;
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            counts[lengths[symbol]]++;
            last = lengths[symbol] > 0 ? symbol : last;
        }
        int used = lengths.length - counts[0];
        if (used == 1) {
            return new PrefixCode(0, new char[] {(char) (last << LENGTH_BITS)});
        }
        int[] next = new int[LONGEST + 1];
        int code = 0;
        int longest = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code <<= 1;
            next[length] = code;
            code += counts[length];
            longest = counts[length] > 0 ? length : longest;
        }
        if (code != 1 << LONGEST) {
            throw new IIOException("a prefix code is not complete");
        }
        return build(lengths, next, Math.min(longest, ROOT_BITS));
    }

    /** @param next the first code of each length, its first bit highest */
    private static PrefixCode build(int[] lengths, int[] next, int rootBits) {
        int rootMask = (1 << rootBits) - 1;
        int[] codes = new int[lengths.length];
        int[] longest = new int[rootMask + 1];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > 0) {
                codes[symbol] = Integer.reverse(next[length]++) >>> Integer.SIZE - length;
                int root = codes[symbol] & rootMask;
                longest[root] = Math.max(longest[root], length);
            }
        }
        int size = rootMask + 1;
        char[] links = new char[rootMask + 1];
        for (int root = 0; root <= rootMask; root++) {
            if (longest[root] > rootBits) {
                links[root] = (char) (size << LENGTH_BITS | longest[root]);
                size += 1 << longest[root] - rootBits;
            }
        }
        char[] table = Arrays.copyOf(links, size);
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > rootBits) {
                int link = links[codes[symbol] & rootMask];
                int start = link >> LENGTH_BITS;
                int end = start + (1 << (link & LENGTH_MASK) - rootBits);
                fill(table, start + (codes[symbol] >> rootBits), end, symbol, length - rootBits);
            } else if (length > 0) {
                fill(table, codes[symbol], rootMask + 1, symbol, length);
            }
        }
        return new PrefixCode(rootMask, table);
    }

    private static void fill(char[] table, int from, int end, int symbol, int length) {
        for (int i = from; i < end; i += 1 << length) {
            table[i] = (char) (symbol << LENGTH_BITS | length);
        }
    }
}
