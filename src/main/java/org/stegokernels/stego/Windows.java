package org.stegokernels.stego;

import java.util.stream.IntStream;

/**
 * The places of windows along one side of a picture, counted in patches: one every half window, the last one flush with the
 * border. Weights rise from the border of a window to its middle as a cosine does, and those of all windows over a patch sum
 * to 1: where there is one, it is 1 exactly.
 *
 * <p>Half a window, since moving the windows by a quarter of one then changes the fewest labels: 8% of those of a meadow at
 * its own size, whose classes hang on little, and 1 to 2% of a street and a temple. Windows that share a quarter change 11 to
 * 15% of the meadow when moved by half of one; those that share five eighths 6%, at twice the time.
 */
final class Windows {
    private final int length;
    private final int[] begins;
    private final float[][] weights;

    private Windows(int length, int[] begins, int patches) {
        this.length = length;
        this.begins = begins;
        double[] sums = new double[patches];
        for (int begin : begins) {
            for (int i = 0; i < length; i++) {
                sums[begin + i] += bell(i);
            }
        }
        weights = new float[begins.length][length];
        for (int window = 0; window < begins.length; window++) {
            for (int i = 0; i < length; i++) {
                weights[window][i] = (float) (bell(i) / sums[begins[window] + i]);
            }
        }
    }

    private double bell(int i) {
        double sine = Math.sin(Math.PI * (i + 0.5) / length);
        return sine * sine;
    }

    /**
     * @param patches of the side
     * @param length of a window, if the side is as long
     * @param shift by how much all windows but those at the borders lie farther left or up, less than half a window
     */
    static Windows of(int patches, int length, int shift) {
        int fitting = Math.min(patches, length);
        int last = patches - fitting;
        int step = Math.max(1, length / 2);
        int[] begins = IntStream.iterate(-shift, begin -> begin < last + step, begin -> begin + step)
                .map(begin -> Math.max(0, Math.min(begin, last)))
                .distinct()
                .toArray();
        return new Windows(fitting, begins, patches);
    }

    int count() {
        return begins.length;
    }

    /** Returns the patches of a window. */
    int length() {
        return length;
    }

    /** Returns the first patch of a window. */
    int begin(int window) {
        return begins[window];
    }

    /** Returns the weights of the patches of a window. */
    float[] weights(int window) {
        return weights[window];
    }
}
