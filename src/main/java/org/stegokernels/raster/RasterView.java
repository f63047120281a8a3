package org.stegokernels.raster;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.Raster.SampleType;
import org.stegokernels.raster.RasterView.Stretch.Scale;

/** A picture as a photograph: three of its bands, or one as grey, in 8 bits. Safe for use from many threads. */
public final class RasterView {
    /** The percentiles of larger pictures are taken from windows of so many pixels a side, in a grid of so many. */
    private static final int WINDOW = 64;

    private static final int GRID = 16;
    private static final int MOST_SAMPLES = WINDOW * WINDOW * GRID * GRID;

    private final Raster raster;
    private final int[] bands;
    /** The bands, and that of the opacity if there is one. */
    private final int[] read;

    private final Scale[] scales;

    private RasterView(Raster raster, int[] bands, Scale[] scales) {
        this.raster = raster;
        this.bands = bands;
        this.scales = scales;
        int alpha = raster.stored().alpha();
        read = Arrays.copyOf(bands, bands.length + (alpha == Samples.NONE ? 0 : 1));
        if (alpha != Samples.NONE) {
            read[bands.length] = alpha;
        }
    }

    /**
     * A region of a picture.
     *
     * @param image its colours; black where there is nothing
     * @param valid for each pixel, row by row, whether there is something: false where it has "no data" or no opacity.
     *     Labels are {@link org.stegokernels.image.LabelMap#IGNORE} there
     */
    public record Tile(RgbImage image, boolean[] valid) {}

    static RasterView of(Raster raster, Bands shown, Stretch stretch) {
        int[] bands = Raster.fromZero(shown.numbers());
        Scale[] scales = new Scale[bands.length];
        Arrays.fill(scales, Scale.ofType(raster.stored()));
        RasterView view = new RasterView(raster, bands, scales);
        if (!stretch.equals(Stretch.NONE)) {
            view.stretch(stretch);
        }
        return view;
    }

    private void stretch(Stretch stretch) {
        double[][] values = new double[bands.length][MOST_SAMPLES];
        int[] counts = new int[bands.length];
        Samples stored = raster.stored();
        long pixels = (long) raster.width() * raster.height();
        int grid = pixels <= MOST_SAMPLES ? 1 : GRID;
        for (int row = 0; row < grid; row++) {
            for (int column = 0; column < grid; column++) {
                Region window = grid == 1
                        ? new Region(0, 0, raster.width(), raster.height())
                        : window(raster.width(), column, raster.height(), row);
                raster.read(window, read, (index, i, samples) -> {
                    boolean hidden = read.length > bands.length && samples[bands.length][i] == 0;
                    for (int band = 0; band < bands.length && !hidden; band++) {
                        double sample = samples[band][i];
                        if (!stored.isMissing(sample) && !Double.isInfinite(sample)) {
                            values[band][counts[band]++] = sample;
                        }
                    }
                });
            }
        }
        for (int band = 0; band < bands.length; band++) {
            scales[band] = stretch.scale(Arrays.copyOf(values[band], counts[band]));
        }
    }

    /** Returns the middle of a cell of the grid, or all of the cell if it is smaller than the window. */
    private static Region window(int width, int column, int height, int row) {
        int left = (int) ((long) width * column / GRID);
        int right = (int) ((long) width * (column + 1) / GRID);
        int top = (int) ((long) height * row / GRID);
        int bottom = (int) ((long) height * (row + 1) / GRID);
        int w = Math.max(1, Math.min(WINDOW, right - left));
        int h = Math.max(1, Math.min(WINDOW, bottom - top));
        return new Region((left + right - w) / 2, (top + bottom - h) / 2, w, h);
    }

    /** Returns the picture that is looked at. */
    public Raster raster() {
        return raster;
    }

    /**
     * Returns a part of the picture as one of its own, in the colours of the whole.
     *
     * @throws IllegalArgumentException if the region reaches over the border
     */
    public RasterView part(Region region) {
        return new RasterView(raster.part(region), bands, scales);
    }

    /**
     * Reads a region. Opacity is laid over white, as on a page.
     *
     * @throws ImageException if the file is damaged there
     * @throws IllegalArgumentException if the region reaches over the border
     * @throws IllegalStateException if the picture is closed
     */
    public Tile read(Region region) {
        int pixels = Math.multiplyExact(region.width(), region.height());
        byte[] rgb = new byte[Math.multiplyExact(3, pixels)];
        boolean[] valid = new boolean[pixels];
        Samples stored = raster.stored();
        raster.read(region, read, (index, i, samples) -> {
            double opacity = read.length > bands.length ? samples[bands.length][i] / stored.opaque() : 1;
            boolean any = false;
            for (int channel = 0; channel < 3; channel++) {
                int band = bands.length == 1 ? 0 : channel;
                double sample = samples[band][i];
                boolean missing = stored.isMissing(sample);
                any |= !missing;
                rgb[3 * index + channel] = (byte) color(stored, missing ? 0 : shown(stored, band, sample), opacity);
            }
            valid[index] = any && opacity > 0;
        });
        return new Tile(new RgbImage(region.width(), region.height(), rgb), valid);
    }

    private int shown(Samples stored, int band, double sample) {
        int value = scales[band].apply(sample);
        return stored.whiteIsZero() ? 255 - value : value;
    }

