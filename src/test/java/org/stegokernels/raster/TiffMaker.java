package org.stegokernels.raster;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.stegokernels.raster.Raster.SampleType;

/** Makes TIFF files of all layouts that a test asks for: either byte order, BigTIFF, strips or tiles, bands apart. */
final class TiffMaker {
    static final int UNSIGNED = 1;
    static final int SIGNED = 2;
    static final int FLOAT = 3;

    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int DOUBLE = 12;
    private static final int LONG8 = 16;

    /** The sample of a pixel. */
    @FunctionalInterface
    interface Picture {
        double sample(int x, int y, int band);
    }

    private record Tag(int type, long count, byte[] value) {}

    private final int width;
    private final int height;
    private final int bands;
    private final SortedMap<Integer, Tag> tags = new TreeMap<>();

    private int bits = 8;
    private int format = UNSIGNED;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private boolean big;
    private boolean planar;
    private boolean deflate;
    private boolean predictor;
    private boolean sparse;
    private boolean lengthsUnknown;
    private int tileWidth;
    private int tileHeight;
    private boolean tiled;

    TiffMaker(int width, int height, int bands) {
        this.width = width;
        this.height = height;
        this.bands = bands;
        strips(height);
    }

    int bands() {
        return bands;
    }

    /** The kinds of samples, as a reader names them. */
    SampleType type() {
        String kind = format == FLOAT ? "FLOAT" : format == SIGNED ? "INT" : "UINT";
        return SampleType.valueOf(kind + bits);
    }

    /** @param newFormat of the samples: {@link #UNSIGNED}, {@link #SIGNED} or {@link #FLOAT} */
    TiffMaker samples(int newBits, int newFormat) {
        bits = newBits;
        format = newFormat;
        return this;
    }

    TiffMaker bigEndian() {
        order = ByteOrder.BIG_ENDIAN;
        return this;
    }

    TiffMaker bigTiff() {
        big = true;
        return this;
    }

    TiffMaker planar() {
        planar = true;
        return this;
    }

    TiffMaker deflate() {
        deflate = true;
        return this;
    }

    /** Stores each sample as the difference from the one before, and deflates them. */
    TiffMaker predictor() {
        predictor = true;
        return deflate();
    }

    TiffMaker tiles(int newWidth, int newHeight) {
        tiled = true;
        tileWidth = newWidth;
        tileHeight = newHeight;
        return this;
    }

    TiffMaker strips(int rows) {
        tiled = false;
        tileWidth = width;
        tileHeight = rows;
        return this;
    }

    /** Leaves out every tile of which the first sample is 0. */
    TiffMaker sparse() {
        sparse = true;
        return this;
    }

    /** Writes 0 for the length of every tile. */
    TiffMaker withoutLengths() {
        lengthsUnknown = true;
        return this;
    }

    TiffMaker shorts(int tag, int... values) {
        ByteBuffer bytes = buffer(2 * values.length);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        tags.put(tag, new Tag(SHORT, values.length, bytes.array()));
        return this;
    }

    TiffMaker doubles(int tag, double... values) {
        ByteBuffer bytes = buffer(8 * values.length);
        for (double value : values) {
            bytes.putDouble(value);
        }
        tags.put(tag, new Tag(DOUBLE, values.length, bytes.array()));
        return this;
    }

    TiffMaker text(int tag, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        tags.put(tag, new Tag(2, bytes.length, bytes));
        return this;
    }

    private TiffMaker integers(int tag, boolean wide, long... values) {
        ByteBuffer bytes = buffer((wide ? 8 : 4) * values.length);
        for (long value : values) {
            if (wide) {
                bytes.putLong(value);
            } else {
                bytes.putInt((int) value);
            }
        }
        tags.put(tag, new Tag(wide ? LONG8 : LONG, values.length, bytes.array()));
        return this;
    }

