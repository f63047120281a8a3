package org.stegokernels.image;

/**
 * A sequence of colours that are easy to tell apart: each is the candidate farthest from all taken before it
 * (Gonzalez 1985, farthest-first traversal), measured in the perceptual space Oklab (Ottosson 2020). Strict arithmetic,
 * so that every machine finds the same colours.
 */
final class DistinctColors {
    private static final int FIRST = 0x4B87D2;
    /** Taken from the start: the ignore label, white borders, and grey for the photograph. */
    private static final int[] AVOIDED = {0x000000, 0xFFFFFF, 0x808080};

    private static final int GRID_STEP = 17;
    /** So many are taken from the pleasant colours: neither pale nor garish, neither dark nor glaring. */
    private static final int PLEASANT = 24;
    /** Differences in lightness count less: the photograph below adds its own. */
    private static final double LIGHTNESS_WEIGHT = 0.8;

    private static final double[] LINEAR = linear();

    private DistinctColors() {}

    /** Returns the first {@code count} colours as 0xRRGGBB. */
    static int[] first(int count) {
        int[] candidates = grid();
        double[][] lab = new double[candidates.length][];
        double[] distance = new double[candidates.length];
        for (int i = 0; i < candidates.length; i++) {
            lab[i] = oklab(candidates[i]);
            distance[i] = Double.MAX_VALUE;
            for (int avoided : AVOIDED) {
                distance[i] = Math.min(distance[i], distance(lab[i], oklab(avoided)));
            }
        }
        int[] colors = new int[count];
        colors[0] = FIRST;
        for (int taken = 1; taken < count; taken++) {
            double[] last = oklab(colors[taken - 1]);
            int farthest = -1;
            for (int i = 0; i < candidates.length; i++) {
                distance[i] = Math.min(distance[i], distance(lab[i], last));
                boolean eligible = taken < PLEASANT ? isPleasant(lab[i]) : isUsable(lab[i]);
                if (eligible && (farthest < 0 || distance[i] > distance[farthest])) {
                    farthest = i;
                }
            }
            colors[taken] = candidates[farthest];
        }
        return colors;
    }

    private static int[] grid() {
        int steps = 255 / GRID_STEP + 1;
        int[] colors = new int[steps * steps * steps];
        int i = 0;
        for (int red = 0; red < 256; red += GRID_STEP) {
            for (int green = 0; green < 256; green += GRID_STEP) {
                for (int blue = 0; blue < 256; blue += GRID_STEP) {
                    colors[i++] = red << 16 | green << 8 | blue;
                }
            }
        }
        return colors;
    }

    private static boolean isPleasant(double[] lab) {
        double chroma = Math.sqrt(lab[1] * lab[1] + lab[2] * lab[2]);
        return lab[0] > 0.45 && lab[0] < 0.9 && chroma > 0.08 && chroma < 0.18;
    }

    private static boolean isUsable(double[] lab) {
        return lab[0] > 0.3 && lab[0] < 0.95;
    }

    private static double distance(double[] a, double[] b) {
        double lightness = LIGHTNESS_WEIGHT * (a[0] - b[0]);
        double greenRed = a[1] - b[1];
        double blueYellow = a[2] - b[2];
        return Math.sqrt(lightness * lightness + greenRed * greenRed + blueYellow * blueYellow);
    }

    /** Lightness 0 to 1, green to red, blue to yellow. */
    static double[] oklab(int rgb) {
        double r = LINEAR[rgb >> 16 & 0xFF];
        double g = LINEAR[rgb >> 8 & 0xFF];
        double b = LINEAR[rgb & 0xFF];
        double l = StrictMath.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = StrictMath.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = StrictMath.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new double[] {
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        };
    }

    /** Returns the light for each value of sRGB, 0 to 1. */
    private static double[] linear() {
        double[] light = new double[256];
        for (int value = 0; value < 256; value++) {
            double v = value / 255.0;
            light[value] = v <= 0.04045 ? v / 12.92 : StrictMath.pow((v + 0.055) / 1.055, 2.4);
        }
        return light;
    }
}
