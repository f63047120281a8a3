package org.stegokernels.device.cpu;

import org.stegokernels.device.LatticeKeys;

/**
 * The embedding of points in the permutohedral lattice (Adams, Baek and Davis 2010, section 3): which simplex encloses
 * a position, and how much of each corner it takes.
 */
final class LatticeGeometry {
    private final int dims;
    private final LatticeKeys keys;

    LatticeGeometry(int dims) {
        this.dims = dims;
        this.keys = new LatticeKeys(dims);
    }

    /** Returns the constant that a step along an axis adds to a key. */
    long step(int axis) {
        return keys.steps()[axis];
    }

    /**
     * Lays out the keys for points within boxes.
     *
     * @throws IllegalArgumentException as {@link LatticeKeys#fitAll}
     */
    void fit(float[] boxes) {
        keys.fitAll(boxes);
    }

    /**
     * Keys and barycentric weights of the corners that enclose the points {@code from} to {@code to - 1}.
     *
     * @param positions {@code [N, d]}
     * @param cornerKeys corner k of point p at {@code (p - from) (d + 1) + k}
     * @param weights corner k of point p at {@code p (d + 1) + k}
     */
    void embed(float[] positions, int from, int to, long[] cornerKeys, float[] weights) {
        long[] steps = keys.steps();
        long[] lowest = keys.lowest();
        int corners = dims + 1;
        float[] fraction = new float[corners];
        int[] cell = new int[corners];
        int[] rank = new int[corners];
        int[] axis = new int[corners];
        float toCells = 1f / corners;
        for (int p = from; p < to; p++) {
            enclose(positions, p * dims, fraction, cell, rank);
            for (int i = 0; i < corners; i++) {
                axis[dims - rank[i]] = i;
            }
            long key = 0;
            for (int i = 0; i < dims; i++) {
                key += (cell[dims] - cell[i] - lowest[i]) * steps[i];
            }
            float before = fraction[axis[dims]] - corners;
            for (int k = 0; k < corners; k++) {
                float own = fraction[axis[k]];
                weights[p * corners + k] = (own - before) * toCells;
                cornerKeys[(p - from) * corners + k] = key;
                key += steps[axis[k]];
                before = own;
            }
        }
    }

    /** Finds the nearest lattice point of the first kind, in cells of d + 1, the rest, and the order of the rests. */
    private void enclose(float[] positions, int at, float[] fraction, int[] cell, int[] rank) {
        float[] scale = keys.scale();
        int corners = dims + 1;
        float sum = 0;
        for (int i = dims; i > 0; i--) {
            float x = positions[at + i - 1] * scale[i - 1];
            fraction[i] = sum - i * x;
            sum += x;
        }
        fraction[0] = sum;
        int excess = 0;
        float toCells = 1f / corners;
        for (int i = 0; i < corners; i++) {
            cell[i] = (int) Math.floor(fraction[i] * toCells + 0.5f);
            fraction[i] -= cell[i] * corners;
            excess += cell[i];
        }
        for (int i = 0; i < corners; i++) {
            int larger = excess;
            for (int j = 0; j < i; j++) {
                larger += 1 + negative(fraction[j] - fraction[i]);
            }
            for (int j = i + 1; j < corners; j++) {
                larger -= negative(fraction[i] - fraction[j]);
            }
            rank[i] = larger;
        }
        for (int i = 0; i < corners; i++) {
            if (rank[i] < 0) {
                rank[i] += corners;
                cell[i]++;
                fraction[i] -= corners;
            } else if (rank[i] > dims) {
                rank[i] -= corners;
                cell[i]--;
                fraction[i] += corners;
            }
        }
    }

    /** Returns -1 for a negative number, else 0: a comparison without a branch. */
    private static int negative(float x) {
        return Float.floatToRawIntBits(x) >> 31;
    }
}
