package org.stegokernels.raster;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.stegokernels.image.ImageException;
import org.stegokernels.io.RegularFile;

/**
 * An open TIFF or BigTIFF file and the tags of its first image. Only the places of the values are kept; these are read when
 * they are asked for, so that a hostile file costs no more memory than its directory.
 */
final class TiffFile implements Closeable {
    static final String DAMAGED = "copy or download the file again, or save it anew with an image editor";

    private static final int BIG = 43;
    /** A directory has some dozens of entries. */
    private static final int MOST_ENTRIES = 1 << 12;
    /** No tag that is read whole has more bytes: GeoTIFF's parameters, JPEG's tables, colour profiles. */
    private static final int MOST_BYTES = 1 << 24;

    private record Entry(int type, long count, long position) {}

    private final Path path;
    private final Raster.Bytes channel;
    private final long length;
    private final ByteOrder order;
    private final boolean big;
    private final Map<Integer, Entry> entries = new HashMap<>();

    private TiffFile(Path path, Raster.Bytes channel) throws IOException {
        this.path = path;
        this.channel = channel;
        length = channel.size();
        order = bytes(0, 2)[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        big = read(2, 2).getShort() == BIG;
        readDirectory(offset(big ? 8 : 4));
    }

    /**
     * Reads the directory.
     *
     * @throws ImageException if there is none
     */
    static TiffFile open(Path path) throws IOException {
        return open(path, Raster.Bytes.of(FileChannel.open(RegularFile.require(path))));
    }

    /**
     * Reads the directory.
     *
     * @param path what to call it in messages
     * @param channel closed with the file, also if this fails
     * @throws ImageException if there is none
     */
    static TiffFile open(Path path, Raster.Bytes channel) throws IOException {
        try {
            return new TiffFile(path, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void readDirectory(long start) throws IOException {
        int head = big ? 8 : 2;
        long count = big ? read(start, head).getLong() : read(start, head).getShort() & 0xFFFF;
        int size = big ? 20 : 12;
        if (count < 1 || count > MOST_ENTRIES || start + head + count * size > length) {
            throw damaged("its directory has " + Long.toUnsignedString(count) + " entries");
        }
        ByteBuffer directory = read(start + head, (int) count * size);
        for (int i = 0; i < count; i++) {
            directory.position(i * size);
            int tag = directory.getShort() & 0xFFFF;
            int type = directory.getShort() & 0xFFFF;
            long values = big ? directory.getLong() : directory.getInt() & 0xFFFFFFFFL;
            int inline = big ? 8 : 4;
            if (values < 0 || values > length) {
                continue;
            }
            long place = start + head + directory.position();
            boolean within = values * TiffTag.bytes(type) <= inline;
            entries.putIfAbsent(tag, new Entry(type, values, within ? place : offset(place)));
        }
    }

    private long offset(long position) throws IOException {
        return big ? read(position, 8).getLong() : read(position, 4).getInt() & 0xFFFFFFFFL;
    }

    Path path() {
        return path;
    }

    Raster.Bytes channel() {
        return channel;
    }

    /** Returns the length of the file in bytes. */
    long length() {
        return length;
    }

    ByteOrder order() {
        return order;
    }

    ImageException damaged(String problem) {
        return new ImageException(path, "the image is damaged and can't be decoded (" + problem + ")", DAMAGED);
    }

    /** Returns how many values a tag has; 0 if the file lacks it. */
    long count(int tag) {
        Entry entry = entries.get(tag);
        return entry == null ? 0 : entry.count;
    }

    /** Returns the first value of a tag as an integer, or {@code absent} if the file lacks it. */
    int integer(int tag, int absent) throws IOException {
        long value = count(tag) == 0 ? absent : integer(tag, 0L);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw damaged("tag " + tag + " is " + Long.toUnsignedString(value));
        }
        return (int) value;
    }

    /** Returns the value of an index of a tag of integers that the file has. */
    long integer(int tag, long index) throws IOException {
        Entry entry = entries.get(tag);
        if (entry == null || index >= entry.count) {
            throw damaged("tag " + tag + " has " + count(tag) + " values");
        }
        int bytes = TiffTag.bytes(entry.type);
        ByteBuffer value = read(entry.position + index * bytes, bytes);
        return switch (bytes) {
            case 1 -> value.get() & 0xFF;
            case 2 -> value.getShort() & 0xFFFF;
            case 4 -> value.getInt() & 0xFFFFFFFFL;
            default -> value.getLong();
        };
    }

    /** Returns a tag with all its values, or null if the file lacks it. */
    TiffTag tag(int number) throws IOException {
        Entry entry = entries.get(number);
        if (entry == null) {
            return null;
        }
        long bytes = entry.count * TiffTag.bytes(entry.type);
        if (bytes > MOST_BYTES) {
            throw damaged("tag " + number + " has " + bytes + " bytes");
        }
        return new TiffTag(number, entry.type, entry.count, bytes(entry.position, (int) bytes));
    }

    /** Returns the value that stands for "no sample here", or NaN. */
    double noData() throws IOException {
        TiffTag tag = tag(TiffTag.NO_DATA);
        if (tag == null) {
            return Double.NaN;
        }
        try {
            return Double.parseDouble(new String(tag.value(), StandardCharsets.US_ASCII)
                    .replace('\0', ' ')
                    .trim());
        } catch (NumberFormatException notANumber) {
            return Double.NaN;
        }
    }

    private byte[] bytes(long position, int count) throws IOException {
        return read(position, count).array();
    }

    private ByteBuffer read(long position, int count) throws IOException {
        if (position < 0 || position > length - count) {
            throw new ImageException(path, "the file ends before the image does", DAMAGED);
        }
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("it became shorter while it was read");
            }
        }
        return buffer.flip().order(order == null ? ByteOrder.BIG_ENDIAN : order);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