    private ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(order);
    }

    /** Makes a file with all of its pixels. */
    byte[] build(Picture picture) {
        int across = (width + tileWidth - 1) / tileWidth;
        int down = (height + tileHeight - 1) / tileHeight;
        int planes = planar ? bands : 1;
        long[] offsets = new long[planes * across * down];
        long[] counts = new long[offsets.length];
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        int start = big ? 16 : 8;
        for (int i = 0; i < offsets.length; i++) {
            int tile = i % (across * down);
            int x = tile % across * tileWidth;
            int y = tile / across * tileHeight;
            if (sparse && picture.sample(x, y, 0) == 0) {
                continue;
            }
            byte[] bytes = tile(picture, i / (across * down), x, y);
            offsets[i] = start + pixels.size();
            counts[i] = lengthsUnknown ? 0 : bytes.length;
            pixels.writeBytes(bytes);
        }
        return file(offsets, counts, pixels.toByteArray());
    }

    /** Makes a file of any size whose tiles are all the same bytes. */
    byte[] buildOfOneTile(Picture picture) {
        int tiles = (width + tileWidth - 1) / tileWidth * ((height + tileHeight - 1) / tileHeight);
        byte[] bytes = tile(picture, 0, 0, 0);
        long[] offsets = new long[tiles];
        long[] counts = new long[tiles];
        Arrays.fill(offsets, big ? 16 : 8);
        Arrays.fill(counts, bytes.length);
        return file(offsets, counts, bytes);
    }

    private byte[] tile(Picture picture, int plane, int left, int top) {
        int perPixel = planar ? 1 : bands;
        int rows = tiled ? tileHeight : Math.min(tileHeight, height - top);
        ByteBuffer bytes = buffer(rows * ((tileWidth * perPixel * bits + 7) / 8));
        for (int y = top; y < top + rows; y++) {
            double[] before = new double[perPixel];
            for (int x = left; x < left + tileWidth; x++) {
                for (int band = 0; band < perPixel; band++) {
                    boolean inside = x < width && y < height;
                    double sample = inside ? picture.sample(x, y, planar ? plane : band) : 7;
                    put(bytes, predictor ? sample - before[band] : sample);
                    before[band] = sample;
                }
            }
        }
        return deflate ? deflated(bytes.array()) : bytes.array();
    }

    private void put(ByteBuffer bytes, double sample) {
        if (format == FLOAT) {
            if (bits == 32) {
                bytes.putFloat((float) sample);
            } else {
                bytes.putDouble(sample);
            }
        } else {
            switch (bits) {
                case 8 -> bytes.put((byte) (long) sample);
                case 16 -> bytes.putShort((short) (long) sample);
                default -> bytes.putInt((int) (long) sample);
            }
        }
    }

    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        byte[] out = new byte[bytes.length + 100];
        int count = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, count);
    }

    private byte[] file(long[] offsets, long[] counts, byte[] pixels) {
        int[] all = new int[bands];
        Arrays.fill(all, bits);
        int[] formats = new int[bands];
        Arrays.fill(formats, format);
        integers(256, false, width).integers(257, false, height).shorts(258, all);
        shorts(259, deflate ? 8 : 1)
                .shorts(277, bands)
                .shorts(284, planar ? 2 : 1)
                .shorts(339, formats);
        if (!tags.containsKey(262)) {
            shorts(262, bands >= 3 ? 2 : 1);
        }
        int extra = bands - (tags.get(262).value()[order == ByteOrder.LITTLE_ENDIAN ? 0 : 1] == 2 ? 3 : 1);
        if (extra > 0 && !tags.containsKey(338)) {
            shorts(338, new int[extra]);
        }
        if (predictor) {
            shorts(317, 2);
        }
        if (tiled) {
            shorts(322, tileWidth).shorts(323, tileHeight);
            integers(324, big, offsets).integers(325, big, counts);
        } else {
            integers(273, big, offsets).integers(278, false, tileHeight).integers(279, big, counts);
        }
        return assemble(pixels);
    }

    private byte[] assemble(byte[] pixels) {
        int head = big ? 16 : 8;
        int inline = big ? 8 : 4;
        int directory = head + pixels.length + pixels.length % 2;
        int entries = big ? 8 + 20 * tags.size() + 8 : 2 + 12 * tags.size() + 4;
        int outside =
                tags.values().stream().mapToInt(tag -> tag.value().length + 1).sum();
        ByteBuffer file = buffer(directory + entries + outside);
        file.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
        file.putShort((short) (big ? 43 : 42));
        if (big) {
            file.putShort((short) 8).putShort((short) 0).putLong(directory);
        } else {
            file.putInt(directory);
        }
        file.put(pixels).position(directory);
        if (big) {
            file.putLong(tags.size());
        } else {
            file.putShort((short) tags.size());
        }
        int place = directory + entries;
        for (var tag : tags.entrySet()) {
            byte[] value = tag.getValue().value();
            file.putShort(tag.getKey().shortValue())
                    .putShort((short) tag.getValue().type());
            if (big) {
                file.putLong(tag.getValue().count());
            } else {
                file.putInt((int) tag.getValue().count());
            }
            int next = file.position() + inline;
            if (value.length <= inline) {
                file.put(value);
            } else {
                if (big) {
                    file.putLong(place);
                } else {
                    file.putInt(place);
                }
                file.put(place, value);
                place += value.length;
            }
            file.position(next);
        }
        return Arrays.copyOf(file.array(), place);
    }
}
