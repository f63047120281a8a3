package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The specification of the permutohedral lattice and of mean-field inference: plain loops in double precision, vertices
 * named by their coordinates and found in a hash map (Adams, Baek and Davis 2010; Kraehenbuehl and Koltun 2011).
 *
 * <p>A position in d dimensions is put on the plane of d + 1 coordinates whose sum is zero, stretched so that the blur,
 * whose variance is that of (1/4, 1/2, 1/4) along each axis and of splatting and slicing, has standard deviation 1. The
 * vertices are the integer points of the plane whose coordinates are equal modulo d + 1.
 */
public final class LatticeOracle {
    private static final double EPSILON = 1e-20;

    private final int points;
    private final int dims;
    /** True if cells and rests are those of the catalogue's arithmetic in binary32. */
    private final boolean floats;

    private final Map<List<Integer>, Integer> vertices = new HashMap<>();
    /** The numbers of each point's d + 1 corners. */
    private final int[][] corners;
    /** The barycentric weights of each point's corners. */
    private final double[][] weights;

    private final double[] norm;

    /**
     * Builds the lattice.
     *
     * @param positions {@code [N, d]}, divided by their standard deviations
     * @param dims d
     */
    public LatticeOracle(float[] positions, int dims) {
        this(positions, dims, false);
    }

    /** Builds the lattice of those corners that the catalogue's arithmetic in binary32 chooses, on faces of simplices too. */
    static LatticeOracle embeddedAsFloats(float[] positions, int dims) {
        return new LatticeOracle(positions, dims, true);
    }

    private LatticeOracle(float[] positions, int dims, boolean floats) {
        this.points = positions.length / dims;
        this.dims = dims;
        this.floats = floats;
        this.corners = new int[points][dims + 1];
        this.weights = new double[points][dims + 1];
        for (int p = 0; p < points; p++) {
            double[] position = new double[dims];
            for (int i = 0; i < dims; i++) {
                position[i] = positions[p * dims + i];
            }
            enclose(floats ? elevateAsFloats(position) : elevate(position), corners[p], weights[p]);
        }
        this.norm = new double[points];
        Arrays.fill(norm, 1);
        double[] ones = norm.clone();
        double[] sums = filter(ones, 1);
        for (int p = 0; p < points; p++) {
            norm[p] = 1 / Math.sqrt(sums[p] + EPSILON);
        }
    }

    /** Returns the number of vertices with a point in one of their simplices. */
    public int vertices() {
        return vertices.size();
    }

    /** Projects onto the plane: the product with the triangular basis of Adams et al., section 3.1. */
    private double[] elevate(double[] position) {
        double[] elevated = new double[dims + 1];
        double stretch = Math.sqrt(2.0 / 3) * (dims + 1);
        for (int i = 0; i < dims; i++) {
            double x = position[i] * stretch / Math.sqrt((i + 1.0) * (i + 2.0));
            for (int j = 0; j <= i; j++) {
                elevated[j] += x;
            }
            elevated[i + 1] -= (i + 1) * x;
        }
        return elevated;
    }

    /** As {@link #elevate}, every operation rounded to a float, in the order of the catalogue. */
    private double[] elevateAsFloats(double[] position) {
        double[] elevated = new double[dims + 1];
        float stretch = (float) (Math.sqrt(2.0 / 3) * (dims + 1));
        float sum = 0;
        for (int i = dims; i > 0; i--) {
            float scale = (float) (1 / Math.sqrt(i * (i + 1.0)) * stretch);
            float x = (float) position[i - 1] * scale;
            elevated[i] = sum - i * x;
            sum = sum + x;
        }
        elevated[0] = sum;
        return elevated;
    }

    /** Finds the corners of the simplex around a point, created if new, and the point's barycentric coordinates. */
    private void enclose(double[] elevated, int[] corner, double[] weight) {
        int size = dims + 1;
        int[] origin = new int[size];
        int sum = 0;
        for (int i = 0; i < size; i++) {
            origin[i] = cell(elevated[i]) * size;
            sum += origin[i];
        }
        List<Integer> order = descending(elevated, origin);
        for (; sum > 0; sum -= size) {
            int last = order.remove(dims);
            origin[last] -= size;
            order.add(0, last);
        }
        for (; sum < 0; sum += size) {
            int first = order.remove(0);
            origin[first] += size;
            order.add(first);
        }
        int[] vertex = origin.clone();
        for (int k = 0; k < size; k++) {
            List<Integer> key = IntStream.of(vertex).boxed().toList();
            vertices.putIfAbsent(key, vertices.size());
            corner[k] = vertices.get(key);
            int before = order.get((dims - k + 1) % size);
            int own = order.get(dims - k);
            double above = (elevated[own] - origin[own]) / size;
            double below = (elevated[before] - origin[before]) / size;
            weight[k] = k == 0 ? 1 + above - below : above - below;
            for (int i = 0; i < size; i++) {
                vertex[i] += i == own ? -dims : 1;
            }
        }
    }

