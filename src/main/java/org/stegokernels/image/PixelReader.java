package org.stegokernels.image;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import org.stegokernels.image.Decoders.Decoder;

/**
 * Reads pixels of pictures that are too large for memory: the tiles of a TIFF one by one, and the rows of other formats
 * as they are decoded.
 */
public final class PixelReader {
    private static final ImageReader.Limits UNLIMITED = ImageReader.Limits.DEFAULT.withMaxPixels(Long.MAX_VALUE);
    /** The coefficients of a progressive JPEG, 2 bytes each, are in memory until its last scan. */
    private static final long MOST_COEFFICIENT_BYTES = 1L << 30;

    private static final int CMYK = 4;

    private PixelReader() {}

    /**
     * The layout of a picture's rows.
     *
     * @param width of the stored picture, not yet upright
     * @param bands 1 for grey, 3 for red, green and blue, and one more if there is opacity, which comes last
     * @param bits of a sample: 8, or 16 in big-endian order
     * @param orientation 1 to 8: where row 0 and column 0 belong, as EXIF tag 0x0112 defines it
     */
    public record Layout(int width, int height, int bands, int bits, boolean alpha, int orientation) {
        /** Returns the bytes of a row. */
        public int rowBytes() {
            return Math.multiplyExact(width, bands * bits / 8);
        }
    }

    /**
     * Keeps the rows of a picture. Those of an interlaced one come several times, each time with more pixels. What fails is
     * an {@link ImageException}, which passes through the decoder.
     */
    public interface Rows {
        /** Called before any row; again, if a first decoder fails and a second one tries. */
        void begin(Layout layout);

        /**
         * Takes the next row.
         *
         * @param row samples of all pixels, bands interleaved; reused by the caller
         */
        void put(int y, byte[] row);

        /** Reads a row that was put before, or zeros. */
        void get(int y, byte[] row);
    }

    /**
     * Returns whether a file is a TIFF or BigTIFF, by its first bytes.
     *
     * @throws ImageException if there is no such file, it is not an image of a known format, or it is a TIFF compressed in
     *     a way that can't be read
     */
    public static boolean isTiff(Path file) {
        return ImageReader.open(file, UNLIMITED, input -> {
            ImageFormat format = ImageReader.format(file, input);
            boolean tiff = format == ImageFormat.TIFF || format == ImageFormat.BIG_TIFF;
            if (tiff) {
                TiffCompression.require(file, new TiffHeader(input));
            }
            return tiff;
        });
    }

    /**
     * Decodes a TIFF, one that is small: a tile of a larger one with a header of its own.
     *
     * @param file named in messages
     * @param region what is decoded of it
     * @param colors whether to have the decoder make colours, 8-bit red, green and blue; else samples as they are stored
     * @throws ImageException if it is damaged or of a kind that can't be read
     */
    public static Raster tile(Path file, ImageInputStream tiff, Rectangle region, boolean colors) {
        return ImageReader.guarded(file, UNLIMITED, () -> {
            Deadline none = new Deadline(null);
            return ImageReader.decode(file, none, tiff, Decoders.of(ImageFormat.TIFF), UNLIMITED, reader -> {
                ImageReadParam param = reader.getDefaultReadParam();
                param.setSourceRegion(region);
                return colors ? raster(Pixels.rgb(reader.read(0, param))) : reader.readRaster(0, param);
            });
        });
    }

    private static Raster raster(RgbImage image) {
        return Raster.createInterleavedRaster(
                new DataBufferByte(image.rgb(), image.rgb().length),
                image.width(),
                image.height(),
                3 * image.width(),
                3,
                new int[] {0, 1, 2},
                null);
    }

    /**
     * Decodes a picture once and hands its rows on. JPEG of up to three components and PNG take memory for few rows, however
     * large they are; others are decoded whole and come as RGB, upright.
     *
     * @param limits to those that are decoded whole {@link ImageReader.Limits#maxPixels} applies
     * @throws ImageException as {@link ImageReader#read(Path, ImageReader.Limits)}
     */
    public static void rows(Path file, ImageReader.Limits limits, Rows rows) {
        ImageReader.Limits timed = limits.withMaxPixels(Long.MAX_VALUE);
        boolean streamed = ImageReader.open(file, timed, input -> {
            ImageFormat format = ImageReader.format(file, input);
            int orientation = Exif.orientation(input, format);
            ImageReader.Reading<Boolean> reading = reader -> stream(reader, orientation, rows);
            switch (format) {
                case PNG -> {
                    List<Decoder> decoders = Decoders.of(format);
                    return ImageReader.decode(file, input.deadline(), input, decoders, timed, reading);
                }
                case JPEG -> {
                    JpegHeader header = JpegHeader.read(input);
                    if (header.components().size() >= CMYK) {
                        return false;
                    }
                    return ImageReader.jpeg(file, input, timed, reader -> {
                        requireCoefficients(file, header, reader.getWidth(0), reader.getHeight(0));
                        return reading.from(reader);
                    });
                }
                default -> {
                    return false;
                }
            }
        });
        if (!streamed) {
            RgbImage image = ImageReader.read(file, limits);
            ImageReader.guarded(file, limits, () -> {
                Layout layout = new Layout(image.width(), image.height(), 3, 8, false, Exif.UPRIGHT);
                rows.begin(layout);
                for (int y = 0; y < image.height(); y++) {
                    int from = y * layout.rowBytes();
                    rows.put(y, Arrays.copyOfRange(image.rgb(), from, from + layout.rowBytes()));
                }
                return null;
            });
        }
    }

    private static void requireCoefficients(Path file, JpegHeader header, int width, int height) {
        long bytes = 2L * width * height * header.components().size();
        if (header.progressive() && bytes > MOST_COEFFICIENT_BYTES) {
            throw new ImageException(
                    file,
                    "it is a progressive JPEG, of which up to " + (bytes >> 20) + " MiB must be in memory at once",
                    "save it anew as a JPEG that is not progressive, or as a tiled TIFF");
        }
    }

    private static boolean stream(javax.imageio.ImageReader reader, int orientation, Rows rows) throws IOException {
        ImageTypeSpecifier type = reader.getImageTypes(0).next();
        RowRaster raster = RowRaster.of(type, reader.getWidth(0), reader.getHeight(0), orientation, rows);
        ImageReadParam param = reader.getDefaultReadParam();
        param.setDestination(new BufferedImage(type.getColorModel(), raster, false, null));
        reader.read(0, param);
        raster.flush();
        return true;
    }
}
