package org.stegokernels.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.stegokernels.image.ImageException;
import org.stegokernels.io.RegularFile;

/**
 * One matrix of real numbers in a MATLAB file of level 5 ("MAT-File Format", The MathWorks), as MATLAB, Octave and SciPy
 * write it. Time and memory are bounded by the file's length: other variables are skipped, a compressed one is inflated
 * no further than its numbers are asked for, and no size is believed for which the file is too short.
 */
final class MatMatrix implements AutoCloseable {
    private static final String REMEDY = "prepare the dataset again";
    private static final int HEADER_BYTES = 128;
    private static final int TAG_BYTES = 8;
    private static final int BUFFER_BYTES = 1 << 13;
    private static final int MAX_VARIABLES = 1000;
    private static final int MAX_DIMENSIONS = 32;
    /** No byte of a deflated stream becomes more than so many. */
    private static final long MAX_INFLATION = 1032;

    private static final int INT8 = 1;
    private static final int UINT8 = 2;
    private static final int INT16 = 3;
    private static final int UINT16 = 4;
    private static final int INT32 = 5;
    private static final int UINT32 = 6;
    private static final int SINGLE = 7;
    private static final int DOUBLE = 9;
    private static final int INT64 = 12;
    private static final int UINT64 = 13;
    private static final int MATRIX = 14;
    private static final int COMPRESSED = 15;
    /** Classes of arrays from double to uint64; below are cells, structures, objects, text and sparse matrices. */
    private static final int FIRST_NUMERIC_CLASS = 6;

    private static final int LAST_NUMERIC_CLASS = 15;

    private final Path file;
    private final String name;
    private final SeekableByteChannel channel;
    private final Inflater inflater = new Inflater();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    /** The bytes being read: the file, or what an element of it inflates to. */
    private InputStream in;

    private int[] dimensions;
    private int type;
    private long unread;

    /** The head of an element; a short one has its data in the tag itself. */
    private record Tag(int type, long length, boolean isShort) {
        /** Returns the number of bytes to skip after the data, which begin at multiples of eight. */
        int padding() {
            return isShort ? (int) (4 - length) : (int) (-length & 7);
        }
    }

    private MatMatrix(Path file, String name) throws IOException {
        this.file = file;
        this.name = name;
        channel = Files.newByteChannel(RegularFile.require(file));
    }

    /**
     * Finds a matrix by its name; of several, the first.
     *
     * @throws ImageException if the file is of another format or has no such matrix, or the matrix is not of numbers,
     *     is empty, or holds other than its dimensions say
     * @throws IOException if the file can't be read or its compressed data are damaged; EOFException if it is too short
     */
    static MatMatrix open(Path file, String name) throws IOException {
        MatMatrix matrix = new MatMatrix(file, name);
        try {
            matrix.readHeader();
            matrix.find();
            return matrix;
        } catch (IOException | RuntimeException e) {
            matrix.close();
            throw e;
        }
    }

    /** Returns two or more of them, each at least 1: rows, columns, and so on. */
    int[] dimensions() {
        return dimensions.clone();
    }

    /**
     * Returns the next number, in column-major order.
     *
     * @throws IOException as {@link #open}
     */
    double next() throws IOException {
        if (!buffer.hasRemaining()) {
            fill((int) Math.min(BUFFER_BYTES, unread));
            unread -= buffer.remaining();
        }
        return switch (type) {
            case INT8 -> buffer.get();
            case UINT8 -> buffer.get() & 0xFF;
            case INT16 -> buffer.getShort();
            case UINT16 -> buffer.getShort() & 0xFFFF;
            case INT32 -> buffer.getInt();
            case UINT32 -> Integer.toUnsignedLong(buffer.getInt());
            case SINGLE -> buffer.getFloat();
            case DOUBLE -> buffer.getDouble();
            default -> buffer.getLong();
        };
    }

    /** Returns the bytes of a number in the file, 0 for types that are not numbers. */
    private static int bytes(int type) {
        return switch (type) {
            case INT8, UINT8 -> 1;
            case INT16, UINT16 -> 2;
            case INT32, UINT32, SINGLE -> 4;
            case DOUBLE, INT64, UINT64 -> 8;
            default -> 0;
        };
    }

