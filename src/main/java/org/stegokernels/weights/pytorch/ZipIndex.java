package org.stegokernels.weights.pytorch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.stegokernels.weights.ByteSource;

/**
 * Positions of a zip archive's entries in its file, to map them; archives and entries beyond 4 GiB
 * (zip64) included. PyTorch stores entries without compression, and nothing else is read here. Java's own reader doesn't
 * tell positions.
 *
 * <p>After APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3 to 4.5.
 */
final class ZipIndex {
    static final int LOCAL_HEADER = 0x04034b50;

    private static final int LOCAL_HEADER_BYTES = 30;
    private static final int DIRECTORY_ENTRY = 0x02014b50;
    private static final int DIRECTORY_ENTRY_BYTES = 46;
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int END64_LOCATOR = 0x07064b50;
    private static final int END64_LOCATOR_BYTES = 20;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final int EXTRA64 = 1;
    private static final int IN_EXTRA = 0xffffffff;
    private static final int STORED = 0;
    private static final int ENCRYPTED = 1;
    private static final int MAX_ENTRIES = 200_000;

    private final ByteSource source;
    private final Map<String, Entry> entries = new HashMap<>();
    private String first;

    /**
     * One entry.
     *
     * @param header where its local header is
     * @param bytes how long its content is
     * @param refusal why its content can't be read, a clause; null if it can
     */
    record Entry(long header, long bytes, String refusal) {}

    /** @throws org.stegokernels.weights.ModelException if the directory is missing or damaged */
    ZipIndex(ByteSource source) {
        this.source = source;
        source.reading(null, () -> {
            readDirectory();
            return null;
        });
    }

    /** Returns the name of the archive's first entry. */
    String first() {
        return first;
    }

    /** Returns null if there is no such entry. */
    Entry entry(String name) {
        return entries.get(name);
    }

    /**
     * Returns the place where the content of an entry begins.
     *
     * @throws org.stegokernels.weights.ModelException if it does not lie in the file, or is compressed
     */
    long begin(String name, Entry entry) {
        if (entry.refusal() != null) {
            throw damaged("its entry " + name + " is " + entry.refusal() + ", which PyTorch's never are");
        }
        if (entry.header() < 0 || entry.header() > source.size() - LOCAL_HEADER_BYTES) {
            throw damaged("its entry " + name + " lies beyond the end of the file");
        }
        long begin = source.reading(null, () -> {
            ByteBuffer header = window(entry.header(), LOCAL_HEADER_BYTES);
            if (header.getInt(0) != LOCAL_HEADER) {
                throw damaged("its entry " + name + " is not where the directory says");
            }
            return entry.header() + LOCAL_HEADER_BYTES + header.getChar(26) + header.getChar(28);
        });
        if (entry.bytes() < 0 || entry.bytes() > source.size() - begin) {
            throw damaged("its entry " + name + " lies beyond the end of the file");
        }
        return begin;
    }

    private void readDirectory() throws IOException {
        long size = source.size();
        int tailBytes = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer tail = window(size - tailBytes, tailBytes);
        int end = tailBytes - END_BYTES;
        while (end >= 0 && tail.getInt(end) != END) {
            end--;
        }
        if (end < 0) {
            throw damaged("it is a zip archive without a directory: it was cut off");
        }
        long count = tail.getChar(end + 10);
        long bytes = Integer.toUnsignedLong(tail.getInt(end + 12));
        long begin = Integer.toUnsignedLong(tail.getInt(end + 16));
        long locator = size - tailBytes + end - END64_LOCATOR_BYTES;
        if (locator >= 0) {
            ByteBuffer pointer = window(locator, END64_LOCATOR_BYTES);
            long end64 = pointer.getLong(8);
            if (pointer.getInt(0) == END64_LOCATOR && end64 >= 0 && end64 <= size - END64_BYTES) {
                ByteBuffer record = window(end64, END64_BYTES);
                if (record.getInt(0) == END64) {
                    count = record.getLong(32);
                    bytes = record.getLong(40);
                    begin = record.getLong(48);
                }
            }
        }
        boolean inFile = count >= 0
                && bytes >= count * DIRECTORY_ENTRY_BYTES
                && bytes <= Integer.MAX_VALUE
                && begin >= 0
                && begin <= size - bytes;
        if (count > MAX_ENTRIES || !inFile) {
            throw damaged(
                    "its zip directory claims " + count + " entries in " + bytes + " bytes from " + begin + " on");
        }
        readEntries(window(begin, (int) bytes), (int) count);
    }

    private void readEntries(ByteBuffer directory, int count) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (at > directory.limit() - DIRECTORY_ENTRY_BYTES || directory.getInt(at) != DIRECTORY_ENTRY) {
                throw damaged("its zip directory is damaged at entry " + i);
            }
            int nameBytes = directory.getChar(at + 28);
            int extraBytes = directory.getChar(at + 30);
            int extra = at + DIRECTORY_ENTRY_BYTES + nameBytes;
            int next = extra + extraBytes + directory.getChar(at + 32);
            if (next > directory.limit()) {
                throw damaged("its zip directory is damaged at entry " + i);
            }
            byte[] name = new byte[nameBytes];
            directory.get(at + DIRECTORY_ENTRY_BYTES, name);
            String text = new String(name, StandardCharsets.UTF_8);
            entries.put(text, entry(directory, at, extra, extra + extraBytes));
            if (i == 0) {
                first = text;
            }
            at = next;
        }
    }

    private static Entry entry(ByteBuffer directory, int at, int extra, int extraEnd) {
        int method = directory.getChar(at + 10);
        String refusal = method != STORED ? "compressed" : null;
        if ((directory.getChar(at + 8) & ENCRYPTED) != 0) {
            refusal = "encrypted";
        }
        int[] fields = {directory.getInt(at + 24), directory.getInt(at + 20), directory.getInt(at + 42)};
        long[] values = new long[fields.length];
        int wide = find64(directory, extra, extraEnd);
        int wideEnd = wide < 0 ? 0 : wide + directory.getChar(wide - 2);
        for (int i = 0; i < fields.length; i++) {
            values[i] = Integer.toUnsignedLong(fields[i]);
            if (fields[i] == IN_EXTRA && wide >= 0 && wide + Long.BYTES <= wideEnd) {
                values[i] = directory.getLong(wide);
                wide += Long.BYTES;
            }
        }
        return new Entry(values[2], values[0], refusal);
    }

    /** Returns the place of the wide sizes among an entry's extra fields; -1 if it has none. */
    private static int find64(ByteBuffer directory, int extra, int end) {
        int at = extra;
        while (at + 4 <= end) {
            int length = directory.getChar(at + 2);
            if (at + 4 + length > end) {
                return -1;
            }
            if (directory.getChar(at) == EXTRA64) {
                return at + 4;
            }
            at += 4 + length;
        }
        return -1;
    }

    private ByteBuffer window(long offset, int length) throws IOException {
        return source.window(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private RuntimeException damaged(String reason) {
        return PyTorchCheckpoint.damaged(source.name(), reason, null);
    }
}
