package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/** Reads bits, the lowest of a byte first. */
final class BitReader {
    private final byte[] data;
    private int position;
    /** Bits read ahead, the next one lowest; 0 above them. */
    private long window;

    private int available;

    BitReader(byte[] data, int start) {
        this.data = data;
        this.position = start;
    }

    /**
     * Reads an unsigned number.
     *
     * @param bits 0 to 31
     * @throws IIOException if the data end before
     */
    int read(int bits) throws IIOException {
        int value = ahead() & (1 << bits) - 1;
        skip(bits);
        return value;
    }

    boolean flag() throws IIOException {
        return read(1) != 0;
    }

    /** Returns the next 32 bits without passing them; after the end of the data they are 0. */
    int ahead() {
        if (available < Integer.SIZE) {
            refill();
        }
        return (int) window;
    }

    /** Passes bits that {@link #ahead} has shown. */
    void skip(int bits) throws IIOException {
        if (bits > available) {
            throw new IIOException("the lossless data end too early");
        }
        window >>>= bits;
        available -= bits;
    }

    private void refill() {
        if (position + Integer.BYTES <= data.length) {
            long next = data[position] & 0xFF
                    | (data[position + 1] & 0xFF) << 8
                    | (data[position + 2] & 0xFF) << 16
                    | (data[position + 3] & 0xFFL) << 24;
            window |= next << available;
            position += Integer.BYTES;
            available += Integer.SIZE;
        } else {
            while (position < data.length && available < Integer.SIZE) {
                window |= (data[position++] & 0xFFL) << available;
                available += Byte.SIZE;
            }
        }
    }
}
