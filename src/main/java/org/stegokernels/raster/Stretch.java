package org.stegokernels.raster;

import java.util.Arrays;

/**
 * Which samples become black and white: percentiles of each band's samples. {@link #NONE} takes the range of the type: all
 * of it for integers, 0 to 1 for floating-point numbers.
 *
 * @param low percentile that is black, 0 to 100
 * @param high percentile that is white
 */
public record Stretch(double low, double high) {
    /** The range of the type, black to white. */
    public static final Stretch NONE = new Stretch(0, 0);

    /** What viewers of satellite pictures do by default, for samples that fill their type as seldom as theirs. */
    public static final Stretch USUAL = new Stretch(2, 98);

    private static final String FORM = "write 2,98 or none";

    /** @throws IllegalArgumentException unless they rise and lie from 0 to 100 */
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

    /** Returns what is done unless told otherwise: nothing to 8-bit pictures, {@link #USUAL} to all others. */
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
        /** A band whose samples are all alike is black. */
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
