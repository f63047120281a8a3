package org.stegokernels.raster;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.PixelReader;
import org.stegokernels.image.Resize;
import org.stegokernels.io.FileErrors;
import org.stegokernels.raster.RasterView.Bands;
import org.stegokernels.raster.RasterView.Stretch;

/**
 * A picture of any size, open for reading regions within bounded memory. Of TIFF and BigTIFF the tiles or strips that a
 * region touches are decoded and the last ones kept. JPEG and PNG are decoded once, when the picture is opened, into a
 * temporary file as large as the pixels; it is gone when the picture is closed or the process ends. Other formats are
 * decoded whole in memory and then go there, too.
 *
 * <p>Columns and rows are those of the upright picture, by the EXIF orientation; that of a picture with coordinates is
 * ignored, since these count stored pixels. Palettes, CMYK, YCbCr, Lab and whatever JPEG has compressed in a TIFF are
 * read as 8-bit red, green and blue.
 *
 * <p>Safe for use from many threads, which wait for each other.
 */
public final class Raster implements AutoCloseable {
    /** Enough for any picture there is, and an end to what a damaged header can ask for: 100 gigapixels. */
    public static final ImageReader.Limits USUAL_LIMITS = ImageReader.Limits.DEFAULT.withMaxPixels(100_000_000_000L);

    private final Path file;
    private final SampleSource source;
    private final Turn turn;
    private final GeoReference geoReference;
    private boolean closed;

    private Raster(Path file, SampleSource source, GeoReference geoReference) {
        this.file = file;
        this.source = source;
        this.geoReference = geoReference;
        Samples samples = source.samples();
        turn = new Turn(samples.orientation(), samples.width(), samples.height());
    }

    /** Opens a picture within the {@linkplain #USUAL_LIMITS usual limits}. */
    public static Raster open(Path file) {
        return open(file, USUAL_LIMITS);
    }

    /**
     * Opens a picture.
     *
     * @param limits the timeout is that of decoding a picture that is no TIFF
     * @throws ImageException if there is no such file, it is not an image of a known format, it is damaged, it is beyond the
     *     limits, or there is no room for a temporary file
     */
    public static Raster open(Path file, ImageReader.Limits limits) {
        try {
            return PixelReader.isTiff(file) ? tiff(file, limits, false) : decoded(file, limits, null);
        } catch (IOException e) {
            throw new ImageException(file, FileErrors.reading(file, e));
        }
    }

