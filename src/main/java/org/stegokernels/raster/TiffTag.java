package org.stegokernels.raster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A field of a TIFF directory.
 *
 * @param type of the values, by TIFF 6.0, section 2
 * @param count how many values there are
 * @param value their bytes, in the order of the file
 */
record TiffTag(int number, int type, long count, byte[] value) {
    static final int IMAGE_WIDTH = 256;
    static final int IMAGE_LENGTH = 257;
    static final int BITS_PER_SAMPLE = 258;
    static final int COMPRESSION = 259;
    static final int PHOTOMETRIC = 262;
    static final int FILL_ORDER = 266;
    static final int STRIP_OFFSETS = 273;
    static final int ORIENTATION = 274;
    static final int SAMPLES_PER_PIXEL = 277;
    static final int ROWS_PER_STRIP = 278;
    static final int STRIP_BYTE_COUNTS = 279;
    static final int PLANAR_CONFIGURATION = 284;
    static final int T4_OPTIONS = 292;
    static final int T6_OPTIONS = 293;
    static final int PREDICTOR = 317;
    static final int COLOR_MAP = 320;
    static final int TILE_WIDTH = 322;
    static final int TILE_LENGTH = 323;
    static final int TILE_OFFSETS = 324;
    static final int TILE_BYTE_COUNTS = 325;
    static final int INK_SET = 332;
    static final int NUMBER_OF_INKS = 334;
    static final int EXTRA_SAMPLES = 338;
    static final int SAMPLE_FORMAT = 339;
    static final int JPEG_TABLES = 347;
    static final int YCBCR_COEFFICIENTS = 529;
    static final int YCBCR_SUBSAMPLING = 530;
    static final int YCBCR_POSITIONING = 531;
    static final int REFERENCE_BLACK_WHITE = 532;
    static final int ICC_PROFILE = 34675;
    /** GDAL's: the value of samples that are none, as text. */
    static final int NO_DATA = 42113;

    static final int ASCII = 2;
    static final int SHORT = 3;
    static final int LONG = 4;
    static final int LONG8 = 16;

    static TiffTag shorts(ByteOrder order, int number, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(order);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return new TiffTag(number, SHORT, values.length, bytes.array());
    }

    /** @param values below 2^32 */
    static TiffTag longs(ByteOrder order, int number, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
        for (long value : values) {
            bytes.putInt((int) value);
        }
        return new TiffTag(number, LONG, values.length, bytes.array());
    }

    static TiffTag long8s(ByteOrder order, int number, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(order);
        for (long value : values) {
            bytes.putLong(value);
        }
        return new TiffTag(number, LONG8, values.length, bytes.array());
    }

    static TiffTag ascii(int number, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        return new TiffTag(number, ASCII, bytes.length, bytes);
    }

    /** Returns the size of a value; 1 for types that are not known. */
    static int bytes(int type) {
        return switch (type) {
            case 3, 8 -> 2;
            case 4, 9, 11, 13 -> 4;
            case 5, 10, 12, 16, 17, 18 -> 8;
            default -> 1;
        };
    }
}
