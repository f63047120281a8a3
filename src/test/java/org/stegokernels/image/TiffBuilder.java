package org.stegokernels.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Writes TIFF files of one image and one strip a plane, little-endian, uncompressed, with whatever tags a test wants. */
final class TiffBuilder {
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int STRIP_OFFSETS = 273;
    private static final int STRIP_BYTE_COUNTS = 279;

    private record Value(int type, int count, byte[] bytes) {}

    private final Map<Integer, Value> tags = new TreeMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int planes = 1;

    /** @param bits of each sample, in order */
    TiffBuilder(int width, int height, int photometric, int... bits) {
        shorts(256, width).shorts(257, height).shorts(258, bits).shorts(259, 1).shorts(262, photometric);
        shorts(277, bits.length).shorts(278, height);
    }

    TiffBuilder shorts(int tag, int... values) {
        ByteBuffer bytes = little(2 * values.length);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return put(tag, SHORT, values.length, bytes);
    }

    TiffBuilder floats(int tag, float... values) {
        ByteBuffer bytes = little(4 * values.length);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return put(tag, 11, values.length, bytes);
    }

    TiffBuilder text(int tag, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        return put(tag, 2, bytes.length, ByteBuffer.wrap(bytes));
    }

    /** Stores bytes once for all the tags that are given the same array. */
    TiffBuilder bytes(int tag, byte[] bytes) {
        return put(tag, 7, bytes.length, ByteBuffer.wrap(bytes));
    }

    /** Stores the bands one after the other. */
    TiffBuilder planar(int newPlanes) {
        planes = newPlanes;
        return shorts(284, 2);
    }

    TiffBuilder samples(byte[] bytes) {
        data.writeBytes(bytes);
        return this;
    }

    /** @param bytes of each value: 1, 2 or 4 */
    TiffBuilder integers(int bytes, long... values) {
        ByteBuffer buffer = little(bytes * values.length);
        for (long value : values) {
            switch (bytes) {
                case 1 -> buffer.put((byte) value);
                case 2 -> buffer.putShort((short) value);
                default -> buffer.putInt((int) value);
            }
        }
        return samples(buffer.array());
    }

    TiffBuilder reals(float... values) {
        ByteBuffer buffer = little(4 * values.length);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return samples(buffer.array());
    }

    TiffBuilder reals(double... values) {
        ByteBuffer buffer = little(8 * values.length);
        for (double value : values) {
            buffer.putDouble(value);
        }
        return samples(buffer.array());
    }

    private TiffBuilder put(int tag, int type, int count, ByteBuffer bytes) {
        tags.put(tag, new Value(type, count, bytes.array()));
        return this;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private TiffBuilder longs(int tag, int... values) {
        ByteBuffer bytes = little(4 * values.length);
        for (int value : values) {
            bytes.putInt(value);
        }
        return put(tag, LONG, values.length, bytes);
    }

    byte[] build() {
        byte[] samples = data.toByteArray();
        int[] offsets = new int[planes];
        int[] counts = new int[planes];
        for (int plane = 0; plane < planes; plane++) {
            counts[plane] = samples.length / planes;
            offsets[plane] = 8 + plane * counts[plane];
        }
        longs(STRIP_OFFSETS, offsets).longs(STRIP_BYTE_COUNTS, counts);
        int directory = 8 + samples.length + samples.length % 2;
        int values = directory + 2 + 12 * tags.size() + 4;
        ByteBuffer entries = little(2 + 12 * tags.size() + 4).putShort((short) tags.size());
        ByteArrayOutputStream outside = new ByteArrayOutputStream();
        Map<byte[], Integer> places = new IdentityHashMap<>();
        for (Map.Entry<Integer, Value> tag : tags.entrySet()) {
            Value value = tag.getValue();
            entries.putShort(tag.getKey().shortValue())
                    .putShort((short) value.type)
                    .putInt(value.count);
            if (value.bytes.length <= 4) {
                entries.put(value.bytes).position(entries.position() + 4 - value.bytes.length);
            } else {
                Integer place = places.get(value.bytes);
                if (place == null) {
                    place = values + outside.size();
                    places.put(value.bytes, place);
                    outside.writeBytes(value.bytes);
                    outside.writeBytes(new byte[value.bytes.length % 2]);
                }
                entries.putInt(place);
            }
        }
        ByteBuffer file = little(values + outside.size())
                .put(new byte[] {'I', 'I', 42, 0})
                .putInt(directory);
        return file.put(samples)
                .position(directory)
                .put(entries.array())
                .put(outside.toByteArray())
                .array();
    }
}