    /** Coordinates from the one that is farthest above its origin to the one farthest below. */
    private List<Integer> descending(double[] elevated, int[] origin) {
        List<Integer> order =
                new ArrayList<>(IntStream.rangeClosed(0, dims).boxed().toList());
        order.sort(Comparator.comparingDouble(i -> floats ? origin[i] - (float) elevated[i] : origin[i] - elevated[i]));
        return order;
    }

    private int cell(double elevated) {
        return floats
                ? (int) Math.floor((float) elevated * (1f / (dims + 1)) + 0.5f)
                : (int) Math.floor(elevated / (dims + 1) + 0.5);
    }

    /**
     * Returns the symmetrically normalised filter, {@code out = norm * L(norm * x)}.
     *
     * @param x {@code [N, C]}
     * @return {@code [N, C]}
     */
    public double[] filter(double[] x, int channels) {
        double[][] values = new double[vertices.size()][channels];
        for (int p = 0; p < points; p++) {
            for (int k = 0; k <= dims; k++) {
                for (int c = 0; c < channels; c++) {
                    values[corners[p][k]][c] += weights[p][k] * norm[p] * x[p * channels + c];
                }
            }
        }
        for (int axis = 0; axis <= dims; axis++) {
            values = blur(values, axis, channels);
        }
        double gain = 1 / (1 + Math.pow(2, -dims));
        double[] out = new double[points * channels];
        for (int p = 0; p < points; p++) {
            for (int k = 0; k <= dims; k++) {
                for (int c = 0; c < channels; c++) {
                    out[p * channels + c] += gain * norm[p] * weights[p][k] * values[corners[p][k]][c];
                }
            }
        }
        return out;
    }

    private double[][] blur(double[][] values, int axis, int channels) {
        double[][] out = new double[values.length][channels];
        double[] none = new double[channels];
        vertices.forEach((key, vertex) -> {
            Integer before = vertices.get(neighbour(key, axis, -1));
            Integer after = vertices.get(neighbour(key, axis, 1));
            double[] a = before == null ? none : values[before];
            double[] b = after == null ? none : values[after];
            for (int c = 0; c < channels; c++) {
                out[vertex][c] = values[vertex][c] + 0.5 * (a[c] + b[c]);
            }
        });
        return out;
    }

    private List<Integer> neighbour(List<Integer> key, int axis, int direction) {
        return IntStream.rangeClosed(0, dims)
                .mapToObj(i -> key.get(i) + direction * (i == axis ? -dims : 1))
                .toList();
    }

    /**
     * Runs mean-field inference: {@code Q = softmax(logits)}, then so many times {@code Q = softmax(logits + sum_i
     * kernelWeights[i] filter_i(Q))}.
     *
     * @param logits {@code [N, C]}
     * @return {@code [N, C]}
     */
    public static double[] meanField(
            float[] logits, int channels, List<LatticeOracle> lattices, float[] kernelWeights, int iterations) {
        double[] unary = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            unary[i] = logits[i];
        }
        double[] marginals = softmax(unary, channels);
        for (int iteration = 0; iteration < iterations; iteration++) {
            double[] sum = unary.clone();
            for (int k = 0; k < lattices.size(); k++) {
                double[] filtered = lattices.get(k).filter(marginals, channels);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += kernelWeights[k] * filtered[i];
                }
            }
            marginals = softmax(sum, channels);
        }
        return marginals;
    }

    /** Computes the softmax over the channels of each row of {@code [points, channels]}. */
    public static double[] softmax(double[] x, int channels) {
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double max = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < channels; c++) {
                max = Math.max(max, x[row + c]);
            }
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                out[row + c] = Math.exp(x[row + c] - max);
                sum += out[row + c];
            }
            for (int c = 0; c < channels; c++) {
                out[row + c] /= sum;
            }
        }
        return out;
    }
}
