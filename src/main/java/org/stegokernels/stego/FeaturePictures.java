package org.stegokernels.stego;

import java.io.IOException;
import java.util.Arrays;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/** Pictures of the features and the attention of images, one square of pixels for each patch. */
public final class FeaturePictures {
    /** Beyond this many standard deviations a colour is full. */
    private static final double RANGE = 2;

    /** Principal components, each a colour. */
    private static final int COMPONENTS = 3;
    /** The colour map viridis (van der Walt and Smith 2015) in nine steps, dark to bright. */
    private static final int[] VIRIDIS = {
        0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725
    };

    /** Enough patches to find three directions, few enough to take no time. */
    private static final int SAMPLE = 10_000;

    private final PrincipalComponents components;
    private final int patch;

    private FeaturePictures(PrincipalComponents components, int patch) {
        this.components = components;
        this.patch = patch;
    }

    /**
     * Chooses colours for the features of a set of images, which can then be compared: like colours are like features.
     *
     * @param store the features of all images
     * @param patch side of a patch in the pictures, in pixels
     * @throws IOException if the store can't be read
     */
    public static FeaturePictures of(PatchStore store, int patch) throws IOException {
        return new FeaturePictures(
                PrincipalComponents.of(store.sample(SAMPLE, 0), store.channels(), COMPONENTS), patch);
    }

    /** Paints the first three principal components of an image's features as red, green and blue. */
    public RgbImage components(PatchStore.Patches patches) {
        int count = patches.rows() * patches.columns();
        int channels = components.mean().length;
        byte[] rgb = new byte[3 * count];
        for (int i = 0; i < count; i++) {
            double[] coordinates = components.project(patches.values(), i * channels);
            for (int c = 0; c < 3; c++) {
                double deviation = Math.max(components.deviations()[c], 1e-12);
                rgb[3 * i + c] = level(0.5 + coordinates[c] / (2 * RANGE * deviation));
            }
        }
        return enlarged(rgb, patches.rows(), patches.columns(), patch);
    }

    /**
     * Paints how much one head of the class token attends to each patch, from dark for the least in the image to bright
     * for what one patch in a hundred exceeds: the few that draw most attention would leave all others black.
     *
     * @param weights {@code [rows, columns]} from {@code offset} on
     * @param patch side of a patch in the picture, in pixels
     */
    public static RgbImage attention(float[] weights, int offset, int rows, int columns, int patch) {
        int count = rows * columns;
        float[] sorted = Arrays.copyOfRange(weights, offset, offset + count);
        Arrays.sort(sorted);
        float least = sorted[0];
        float range = Math.max(sorted[count - 1 - count / 100] - least, Float.MIN_NORMAL);
        byte[] rgb = new byte[3 * count];
        for (int i = 0; i < count; i++) {
            paint(Math.min((weights[offset + i] - least) / range, 1), rgb, 3 * i);
        }
        return enlarged(rgb, rows, columns, patch);
    }

    private static void paint(double value, byte[] rgb, int at) {
        double position = value * (VIRIDIS.length - 1);
        int low = Math.min((int) position, VIRIDIS.length - 2);
        for (int c = 0; c < 3; c++) {
            int shift = 16 - 8 * c;
            int from = VIRIDIS[low] >> shift & 0xFF;
            int to = VIRIDIS[low + 1] >> shift & 0xFF;
            rgb[at + c] = level((from + (position - low) * (to - from)) / 255);
        }
    }

    private static byte level(double value) {
        return (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
    }

    private static RgbImage enlarged(byte[] rgb, int rows, int columns, int patch) {
        return Resize.nearest(new RgbImage(columns, rows, rgb), columns * patch, rows * patch);
    }
}
