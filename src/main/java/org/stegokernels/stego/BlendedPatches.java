package org.stegokernels.stego;

import java.util.Arrays;

/**
 * The vectors of the patches of a picture of any size, of which only the rows that are needed are in memory: each the mean
 * of those that the windows over it give, weighted by {@link Windows}. One thread at a time.
 */
final class BlendedPatches {
    private final Windows across;
    private final Windows down;
    private final int columns;
    private final int channels;
    private final Encoder encoder;
    /** Null if not in memory. */
    private final float[][] rows;

    private int first;
    private int nextWindows;

    /** Computes the vectors of a window. */
    @FunctionalInterface
    interface Encoder {
        /**
         * @param across its number from left to right
         * @param down its number from top to bottom
         * @return {@code [rows, columns, C]}, valid until the next call; null if nobody needs them
         */
        float[] encode(int across, int down);
    }

    BlendedPatches(int columns, int rows, int channels, Windows across, Windows down, Encoder encoder) {
        this.columns = columns;
        this.channels = channels;
        this.across = across;
        this.down = down;
        this.encoder = encoder;
        this.rows = new float[rows][];
    }

    /**
     * Forgets rows and computes others.
     *
     * @param begin rows above are not needed any more
     * @param end rows above are computed
     */
    void keep(int begin, int end) {
        for (; first < begin; first++) {
            rows[first] = null;
        }
        for (; nextWindows < down.count() && down.begin(nextWindows) < end; nextWindows++) {
            for (int window = 0; window < across.count(); window++) {
                float[] vectors = encoder.encode(window, nextWindows);
                if (vectors != null) {
                    add(vectors, window);
                }
            }
        }
    }

    private void add(float[] vectors, int window) {
        float[] weightsAcross = across.weights(window);
        float[] weightsDown = down.weights(nextWindows);
        int from = 0;
        for (int y = 0; y < weightsDown.length; y++) {
            float[] row = row(down.begin(nextWindows) + y);
            int to = across.begin(window) * channels;
            for (float weightAcross : weightsAcross) {
                float weight = weightsDown[y] * weightAcross;
                for (int c = 0; c < channels; c++) {
                    row[to++] += weight * vectors[from++];
                }
            }
        }
    }

    private float[] row(int y) {
        if (rows[y] == null) {
            rows[y] = new float[columns * channels];
        }
        return rows[y];
    }

    /** Copies a part into the start of an array, {@code [height, width, C]}. Its rows must have been computed. */
    void part(int left, int top, int width, int height, float[] target) {
        for (int y = 0; y < height; y++) {
            int to = y * width * channels;
            if (rows[top + y] == null) {
                Arrays.fill(target, to, to + width * channels, 0);
            } else {
                System.arraycopy(rows[top + y], left * channels, target, to, width * channels);
            }
        }
    }
}
