package org.stegokernels.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageReader;

/**
 * Turns the samples of a grey, RGB or CMYK TIFF into RGB bytes by what its tags say of them, not by the colour model
 * that ImageIO makes of these: extra bands are opacity only if the file says so, and samples need not fill their type.
 * Samples that are no numbers, or GDAL's "no data", come out black.
 *
 * @param colors the number of colour bands, which come first: 1, 3 or 4
 * @param alpha the band of the opacity, or -1
 * @param premultiplied whether the colours have been multiplied with the opacity
 * @param whiteIsZero whether 0 is white
 * @param bits the declared size of a sample
 * @param format the kind of number
 * @param statedMin the smallest value by the tags, or NaN
 * @param statedMax the largest value by the tags, or NaN
 * @param noData the value that stands for none, or NaN
 */
record TiffSamples(
        int colors,
        int alpha,
        boolean premultiplied,
        boolean whiteIsZero,
        int bits,
        Format format,
        double statedMin,
        double statedMax,
        double noData) {

    private static final String RESCALE = "scale its samples to 0 to 255 and save them as 8-bit integers";
    private static final int NONE = -1;

    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int CMYK = 5;
    private static final int OLD_JPEG = 6;
    private static final int JPEG = 7;
    private static final int ASSOCIATED_ALPHA = 1;
    private static final int UNASSOCIATED_ALPHA = 2;
    /**
     * The part by which float samples may lie outside of 0 to 1, or 0 to 255, in parts of it: resampling overshoots.
     */
    private static final double OVERSHOOT = 0.1;

    /** The kinds of number that samples can be. */
    enum Format {
        UNSIGNED,
        SIGNED,
        FLOAT
    }

    /** Maps a sample to a byte: {@code (sample - black) * factor + shift}, rounded down and limited to 0 to 255. */
    private record Scale(double black, double factor, double shift) {
        int apply(double sample) {
            return (int) Math.max(0, Math.min(255, (sample - black) * factor + shift));
        }
    }

    /**
     * Reads how the samples are stored.
     *
     * @return null if the decoder makes the colours, as of palettes, YCbCr, Lab and all that JPEG has compressed
     * @throws ImageException if they are no real numbers
     */
    static TiffSamples of(Path file, TiffHeader header) throws IOException {
        int compression = header.integer(TiffHeader.COMPRESSION, 1);
        int photometric = header.integer(TiffHeader.PHOTOMETRIC, NONE);
        int colors = switch (photometric) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO -> 1;
            case RGB -> 3;
            case CMYK -> 4;
            default -> 0;
        };
        if (colors == 0 || compression == JPEG || compression == OLD_JPEG) {
            return null;
        }
        int alpha = NONE;
        double[] extra = header.numbers(TiffHeader.EXTRA_SAMPLES);
        for (int i = extra.length - 1; i >= 0; i--) {
            if (extra[i] == ASSOCIATED_ALPHA || extra[i] == UNASSOCIATED_ALPHA) {
                alpha = i;
            }
        }
        boolean premultiplied = alpha != NONE && extra[alpha] == ASSOCIATED_ALPHA;
        if (extra.length == 0 && header.integer(TiffHeader.SAMPLES_PER_PIXEL, 1) == colors + 1) {
            // The tag is mandatory, but old writers of RGBA leave it out.
            alpha = 0;
        }
        return new TiffSamples(
                colors,
                alpha == NONE ? NONE : colors + alpha,
                premultiplied,
                photometric == WHITE_IS_ZERO,
                header.integer(TiffHeader.BITS_PER_SAMPLE, 1),
                switch (header.integer(TiffHeader.SAMPLE_FORMAT, 1)) {
                    case 2 -> Format.SIGNED;
                    case 3 -> Format.FLOAT;
                    case 1, 4 -> Format.UNSIGNED;
                    default -> throw new ImageException(file, "its samples are complex numbers", RESCALE);
                },
                header.smallest(TiffHeader.S_MIN_SAMPLE_VALUE, Double.NaN),
                header.largest(TiffHeader.S_MAX_SAMPLE_VALUE, header.largest(TiffHeader.MAX_SAMPLE_VALUE, Double.NaN)),
                header.noData());
    }

    /**
     * Reads the image.
     *
     * @throws ImageException if it can't be known which samples are black and white
     */
    RgbImage read(Path file, ImageReader reader) throws IOException {
        // Otherwise the decoder inverts samples, opacity too, and limits floats to 0 to 1.
        boolean raw = whiteIsZero || format == Format.FLOAT;
        Raster raster = raw ? reader.readRaster(0, null) : reader.read(0).getRaster();
        int opacity = alpha < raster.getNumBands() ? alpha : NONE;
        boolean plain = bits == 8 && format == Format.UNSIGNED && colors < 4 && !whiteIsZero && !premultiplied;
        return plain && Pixels.isBytes(raster)
                ? Pixels.ofBytes(raster, colors == 3, opacity)
                : convert(
                        file,
                        raster,
                        opacity,
                        reader.getRawImageType(0).getColorModel().getColorSpace());
    }

    private RgbImage convert(Path file, Raster raster, int alphaBand, ColorSpace space) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        Scale color = scale(file, raster, 0, colors);
        Scale opacity = alphaBand == NONE ? null : scale(file, raster, alphaBand, alphaBand + 1);
        byte[] rgb = new byte[3 * width * height];
        BufferedImage inks = colors == 4 ? inks(space, width) : null;
        BufferedImage mixed = new BufferedImage(width, 1, BufferedImage.TYPE_INT_ARGB);
        ColorConvertOp mixing = new ColorConvertOp(null);
        int bands = raster.getNumBands();
        double[] row = new double[bands * width];
        byte[] bytes =
                colors == 4 ? ((DataBufferByte) inks.getRaster().getDataBuffer()).getData() : new byte[3 * width];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < colors; band++) {
                    bytes[colors * x + band] = (byte) colorByte(color, row[bands * x + band]);
                }
            }
            if (inks != null) {
                mixing.filter(inks, mixed);
            }
            for (int x = 0; x < width; x++) {
                int over = alphaBand == NONE ? 255 : opacity.apply(value(row[bands * x + alphaBand]));
                for (int channel = 0; channel < 3; channel++) {
                    int value = inks != null
                            ? mixed.getRGB(x, 0) >> (16 - 8 * channel) & 0xFF
                            : bytes[colors == 1 ? x : 3 * x + channel] & 0xFF;
                    rgb[3 * (y * width + x) + channel] =
                            premultiplied ? (byte) Math.min(255, value + 255 - over) : Pixels.overWhite(value, over);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private int colorByte(Scale scale, double stored) {
        double sample = value(stored);
        if (isMissing(sample)) {
            return 0;
        }
        int scaled = scale.apply(sample);
        return whiteIsZero ? 255 - scaled : scaled;
    }

    /** Makes a row of CMYK bytes. */
    private static BufferedImage inks(ColorSpace space, int width) {
        ComponentColorModel model =
                new ComponentColorModel(space, false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
        return new BufferedImage(model, model.createCompatibleWritableRaster(width, 1), false, null);
    }

    private boolean isMissing(double sample) {
        return Double.isNaN(sample) || sample == noData;
    }

    /**
     * Returns a sample's true value. Java has no unsigned 32-bit samples, and the decoder keeps signed bytes as
     * unsigned ones.
     */
    private double value(double stored) {
        if (format == Format.UNSIGNED && stored < 0) {
            return stored + 0x1p32;
        }
        return format == Format.SIGNED && bits == 8 && stored > Byte.MAX_VALUE ? stored - 256 : stored;
    }

    private Scale scale(Path file, Raster raster, int from, int to) {
        if (format == Format.UNSIGNED && bits < 8) {
            return new Scale(0, 255.0 / ((1 << bits) - 1), 0.5);
        }
        if (format == Format.UNSIGNED && bits < 16) {
            return whole(0, bits);
        }
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double[] row = new double[raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            for (int band = from; band < to; band++) {
                raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, band, row);
                for (double stored : row) {
                    double sample = value(stored);
                    if (!isMissing(sample) && !Double.isInfinite(sample)) {
                        min = Math.min(min, sample);
                        max = Math.max(max, sample);
                    }
                }
            }
        }
        if (min > max) {
            throw new ImageException(file, "none of its samples is a number", RESCALE);
        }
        // The tags are mere statistics to many writers: they widen the range, and narrow nothing.
        double low = statedMin < min ? statedMin : min;
        double high = statedMax > max ? statedMax : max;
        return format == Format.FLOAT ? ofFloats(file, low, high) : ofIntegers((long) low, (long) high);
    }

    /** Cameras and scanners put 10 to 14 bits into 16: the fewest bits that hold all samples are those in use. */
    private Scale ofIntegers(long low, long high) {
        boolean negative = low < 0;
        int used = Long.SIZE - Long.numberOfLeadingZeros(Math.max(high, -1 - low)) + (negative ? 1 : 0);
        // One bit less than there are is a dark picture rather than a camera's number of bits.
        int depth = format == Format.UNSIGNED && used == bits - 1 ? bits : Math.max(8, used);
        return whole(negative ? -Math.scalb(1.0, depth - 1) : 0, depth);
    }

    /** Keeps the upper eight of so many bits. */
    private static Scale whole(double black, int depth) {
        return new Scale(black, Math.scalb(1.0, 8 - depth), 0);
    }

    private Scale ofFloats(Path file, double low, double high) {
        for (int white : new int[] {1, 255, 65535}) {
            boolean within = low >= -OVERSHOOT * white && high <= (1 + OVERSHOOT) * white;
            if (within && (white == 1 || high > white / 2.0)) {
                return new Scale(0, 255.0 / white, 0.5);
            }
        }
        if (statedMin < statedMax) {
            return new Scale(statedMin, 255 / (statedMax - statedMin), 0.5);
        }
        throw new ImageException(
                file,
                String.format(
                        Locale.ROOT,
                        "its float samples reach from %.4g to %.4g, and which of them are black and white is not known",
                        low,
                        high),
                RESCALE);
    }
}
