package org.stegokernels.raster;

import java.util.Arrays;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Stretch.Scale;

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

    public Raster raster() {
        return raster;
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
}