    private void readHeader() throws IOException {
        in = new BufferedInputStream(Channels.newInputStream(channel));
        byte[] header = in.readNBytes(HEADER_BYTES);
        String text = new String(header, 0, Math.min(10, header.length), StandardCharsets.ISO_8859_1);
        if (text.equals("MATLAB 7.3")) {
            throw new ImageException(file, "is a MATLAB file of version 7.3, which can't be read", "save it with -v7");
        }
        String order = header.length < HEADER_BYTES
                ? ""
                : new String(header, HEADER_BYTES - 2, 2, StandardCharsets.ISO_8859_1);
        if (!order.equals("IM") && !order.equals("MI")) {
            throw new ImageException(file, "is no MATLAB file of level 5", REMEDY);
        }
        buffer.order(order.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    }

    private void find() throws IOException {
        long position = HEADER_BYTES;
        for (int variables = 0; position < channel.size(); variables++) {
            if (variables == MAX_VARIABLES) {
                throw new ImageException(file, "it has more than " + MAX_VARIABLES + " variables", REMEDY);
            }
            seek(position);
            Tag element = readTag();
            position += TAG_BYTES + element.length();
            if (element.isShort() || element.length() == 0) {
                throw impossibleLength();
            }
            if (position > channel.size()) {
                throw new EOFException();
            }
            if (isWanted(element)) {
                return;
            }
        }
        throw new ImageException(file, "it has no matrix " + name, REMEDY);
    }

    private void seek(long position) throws IOException {
        channel.position(position);
        in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    /** Reads a variable as far as is needed to know; a wanted one's numbers come next. */
    private boolean isWanted(Tag element) throws IOException {
        long available = element.length();
        Tag array = element;
        if (element.type() == COMPRESSED) {
            inflater.reset();
            in = new InflaterInputStream(in, inflater);
            available *= MAX_INFLATION;
            array = readTag();
        }
        Tag flags = array.type() == MATRIX ? readTag() : array;
        if (flags.type() != UINT32 || flags.length() != TAG_BYTES) {
            return false;
        }
        fill(TAG_BYTES);
        int arrayClass = buffer.getInt() & 0xFF;
        if (!readDimensions() || !readName()) {
            return false;
        }
        if (arrayClass < FIRST_NUMERIC_CLASS || arrayClass > LAST_NUMERIC_CLASS) {
            throw new ImageException(file, "its " + name + " is no full matrix of numbers", REMEDY);
        }
        readNumbersTag(available);
        return true;
    }

    private boolean readDimensions() throws IOException {
        Tag tag = readTag();
        if (tag.type() != INT32 || tag.length() > 4 * MAX_DIMENSIONS) {
            return false;
        }
        fill((int) tag.length());
        dimensions = new int[(int) tag.length() / 4];
        buffer.asIntBuffer().get(dimensions);
        in.skipNBytes(tag.padding());
        return true;
    }

    private boolean readName() throws IOException {
        Tag tag = readTag();
        if (tag.type() != INT8 || tag.length() != name.length()) {
            return false;
        }
        fill(name.length());
        boolean same = name.equals(StandardCharsets.ISO_8859_1.decode(buffer).toString());
        in.skipNBytes(tag.padding());
        return same;
    }

    private void readNumbersTag(long available) throws IOException {
        long count = 1;
        for (int dimension : dimensions) {
            if (dimension < 1) {
                throw new ImageException(
                        file,
                        "its " + name + (dimension == 0 ? " is empty" : " has the impossible size " + sizes()),
                        REMEDY);
            }
            // Too large is large enough: no file has so many.
            count = Math.min((long) Integer.MAX_VALUE + 1, count * dimension);
        }
        Tag numbers = readTag();
        type = numbers.type();
        if (dimensions.length < 2 || bytes(type) == 0 || numbers.length() != count * bytes(type)) {
            throw new ImageException(
                    file, "its " + name + " does not hold the numbers of a matrix of " + sizes(), REMEDY);
        }
        if (numbers.length() > available) {
            throw new EOFException();
        }
        unread = numbers.length();
        buffer.limit(0);
    }

    private ImageException impossibleLength() {
        return new ImageException(file, "an element of it has an impossible length", REMEDY);
    }

    private String sizes() {
        return Arrays.stream(dimensions).mapToObj(Integer::toString).collect(Collectors.joining("x"));
    }

    private Tag readTag() throws IOException {
        fill(4);
        int first = buffer.getInt();
        if (first >>> 16 != 0) {
            if (first >>> 16 > 4) {
                throw impossibleLength();
            }
            return new Tag(first & 0xFFFF, first >>> 16, true);
        }
        fill(4);
        return new Tag(first, Integer.toUnsignedLong(buffer.getInt()), false);
    }

    /** Reads bytes to be taken out of the buffer. */
    private void fill(int count) throws IOException {
        if (in.readNBytes(buffer.array(), 0, count) < count) {
            throw new EOFException();
        }
        buffer.position(0).limit(count);
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        channel.close();
    }
}
