package org.stegokernels.bench;

import java.util.Random;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;

/** Made-up photographs for the benchmarks: smooth surfaces, edges and sensor noise, which compress like real ones. */
public final class Photographs {
    private Photographs() {}

    static RgbImage photograph(int width, int height) {
        Random random = new Random(7);
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int region = region(x, y, width, height);
                double light = 40 * Math.sin(6.0 * x / width + region) + 30 * Math.cos(5.0 * y / height);
                for (int channel = 0; channel < 3; channel++) {
                    double value = 128 + light + 35 * Math.sin(region * (channel + 1)) + 4 * random.nextGaussian();
                    rgb[3 * (y * width + x) + channel] = (byte) Math.max(0, Math.min(255, (int) value));
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** Draws eleven regions with winding borders. */
    public static LabelMap labels(int width, int height) {
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) region(i % width, i / width, width, height);
        }
        return new LabelMap(width, height, labels);
    }

    private static int region(int x, int y, int width, int height) {
        double u = (double) x / width;
        double v = (double) y / height;
        double wave = Math.sin(9 * u + 3 * Math.sin(7 * v)) + Math.cos(8 * v + 2 * Math.sin(11 * u));
        return (int) Math.floor((wave + 2) / 4.0001 * 11);
    }
}
