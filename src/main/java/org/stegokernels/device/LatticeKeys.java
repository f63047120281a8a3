package org.stegokernels.device;

import java.util.Arrays;

/**
 * Names for the vertices of a permutohedral lattice (Adams, Baek and Davis 2010, section 3), the same on every device.
 *
 * <p>A vertex is named by one number. The d + 1 steps to its neighbours along the axes sum to zero, so the vertex is
 * reached from the origin by a unique combination of the first d of them; the coefficients, each moved and multiplied
 * so that none overlaps the next, are added up to a key. A step along an axis then adds a constant to the key.
 */
public final class LatticeKeys {
    /** Room on both sides of a coefficient's range: one step to a neighbour, two for rounding to the enclosing cell. */
    private static final int MARGIN = 3;
    /** Beyond this a float can't tell where in its cell a point lies. */
    private static final double FARTHEST = 1 << 16;

    private final int dims;
    private final float[] scale;
    private final long[] steps;
    private final long[] lowest;
    private int bits;

    /** Makes keys for positions in {@code dims} dimensions; {@link #fit} comes before any key. */
    public LatticeKeys(int dims) {
        this.dims = dims;
        this.scale = new float[dims];
        this.steps = new long[dims + 1];
        this.lowest = new long[dims];
        // Rounded on the way, and multiplied rather than divided, as pydensecrf does: a last bit decides in which
        // simplex a
        // point on a face lies.
        float blur = (float) (Math.sqrt(2.0 / 3) * (dims + 1));
        for (int i = 0; i < dims; i++) {
            scale[i] = (float) (1 / Math.sqrt((i + 1.0) * (i + 2.0)) * blur);
        }
    }

    /** Returns the factor of each coordinate before it is embedded: {@code [dims]}, to be read only. */
    public float[] scale() {
        return scale;
    }

    /**
     * Returns the constant that a step along each axis adds to a key: {@code [dims + 1]}, to be read only, for the
     * box fitted last.
     */
    public long[] steps() {
        return steps;
    }

    /** Returns the least value of each coefficient: {@code [dims]}, to be read only, for the box fitted last. */
    public long[] lowest() {
        return lowest;
    }

    /** Returns the bits of the largest key, for the box fitted last. */
    public int bits() {
        return bits;
    }

    /**
     * Lays out the keys for points within a box.
     *
     * @param low its least coordinates, {@code [dims]}
     * @param high its largest, {@code [dims]}
     * @throws IllegalArgumentException if the box has a side that is not a number, lies too far out for float
     *     precision, or has too many cells for 63 bits
     */
    public void fit(float[] low, float[] high) {
        long step = 1;
        long sum = 0;
        for (int i = 0; i < dims; i++) {
            double from = 0;
            double to = 0;
            for (int j = 0; j < dims; j++) {
                double weight = (coefficient(dims, j) - coefficient(i, j)) * scale[j] / (dims + 1);
                from += Math.min(weight * low[j], weight * high[j]);
                to += Math.max(weight * low[j], weight * high[j]);
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
        bits = Long.SIZE - Long.numberOfLeadingZeros(step - 1);
    }

    /**
     * Lays out the keys for points within several boxes, which share the work of finding them.
     *
     * @param boxes the least coordinates of a box, then its largest, {@code [boxes, 2, dims]}
     * @throws IllegalArgumentException as {@link #fit}
     */
    public void fitAll(float[] boxes) {
        float[] low = new float[dims];
        float[] high = new float[dims];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(high, Float.NEGATIVE_INFINITY);
        for (int box = 0; box < boxes.length; box += 2 * dims) {
            for (int i = 0; i < dims; i++) {
                low[i] = Math.min(low[i], boxes[box + i]);
                high[i] = Math.max(high[i], boxes[box + dims + i]);
            }
        }
        fit(low, high);
    }

    private String refusal(float[] low, float[] high) {
        StringBuilder box = new StringBuilder();
        for (int i = 0; i < dims; i++) {
            box.append(i == 0 ? "[" : " x [")
                    .append(low[i])
                    .append(", ")
                    .append(high[i])
                    .append(']');
        }
        return "buildLattice: positions in " + box
                + " can't be placed in a lattice. They must be finite and, counted in"
                + " standard deviations, near enough to the origin for float precision: divide them by larger ones";
    }

    /** Returns the factor by which position j enters coordinate i of the d + 1 on the lattice's plane. */
    private static int coefficient(int i, int j) {
        if (j >= i) {
            return 1;
        }
        return j == i - 1 ? -i : 0;
    }
}
