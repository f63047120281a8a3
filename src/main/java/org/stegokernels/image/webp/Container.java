package org.stegokernels.image.webp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStream;

/**
 * The place of the picture in a WebP file, of an animation the first frame.
 *
 * @param canvas the size that viewers show
 * @param x of the picture's left column on the canvas
 * @param y of the picture's top row on the canvas
 * @param size of the picture, as its own header has it
 * @param picture a chunk of type {@link Chunk#LOSSY} or {@link Chunk#LOSSLESS}
 * @param alpha the opacity of a lossy picture, or null
 */
record Container(Size canvas, int x, int y, Size size, Chunk picture, Chunk alpha) {
    private static final int RIFF_HEADER_BYTES = 12;
    private static final int EXTENDED_BYTES = 10;
    private static final int FRAME_BYTES = 16;
    private static final int ANIMATED = 2;

    /**
     * Reads the headers.
     *
     * @throws EOFException if the file is shorter than its headers say
     * @throws IIOException if they contradict one another
     */
    static Container read(ImageInputStream input) throws IOException {
        long end = readRiffHeader(input);
        Chunk first = Chunk.read(input, RIFF_HEADER_BYTES, end);
        if (first.type() != Chunk.EXTENDED) {
            return picture(input, RIFF_HEADER_BYTES, end, null, 0, 0, null);
        }
        byte[] header = header(input, first, EXTENDED_BYTES);
        Size canvas = new Size(1 + number(header, 4), 1 + number(header, 7));
        if ((header[0] & ANIMATED) == 0) {
            return picture(input, first.next(), end, canvas, 0, 0, canvas);
        }
        Chunk frame = find(input, first.next(), end, Chunk.FRAME);
        byte[] place = header(input, frame, FRAME_BYTES);
        Size size = new Size(1 + number(place, 6), 1 + number(place, 9));
        int x = 2 * number(place, 0);
        int y = 2 * number(place, 3);
        if (x + size.width() > canvas.width() || y + size.height() > canvas.height()) {
            throw new IIOException("the first frame leaves the canvas");
        }
        return picture(input, frame.start() + FRAME_BYTES, frame.start() + frame.length(), canvas, x, y, size);
    }

    /** Returns the position where the last chunk ends. */
    private static long readRiffHeader(ImageInputStream input) throws IOException {
        input.seek(0);
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        boolean riff = input.readInt() == Chunk.RIFF;
        input.setByteOrder(ByteOrder.LITTLE_ENDIAN);
        long end = Chunk.HEADER_BYTES + input.readUnsignedInt();
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        if (!riff || input.readInt() != Chunk.WEBP) {
            throw new IIOException("no WebP file");
        }
        // One byte less is let pass: some writers leave out the last byte of padding.
        if (end > input.length() + 1) {
            throw new EOFException("the file is shorter than its header says");
        }
        return end;
    }

    /**
     * Finds the chunk of the picture and that of its opacity.
     *
     * @param canvas the size of the canvas, or null if it is that of the picture
     * @param expected the size of the picture, or null if only its own header says it
     */
    private static Container picture(
            ImageInputStream input, long start, long end, Size canvas, int x, int y, Size expected) throws IOException {
        Chunk alpha = null;
        Chunk chunk = find(input, start, end, Chunk.ALPHA, Chunk.LOSSY, Chunk.LOSSLESS);
        if (chunk.type() == Chunk.ALPHA) {
            alpha = chunk;
            chunk = find(input, chunk.next(), end, Chunk.LOSSY, Chunk.LOSSLESS);
        }
        Size size = chunk.type() == Chunk.LOSSY
                ? LossyDecoder.size(chunk.bytes(input, LossyDecoder.HEADER_BYTES))
                : LosslessDecoder.size(chunk.bytes(input, LosslessDecoder.HEADER_BYTES));
        if (expected != null && !size.equals(expected)) {
            throw new IIOException("the picture has another size than its frame");
        }
        return new Container(canvas == null ? size : canvas, x, y, size, chunk, alpha);
    }

    /** Finds the first chunk of one of these types; others are passed over. */
    private static Chunk find(ImageInputStream input, long start, long end, int... types) throws IOException {
        long position = start;
        while (position + Chunk.HEADER_BYTES <= end) {
            Chunk chunk = Chunk.read(input, position, end);
            for (int type : types) {
                if (chunk.type() == type) {
                    return chunk;
                }
            }
            position = chunk.next();
        }
        throw new IIOException("the file has no picture");
    }

    private static byte[] header(ImageInputStream input, Chunk chunk, int length) throws IOException {
        if (chunk.length() < length) {
            throw new IIOException("a header is too short");
        }
        return chunk.bytes(input, length);
    }

    /** Returns a number of three bytes. */
    private static int number(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16;
    }
}
