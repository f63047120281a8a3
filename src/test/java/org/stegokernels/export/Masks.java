package org.stegokernels.export;

import java.util.Random;
import org.stegokernels.image.LabelMap;

/** Label maps for tests. */
final class Masks {
    private Masks() {}

    /** Returns a map drawn with characters: digits and letters are class ids 0 to 35, a dot is ignored. */
    static LabelMap of(String... rows) {
        int width = rows[0].length();
        byte[] labels = new byte[width * rows.length];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < width; x++) {
                char c = rows[y].charAt(x);
                labels[y * width + x] = (byte) (c == '.' ? LabelMap.IGNORE : Character.digit(c, 36));
            }
        }
        return new LabelMap(width, rows.length, labels);
    }

    /** Returns a map as {@link #of} draws it, rows separated by spaces. */
    static String drawn(LabelMap map) {
        StringBuilder drawn = new StringBuilder();
        for (int y = 0; y < map.height(); y++) {
            drawn.append(y == 0 ? "" : " ");
            for (int x = 0; x < map.width(); x++) {
                int label = map.label(x, y);
                drawn.append(label == LabelMap.IGNORE ? '.' : Character.forDigit(label, 36));
            }
        }
        return drawn.toString();
    }

    /** Returns a map whose pixels are independent: many small objects that touch in every way. */
    static LabelMap noise(int width, int height, int classes, double ignored, long seed) {
        Random random = new Random(seed);
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (random.nextDouble() < ignored ? LabelMap.IGNORE : random.nextInt(classes));
        }
        return new LabelMap(width, height, labels);
    }

    /** Returns a map of rounded patches of some size, as a segmentation has. */
    static LabelMap patches(int width, int height, int classes, int size, long seed) {
        Random random = new Random(seed);
        int seeds = Math.max(classes, width * height / (size * size));
        double[] x = random.doubles(seeds, 0, width).toArray();
        double[] y = random.doubles(seeds, 0, height).toArray();
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            double px = i % width + 3 * Math.sin(i / width / 7.0);
            double py = i / width + 3 * Math.sin(i % width / 5.0);
            int nearest = 0;
            for (int s = 1; s < seeds; s++) {
                if (Math.hypot(px - x[s], py - y[s]) < Math.hypot(px - x[nearest], py - y[nearest])) {
                    nearest = s;
                }
            }
            labels[i] = (byte) (nearest % classes);
        }
        return new LabelMap(width, height, labels);
    }
}