    private static int color(Samples stored, int value, double opacity) {
        if (opacity >= 1) {
            return value;
        }
        double white = 255 * (1 - opacity);
        return (int) Math.min(255, (stored.premultiplied() ? value : value * opacity) + white + 0.5);
    }

    /**
     * The bands that are shown as red, green and blue, or the one that is shown as grey. Counted from 1, as GDAL does.
     *
     * @param numbers one or three; not copied
     */
    public record Bands(int... numbers) {
        /**
         * Checks the bands.
         *
         * @throws IllegalArgumentException if there are not one or three, or one is below 1
         */
        public Bands {
            if (numbers.length != 1 && numbers.length != 3) {
                throw new IllegalArgumentException("one band (grey) or three (red,green,blue) are shown, not "
                        + numbers.length + ": write 1 or 4,3,2");
            }
            if (Arrays.stream(numbers).anyMatch(number -> number < 1)) {
                throw new IllegalArgumentException("bands are counted from 1: " + text(numbers));
            }
        }

        /**
         * Reads a list: {@code "4,3,2"} or {@code "1"}.
         *
         * @throws IllegalArgumentException if it is none
         */
        public static Bands parse(String list) {
            try {
                return new Bands(Arrays.stream(list.split(",", -1))
                        .mapToInt(number -> Integer.parseInt(number.strip()))
                        .toArray());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("no list of bands: \"" + list + "\"; write 1 or 4,3,2", e);
            }
        }

        private static String text(int[] numbers) {
            return Arrays.stream(numbers).mapToObj(String::valueOf).collect(Collectors.joining(","));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bands bands && Arrays.equals(bands.numbers, numbers);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers);
        }

        @Override
        public String toString() {
            return text(numbers);
        }
    }

    /**
     * The samples that become black and white: percentiles of each band's samples. {@link #NONE} takes the range of the
     * type: all of it for integers, 0 to 1 for floating-point numbers.
     *
     * @param low percentile that is black, 0 to 100
     * @param high percentile that is white
     */
    public record Stretch(double low, double high) {
        /** The range of the type, black to white. */
        public static final Stretch NONE = new Stretch(0, 0);

        /** The default of viewers of satellite pictures, for samples that fill their type as seldom as theirs. */
        public static final Stretch USUAL = new Stretch(2, 98);

        private static final String FORM = "write 2,98 or none";

        /**
         * Checks the percentiles.
         *
         * @throws IllegalArgumentException unless they rise and lie from 0 to 100
         */
        public Stretch {
            boolean none = low == 0 && high == 0;
            if (!none && !(low >= 0 && low < high && high <= 100)) {
                throw new IllegalArgumentException(
                        "percentiles rise and lie between 0 and 100, unlike " + low + "," + high + "; " + FORM);
            }
        }

        /**
         * Reads {@code "2,98"} or {@code "none"}.
         *
         * @throws IllegalArgumentException if it is neither
         */
        public static Stretch parse(String text) {
            if (text.strip().equals("none")) {
                return NONE;
            }
            String[] parts = text.split(",", -1);
            try {
                if (parts.length == 2) {
                    return new Stretch(Double.parseDouble(parts[0].strip()), Double.parseDouble(parts[1].strip()));
                }
            } catch (NumberFormatException notNumbers) {
                throw new IllegalArgumentException("no pair of percentiles: \"" + text + "\"; " + FORM, notNumbers);
            }
            throw new IllegalArgumentException("no pair of percentiles: \"" + text + "\"; " + FORM);
        }

        /** Returns what is done by default: nothing to 8-bit pictures, {@link #USUAL} to all others. */
        static Stretch standard(SampleType type) {
            return type == SampleType.UINT8 ? NONE : USUAL;
        }

        /** Returns the scale of one band. */
        Scale scale(double[] values) {
            if (values.length == 0) {
                return Scale.between(0, 0);
            }
            Arrays.sort(values);
            double black = percentile(values, low);
            double white = percentile(values, high);
            return Scale.between(black, white);
        }

        /** Interpolates between the nearest two, as numpy does. */
        private static double percentile(double[] sorted, double percentile) {
            double at = percentile / 100 * (sorted.length - 1);
            int below = (int) at;
            double above = sorted[Math.min(below + 1, sorted.length - 1)];
            return sorted[below] + (at - below) * (above - sorted[below]);
        }

        /** Maps samples to bytes: {@code (sample - black) * factor + shift}, rounded down and limited to 0 to 255. */
        record Scale(double black, double factor, double shift) {
            /** Returns the scale between two values. A band whose samples are all alike is black. */
            static Scale between(double black, double white) {
                return new Scale(black, white > black ? 255 / (white - black) : 0, 0.5);
            }

            /** Returns the scale of the type's whole range. */
            static Scale ofType(Samples samples) {
                if (samples.type().isFloat()) {
                    return between(0, 1);
                }
                double lowest = samples.type().isSigned() ? -Math.scalb(1.0, samples.bits() - 1) : 0;
                // Up to 8 bits 255 is white; above, the upper byte is kept, as ImageReader does.
                return samples.bits() <= 8
                        ? between(lowest, lowest + Math.scalb(1.0, samples.bits()) - 1)
                        : new Scale(lowest, Math.scalb(1.0, 8 - samples.bits()), 0);
            }

            int apply(double sample) {
                return (int) Math.max(0, Math.min(255, (sample - black) * factor + shift));
            }
        }
    }
}
