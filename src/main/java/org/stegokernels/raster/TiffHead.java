package org.stegokernels.raster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/** The header and the one directory of a TIFF file, which begins with them. */
final class TiffHead {
    private final ByteOrder order;
    private final boolean big;
    private final SortedMap<Integer, TiffTag> tags = new TreeMap<>();

    /** @param big whether to write BigTIFF, for files of 4 GiB and more */
    TiffHead(ByteOrder order, boolean big) {
        this.order = order;
        this.big = big;
    }

    ByteOrder order() {
        return order;
    }

    /** Adds a tag; replaces one of the same number. */
    TiffHead put(TiffTag tag) {
        tags.put(tag.number(), tag);
        return this;
    }

    TiffHead putAll(Collection<TiffTag> all) {
        all.forEach(this::put);
        return this;
    }

    Collection<TiffTag> tags() {
        return tags.values();
    }

    TiffHead shorts(int number, int... values) {
        return put(TiffTag.shorts(order, number, values));
    }

    TiffHead longs(int number, long... values) {
        return put(TiffTag.longs(order, number, values));
    }

    /** Adds positions in the file or lengths, in the size that this kind of TIFF has. */
    TiffHead offsets(int number, long... values) {
        return put(big ? TiffTag.long8s(order, number, values) : TiffTag.longs(order, number, values));
    }

    /** Returns how many bytes {@link #encode} makes: the position at which the pixels begin. */
    long length() {
        long length = directory() + directoryBytes();
        for (TiffTag tag : tags.values()) {
            length += outside(tag);
        }
        return length;
    }

    private int directory() {
        return big ? 16 : 8;
    }

    private int directoryBytes() {
        return big ? 8 + 20 * tags.size() + 8 : 2 + 12 * tags.size() + 4;
    }

    /** Values that don't fit into the entry lie after the directory, each at an even position. */
    private long outside(TiffTag tag) {
        int length = tag.value().length;
        return length <= (big ? 8 : 4) ? 0 : length + length % 2;
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(length())).order(order);
        out.put(order == ByteOrder.LITTLE_ENDIAN ? new byte[] {'I', 'I'} : new byte[] {'M', 'M'});
        out.putShort((short) (big ? 43 : 42));
        if (big) {
            out.putShort((short) 8).putShort((short) 0).putLong(directory()).putLong(tags.size());
        } else {
            out.putInt(directory()).putShort((short) tags.size());
        }
        int outside = directory() + directoryBytes();
        for (TiffTag tag : tags.values()) {
            out.putShort((short) tag.number()).putShort((short) tag.type());
            put(out, tag.count());
            int next = out.position() + (big ? 8 : 4);
            if (outside(tag) == 0) {
                out.put(tag.value());
            } else {
                put(out, outside);
                out.put(outside, tag.value());
                outside += (int) outside(tag);
            }
            out.position(next);
        }
        return out.array();
    }

    private void put(ByteBuffer out, long value) {
        if (big) {
            out.putLong(value);
        } else {
            out.putInt((int) value);
        }
    }
}