    /**
     * Opens a TIFF that lies elsewhere than in a file of this machine.
     *
     * @param name what to call it in messages
     * @param bytes closed with the picture, also if this fails
     * @throws ImageException if it is no TIFF that can be read by regions, it is damaged, or it is beyond the limits
     */
    public static Raster open(Path name, Bytes bytes, ImageReader.Limits limits) {
        try {
            TiffFile tiff = TiffFile.open(name, bytes);
            try {
                GeoReference geoReference = GeoReference.of(tiff);
                TiffSource source = TiffSource.of(tiff, geoReference != null, false);
                if (source == null) {
                    throw new ImageException(
                            name, "is no TIFF that can be read by regions", "save it with tiles or strips");
                }
                Raster raster = new Raster(name, source, geoReference);
                requirePixels(name, raster.width(), raster.height(), limits);
                return raster;
            } catch (IOException | RuntimeException e) {
                tiff.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ImageException(name, FileErrors.reading(name, e));
        }
    }

    /**
     * Opens a TIFF of class ids, as {@link RowWriter} writes them, or of anything else in one band: the samples are those of
     * the file, its palette not looked up.
     *
     * @throws ImageException as {@link #open(Path)}, and if it is no TIFF of one band
     */
    public static Raster openLabels(Path file) {
        try {
            if (PixelReader.isTiff(file)) {
                Raster raster = tiff(file, USUAL_LIMITS, true);
                if (raster.bands() == 1) {
                    return raster;
                }
                raster.close();
            }
            throw new ImageException(file, "is no label map: no TIFF of one band", "segment the picture again");
        } catch (IOException e) {
            throw new ImageException(file, FileErrors.reading(file, e));
        }
    }

    private static Raster tiff(Path file, ImageReader.Limits limits, boolean indices) throws IOException {
        TiffFile tiff = TiffFile.open(file);
        try {
            GeoReference geoReference = GeoReference.of(tiff);
            TiffSource source = TiffSource.of(tiff, geoReference != null, indices);
            if (source != null) {
                Raster raster = new Raster(file, source, geoReference);
                requirePixels(file, raster.width(), raster.height(), limits);
                return raster;
            }
            tiff.close();
            return decoded(file, limits, geoReference);
        } catch (IOException | RuntimeException e) {
            tiff.close();
            throw e;
        }
    }

    private static Raster decoded(Path file, ImageReader.Limits limits, GeoReference geoReference) throws IOException {
        Resize.Size size = ImageReader.size(file);
        requirePixels(file, size.width(), size.height(), limits);
        return new Raster(file, DecodedSource.of(file, limits), geoReference);
    }

    private static void requirePixels(Path file, int width, int height, ImageReader.Limits limits) {
        long pixels = (long) width * height;
        if (pixels > limits.maxPixels()) {
            throw new ImageException(
                    file,
                    String.format(
                            Locale.ROOT,
                            "it has %d x %d pixels (%.0f megapixels), over the limit of %.0f",
                            width,
                            height,
                            pixels / 1e6,
                            limits.maxPixels() / 1e6),
                    "scale it down, or raise the limit with --max-pixels");
        }
    }

    /** Returns the file of the picture. */
    public Path file() {
        return file;
    }

    /** Columns of the upright picture. */
    public int width() {
        return turn.width();
    }

    /** Rows of the upright picture. */
    public int height() {
        return turn.height();
    }

    /** Returns the number of bands, opacity too. */
    public int bands() {
        return source.samples().bands();
    }

    /** Returns the kind of number that its samples are. */
    public SampleType sampleType() {
        return source.samples().type();
    }

    /** Returns the value that stands for "no data" by GDAL's tag; NaN always does. */
    public OptionalDouble noData() {
        double value = source.samples().noData();
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** Returns what ties the picture to the ground, if the file says so. */
    public Optional<GeoReference> geoReference() {
        return Optional.ofNullable(geoReference);
    }

    /** Returns the bands that are shown by default: the first three if there are as many, else the first. */
    public Bands standardBands() {
        Samples samples = source.samples();
        int shown = bands() - (samples.alpha() == Samples.NONE ? 0 : 1);
        return shown < 3 ? new Bands(1) : new Bands(1, 2, 3);
    }

    /** Returns the stretch that is done by default: none of 8-bit pictures, 2 to 98% of all others. */
    public Stretch standardStretch() {
        return Stretch.standard(sampleType());
    }

    /**
     * Reads samples as they are stored.
     *
     * @param bands counted from 1
     * @return for each band the samples [height, width] of the region
     * @throws ImageException if the file is damaged there
     * @throws IllegalArgumentException if the region reaches over the border, or there is no such band
     * @throws IllegalStateException if the picture is closed
     */
    public double[][] samples(Region region, int... bands) {
        requireBands(bands);
        double[][] values = new double[bands.length][Math.multiplyExact(region.width(), region.height())];
        read(region, fromZero(bands), (index, i, samples) -> {
            for (int band = 0; band < values.length; band++) {
                values[band][index] = samples[band][i];
            }
        });
        return values;
    }

    /** Returns the picture as it is shown by default. */
    public RasterView view() {
        return view(standardBands(), standardStretch());
    }

    /**
     * Returns the picture in three of its bands, or in one as grey. The percentiles of a stretch are those of up to a
     * million pixels, the same in every run.
     *
     * @throws ImageException if the file is damaged, or lacks one of the bands
     * @throws IllegalStateException if the picture is closed
     */
    public RasterView view(Bands bands, Stretch stretch) {
        for (int number : bands.numbers()) {
            if (number > bands()) {
                throw new ImageException(
                        file, "has no band " + number + " but " + bands(), "choose others with --bands");
            }
        }
        return RasterView.of(this, bands, stretch);
    }

    private void requireBands(int[] bands) {
        for (int band : bands) {
            if (band < 1 || band > bands()) {
                throw new IllegalArgumentException(file + " has bands 1 to " + bands() + ", not " + band);
            }
        }
    }

    static int[] fromZero(int[] bands) {
        return Arrays.stream(bands).map(band -> band - 1).toArray();
    }

    Samples stored() {
        return source.samples();
    }

    /** Takes one pixel. */
    @FunctionalInterface
    interface Pixel {
        /**
         * @param index of the pixel in the region, row by row
         * @param i where its samples are in those of each band
         */
        void accept(int index, int i, double[][] samples);
    }

    /** @param bands from 0 */
    synchronized void read(Region region, int[] bands, Pixel pixel) {
        if (closed) {
            throw new IllegalStateException(file + " is closed");
        }
        region.requireWithin(width(), height());
        try {
            source.read(turn.stored(region), bands, (x, y, count, samples) -> {
                int first = index(region, x, y);
                int step = count > 1 ? index(region, x + 1, y) - first : 0;
                for (int i = 0; i < count; i++) {
                    pixel.accept(first + i * step, i, samples);
                }
            });
        } catch (IOException e) {
            throw new ImageException(file, FileErrors.reading(file, e));
        }
    }

    private int index(Region region, int storedX, int storedY) {
        return (turn.y(storedX, storedY) - region.y()) * region.width() + turn.x(storedX, storedY) - region.x();
    }

    /**
     * Returns a part of this picture as one of its own, without coordinates. It reads through this one, which closing it
     * leaves open.
     *
     * @throws IllegalArgumentException if the region reaches over the border
     */
    Raster part(Region region) {
        region.requireWithin(width(), height());
        Region stored = turn.stored(region);
        Samples whole = source.samples();
        Samples samples = new Samples(
                stored.width(),
                stored.height(),
                whole.bands(),
                whole.type(),
                whole.bits(),
                whole.alpha(),
                whole.premultiplied(),
                whole.whiteIsZero(),
                whole.orientation(),
                whole.noData());
        return new Raster(file, new Part(samples, stored), null);
    }

    /** The samples of a part of this picture. */
    private final class Part implements SampleSource {
        private final Samples samples;
        private final Region within;

        Part(Samples samples, Region within) {
            this.samples = samples;
            this.within = within;
        }

        @Override
        public Samples samples() {
            return samples;
        }

        @Override
        public void read(Region region, int[] bands, Run run) throws IOException {
            Region there =
                    new Region(region.x() + within.x(), region.y() + within.y(), region.width(), region.height());
            synchronized (Raster.this) {
                source.read(
                        there,
                        bands,
                        (x, y, count, values) -> run.accept(x - within.x(), y - within.y(), count, values));
            }
        }

        @Override
        public void close() {}
    }

    /** Closes the file; regions can't be read any more. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            source.close();
        } catch (IOException e) {
            throw new ImageException(file, FileErrors.reading(file, e));
        }
    }

    /** The bytes of a picture wherever it lies, read at any place. One thread at a time. */
    public interface Bytes extends Closeable {
        /** Returns the number of bytes. */
        long size() throws IOException;

        /**
         * Reads some bytes into a buffer, at least one if there is one.
         *
         * @return their number, or -1 at the end
         */
        int read(ByteBuffer target, long position) throws IOException;

        /** Returns those of a file. */
        static Bytes of(FileChannel file) {
            return new Bytes() {
                @Override
                public long size() throws IOException {
                    return file.size();
                }

                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    return file.read(target, position);
                }

                @Override
                public void close() throws IOException {
                    file.close();
                }
            };
        }
    }

    /**
     * A rectangle of pixels.
     *
     * @param x first column
     * @param y first row
     * @param width columns, at least 1
     * @param height rows, at least 1
     */
    public record Region(int x, int y, int width, int height) {
        /**
         * Checks the region.
         *
         * @throws IllegalArgumentException if a side is below 1 or a corner is negative
         */
        public Region {
            if (x < 0 || y < 0 || width < 1 || height < 1) {
                throw new IllegalArgumentException("no region: " + width + "x" + height + " at (" + x + ", " + y + ")");
            }
        }

        /** @throws IllegalArgumentException if a part of it lies outside of a picture of such a size */
        void requireWithin(int pictureWidth, int pictureHeight) {
            if ((long) x + width > pictureWidth || (long) y + height > pictureHeight) {
                throw new IllegalArgumentException("the region " + width + "x" + height + " at (" + x + ", " + y
                        + ") is not within the picture of " + pictureWidth + "x" + pictureHeight);
            }
        }
    }

    /** The kinds of number that samples are. Those of fewer bits are kept in the next larger one. */
    public enum SampleType {
        /** Unsigned, of 8 bits. */
        UINT8(8),
        /** Signed, of 8 bits. */
        INT8(8),
        /** Unsigned, of 16 bits. */
        UINT16(16),
        /** Signed, of 16 bits. */
        INT16(16),
        /** Unsigned, of 32 bits. */
        UINT32(32),
        /** Signed, of 32 bits. */
        INT32(32),
        /** IEEE 754 binary32. */
        FLOAT32(32),
        /** IEEE 754 binary64. */
        FLOAT64(64);

        private final int bits;

        SampleType(int bits) {
            this.bits = bits;
        }

        /** Returns the size of a sample in memory. */
        int bits() {
            return bits;
        }

        boolean isFloat() {
            return this == FLOAT32 || this == FLOAT64;
        }

        boolean isSigned() {
            return this == INT8 || this == INT16 || this == INT32;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
