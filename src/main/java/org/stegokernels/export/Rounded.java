package org.stegokernels.export;

/** Numbers with no more digits than they mean. */
final class Rounded {
    private Rounded() {}

    /** Returns the nearest number with so many decimals. */
    static double to(double value, int decimals) {
        double scale = Math.pow(10, decimals);
        return Math.rint(value * scale) / scale;
    }
}
