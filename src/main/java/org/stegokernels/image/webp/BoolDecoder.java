package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/** Reads bools of known probability from one partition of a lossy frame (RFC 6386, section 7). */
final class BoolDecoder {
    private final byte[] data;
    private final int end;
    private int position;

    /** The bits not yet decided: eight that are compared with the split, then {@link #spare} that were read ahead. */
    private int value;

    private int spare = -Byte.SIZE;
    private int range = 255;

    /** Reads the bytes from {@code start} to {@code end}, exclusive. */
    BoolDecoder(byte[] data, int start, int end) {
        this.data = data;
        this.position = start;
        this.end = end;
    }

    /**
     * Reads a bool.
     *
     * @param probability that it is false, in 256ths, 1 to 255
     * @throws IIOException if the partition ends before
     */
    boolean read(int probability) throws IIOException {
        if (spare < 0) {
            refill();
        }
        int split = 1 + ((range - 1) * probability >> 8);
        int shiftedSplit = split << spare;
        boolean bit = value >= shiftedSplit;
        if (bit) {
            range -= split;
            value -= shiftedSplit;
        } else {
            range = split;
        }
        int shift = Integer.numberOfLeadingZeros(range) - 24;
        range <<= shift;
        spare -= shift;
        return bit;
    }

    /** Reads a bool that is as often true as false. */
    boolean flag() throws IIOException {
        return read(128);
    }

    /** Reads an unsigned number, its highest bit first. */
    int literal(int bits) throws IIOException {
        int number = 0;
        for (int i = 0; i < bits; i++) {
            number = number << 1 | (flag() ? 1 : 0);
        }
        return number;
    }

    /** Reads a number that is written as magnitude and sign. */
    int signed(int bits) throws IIOException {
        int magnitude = literal(bits);
        return flag() ? -magnitude : magnitude;
    }

    /** Reads a flag and, if it is set, a signed number; else the number is 0. */
    int optionalSigned(int bits) throws IIOException {
        return flag() ? signed(bits) : 0;
    }

    private void refill() throws IIOException {
        if (position + 1 < end) {
            value = value << 16 | (data[position] & 0xFF) << 8 | data[position + 1] & 0xFF;
            position += 2;
            spare += 16;
        } else if (position < end) {
            value = value << 8 | data[position++] & 0xFF;
            spare += 8;
        } else {
            throw new IIOException("a partition of the lossy frame ends too early");
        }
    }
}
