package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStream;

/**
 * The tags of a TIFF file's first image (TIFF 6.0, section 2; BigTIFF). Only their places are kept; values are read when
 * they are asked for, so that a hostile file costs no more memory than its directory.
 */
final class TiffHeader {
    static final int COMPRESSION = 259;
    static final int BITS_PER_SAMPLE = 258;
    static final int PHOTOMETRIC = 262;
    static final int ORIENTATION = 274;
    static final int SAMPLES_PER_PIXEL = 277;
    static final int MAX_SAMPLE_VALUE = 281;
    static final int EXTRA_SAMPLES = 338;
    static final int SAMPLE_FORMAT = 339;
    static final int S_MIN_SAMPLE_VALUE = 340;
    static final int S_MAX_SAMPLE_VALUE = 341;
    /** GDAL's: the value of samples that are none, as text. */
    static final int NO_DATA = 42113;

    private static final int PROFILE = 34675;
    /** A tag that means nothing and differs from that of the profile in its low byte. */
    private static final int UNKNOWN_TAG = 34687;

    private static final int BLACK_IS_ZERO = 1;
    private static final int SEPARATED = 5;

    /** No tag of those above has more values. */
    private static final int MOST_VALUES = 1 << 10;

    private static final int BIG_TIFF = 43;

    /**
     * @param tag the position of its number in the file
     * @param values the position of its values
     */
    private record Entry(long tag, int type, long count, long values) {}

    private final ImageInputStream input;
    private final Map<Integer, Entry> entries = new HashMap<>();

    /**
     * Reads the directory. Leaves the stream somewhere.
     *
     * @throws IOException if there is none
     */
    TiffHeader(ImageInputStream input) throws IOException {
        this.input = input;
        input.seek(0);
        input.setByteOrder(input.readUnsignedShort() == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        boolean big = input.readUnsignedShort() == BIG_TIFF;
        input.seek(big ? 8 : 4);
        input.seek(offset(big));
        long count = big ? input.readLong() : input.readUnsignedShort();
        int size = big ? 20 : 12;
        if (count < 1 || count > (input.length() - input.getStreamPosition()) / size) {
            throw new IIOException("its directory has " + count + " entries");
        }
        long start = input.getStreamPosition();
        for (long i = 0; i < count; i++) {
            input.seek(start + i * size);
            int tag = input.readUnsignedShort();
            int type = input.readUnsignedShort();
            long values = big ? input.readLong() : input.readUnsignedInt();
            long place = input.getStreamPosition();
            boolean within = values * bytes(type) <= (big ? 8 : 4);
            entries.putIfAbsent(tag, new Entry(start + i * size, type, values, within ? place : offset(big)));
        }
    }

    private long offset(boolean big) throws IOException {
        long offset = big ? input.readLong() : input.readUnsignedInt();
        if (offset < 0 || offset >= input.length()) {
            throw new IIOException("its directory points past the end of the file");
        }
        return offset;
    }

    private static int bytes(int type) {
        return switch (type) {
            case 3, 8 -> 2;
            case 4, 9, 11, 13 -> 4;
            case 5, 10, 12, 16, 17, 18 -> 8;
            default -> 1;
        };
    }

    /** Returns the first value of a tag as an integer, or {@code absent} if the file lacks it. */
    int integer(int tag, int absent) throws IOException {
        double[] values = numbers(tag);
        return values.length == 0 ? absent : (int) values[0];
    }

    /** Returns the values of a tag; none if the file lacks it. */
    double[] numbers(int tag) throws IOException {
        Entry entry = entries.get(tag);
        if (entry == null) {
            return new double[0];
        }
        double[] values = new double[(int) Math.max(0, Math.min(entry.count, MOST_VALUES))];
        input.seek(entry.values);
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (entry.type) {
                case 3 -> input.readUnsignedShort();
                case 4, 13 -> input.readUnsignedInt();
                case 5 -> (double) input.readUnsignedInt() / input.readUnsignedInt();
                case 6 -> input.readByte();
                case 8 -> input.readShort();
                case 9 -> input.readInt();
                case 10 -> (double) input.readInt() / input.readInt();
                case 11 -> input.readFloat();
                case 12 -> input.readDouble();
                case 16, 17, 18 -> input.readLong();
                default -> input.readUnsignedByte();
            };
        }
        return values;
    }

    /** Returns the file without its colour profile, unless that is whole and of the colours of the pixels. */
    ImageInputStream withFittingProfile(FileInput file) throws IOException {
        Entry profile = entries.get(PROFILE);
        int photometric = integer(PHOTOMETRIC, 0);
        int components = photometric == SEPARATED ? 4 : photometric <= BLACK_IS_ZERO ? 1 : 3;
        if (profile == null || IccProfile.fits(file, profile.values, profile.count, components)) {
            return file;
        }
        long lowByte = profile.tag + (file.getByteOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 1);
        return PatchedInput.of(file, Map.of(lowByte, (byte) (UNKNOWN_TAG & 0xFF)));
    }

    /** Returns the value that stands for "no sample here", or NaN. */
    double noData() throws IOException {
        double[] text = numbers(NO_DATA);
        byte[] ascii = new byte[text.length];
        for (int i = 0; i < ascii.length; i++) {
            ascii[i] = (byte) text[i];
        }
        try {
            return Double.parseDouble(new String(ascii, StandardCharsets.US_ASCII).trim());
        } catch (NumberFormatException notANumber) {
            return Double.NaN;
        }
    }

    /** Returns the largest of a tag's values, or {@code absent}. */
    double largest(int tag, double absent) throws IOException {
        return Arrays.stream(numbers(tag)).max().orElse(absent);
    }

    /** Returns the smallest of a tag's values, or {@code absent}. */
    double smallest(int tag, double absent) throws IOException {
        return Arrays.stream(numbers(tag)).min().orElse(absent);
    }
}
