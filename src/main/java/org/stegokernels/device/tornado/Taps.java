package org.stegokernels.device.tornado;

/**
 * The taps of a bicubic resize, lines first, then columns, with coordinates in doubles.
 *
 * @param starts the first of the four taps of each
 * @param weights of all four
 */
record Taps(int[] starts, float[] weights) {
    private static final int TAPS = 4;
    private static final double A = -0.75;

    static Taps of(int height, double scaleY, int width, double scaleX) {
        Taps taps = new Taps(new int[height + width], new float[(height + width) * TAPS]);
        for (int i = 0; i < height; i++) {
            taps.put(i, (i + 0.5) / scaleY - 0.5);
        }
        for (int i = 0; i < width; i++) {
            taps.put(height + i, (i + 0.5) / scaleX - 0.5);
        }
        return taps;
    }

    private void put(int at, double coordinate) {
        double cell = Math.floor(coordinate);
        double f = coordinate - cell;
        starts[at] = (int) cell - 1;
        weights[at * TAPS] = (float) far(1 + f);
        weights[at * TAPS + 1] = (float) near(f);
        weights[at * TAPS + 2] = (float) near(1 - f);
        weights[at * TAPS + 3] = (float) far(2 - f);
    }

    /** The cubic within one step of its middle. */
    private static double near(double d) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
    }

    /** And between one and two. */
    private static double far(double d) {
        return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    }
}
