package org.stegokernels.device.cpu;

/**
 * Where points lie in the permutohedral lattice (Adams, Baek and Davis 2010, section 3): which simplex encloses a
 * position, and how much of each corner it takes.
 *
 * <p>A vertex is named by one number. The d + 1 steps to its neighbours along the axes sum to zero, so the vertex is
 * reached from the origin by a unique combination of the first d of them; the coefficients, each moved and multiplied
 * so that none overlaps the next, are added up to a key. A step along an axis then adds a constant to the key.
 */
final class LatticeGeometry {
    /** Room on both sides of a coefficient's range: one step to a neighbour, two for rounding to the enclosing cell. */
    private static final int MARGIN = 3;
    /** Beyond this a float can't tell where in its cell a point lies. */
    private static final double FARTHEST = 1 << 16;

    private final int dims;
    private final float[] scale;
    private final long[] steps;
    private final long[] lowest;

    LatticeGeometry(int dims) {
        this.dims = dims;
        this.scale = new float[dims];
        this.steps = new long[dims + 1];
        this.lowest = new long[dims];
        double blur = Math.sqrt(2.0 / 3) * (dims + 1);
        for (int i = 0; i < dims; i++) {
            scale[i] = (float) (blur / Math.sqrt((i + 1.0) * (i + 2.0)));
        }
    }

    /** What a step along an axis adds to a key. */
    long step(int axis) {
        return steps[axis];
    }

    /**
     * Lays out the keys for points within a box.
     *
     * @throws IllegalArgumentException if the box has a side that is not a number, lies too far out for float
     *     precision, or has too many cells for 63 bits
     */
    void fit(float[] low, float[] high) {
        long step = 1;
        long sum = 0;
        for (int i = 0; i < dims; i++) {
            double from = 0;
            double to = 0;
            for (int j = 0; j < dims; j++) {
                double weight = (coefficient(dims, j) - coefficient(i, j)) * scale[j] / (dims + 1);
                double a = weight * low[j];
                double b = weight * high[j];
                from += Math.min(a, b);
                to += Math.max(a, b);
            }
            double cells = Math.ceil(to) - Math.floor(from) + 2 * MARGIN;
            boolean fits =
                    Math.max(Math.abs(from), Math.abs(to)) < FARTHEST && cells < (double) (Long.MAX_VALUE / step);
            if (!fits) {
                throw new IllegalArgumentException(refusal(low, high));
            }
            lowest[i] = (long) Math.floor(from) - MARGIN;
            steps[i] = step;
            sum += step;
            step *= (long) cells;
        }
        steps[dims] = -sum;
    }

    private String refusal(float[] low, float[] high) {
        StringBuilder box = new StringBuilder();
        for (int i = 0; i < dims; i++) {
            box.append(i == 0 ? "" : " x ")
                    .append('[')
                    .append(low[i])
                    .append(", ")
                    .append(high[i])
                    .append(']');
        }
        return "buildLattice: positions in " + box
                + " can't be placed in a lattice. They must be finite and, counted in"
                + " standard deviations, near enough to the origin for float precision: divide them by larger ones";
    }

    /** How position j, scaled, enters coordinate i of the d + 1 on the lattice's plane. */
    private static int coefficient(int i, int j) {
        if (j >= i) {
            return 1;
        }
        return j == i - 1 ? -i : 0;
    }

    /**
     * Keys and barycentric weights of the corners that enclose the points {@code from} to {@code to - 1}.
     *
     * @param positions {@code [N, d]}
     * @param keys corner k of point p at {@code (p - from) (d + 1) + k}
     * @param weights corner k of point p at {@code p (d + 1) + k}
     */
    void embed(float[] positions, int from, int to, long[] keys, float[] weights) {
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
                keys[(p - from) * corners + k] = key;
                key += steps[axis[k]];
                before = own;
            }
        }
    }

    /** The nearest lattice point of the first kind, in cells of d + 1, the rest, and the order of the rests. */
    private void enclose(float[] positions, int at, float[] fraction, int[] cell, int[] rank) {
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

    /** -1 for a negative number, else 0: a comparison without a branch. */
    private static int negative(float x) {
        return Float.floatToRawIntBits(x) >> 31;
    }
}
