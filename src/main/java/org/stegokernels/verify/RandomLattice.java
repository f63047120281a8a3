package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/**
 * The permutohedral lattice and mean-field inference. Positions are drawn well inside the lattice's simplices: on a face
 * the two sides are equally right, and rounding may choose either.
 */
final class RandomLattice {
    /** Smallest barycentric weight of a position. */
    private static final double INSIDE = 0.03;

    private RandomLattice() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("latticeFilter", RandomLattice::latticeFilter);
        trials.put("meanField", RandomLattice::meanField);
        return trials;
    }

    private static Comparison latticeFilter(CheckScope scope, Draw draw) {
        int points = draw.size(1500);
        int dims = draw.between(1, 6);
        int channels = draw.size(40);
        boolean rebuilt = draw.coin();
        draw.note("x [%d, %d], %d dimensions, memory used before %b", points, channels, dims, rebuilt);

        Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, dims));
        if (rebuilt) {
            scope.kernels().buildLattice(scope.input(positions(draw, points, dims), points, dims), lattice);
        }
        float[] positions = positions(draw, points, dims);
        scope.kernels().buildLattice(scope.input(positions, points, dims), lattice);
        LatticeOracle oracle = new LatticeOracle(positions, dims);
        Comparison vertices =
                Comparison.labels(new int[] {lattice.vertices()}, new int[] {oracle.vertices()}, Comparison.EXACT);
        if (!vertices.passed()) {
            return vertices.prefixed("vertices: ");
        }
        float[] x = draw.normal(points * channels);
        Tensor out = scope.output(points, channels);
        scope.kernels().latticeFilter(lattice, scope.input(x, points, channels), out);
        double[] expected = oracle.filter(Comparison.widened(x), channels);
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }

    private static Comparison meanField(CheckScope scope, Draw draw) {
        int points = draw.size(500);
        int channels = draw.size(40);
        int kernels = draw.between(0, 2);
        int iterations = draw.between(0, 4);
        float[] weights = draw.normal(kernels, 2, 1);
        draw.note("logits [%d, %d], %d kernels, %d iterations", points, channels, kernels, iterations);

        List<Lattice> lattices = new ArrayList<>();
        List<LatticeOracle> oracles = new ArrayList<>();
        for (int i = 0; i < kernels; i++) {
            int dims = draw.between(1, 5);
            float[] positions = positions(draw, points, dims);
            Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, dims));
            scope.kernels().buildLattice(scope.input(positions, points, dims), lattice);
            lattices.add(lattice);
            oracles.add(new LatticeOracle(positions, dims));
        }
        float[] logits = draw.normal(points * channels, 0, 2);
        Tensor out = scope.output(points, channels);
        scope.kernels().meanField(scope.input(logits, points, channels), lattices, weights, iterations, out);
        return Comparison.largest(
                scope.device().floats(out),
                LatticeOracle.meanField(logits, channels, oracles, weights, iterations),
                Comparison.MARGINALS);
    }

    /** Returns {@code [points, dims]}: few enough simplices for points to meet, wide enough for some to stay alone. */
    private static float[] positions(Draw draw, int points, int dims) {
        float[] positions = new float[points * dims];
        for (int p = 0; p < points; p++) {
            double[] position = position(draw, dims, dims < 3 ? 6 : 1);
            for (int i = 0; i < dims; i++) {
                positions[p * dims + i] = (float) position[i];
            }
        }
        return positions;
    }

    /**
     * Returns a position in a simplex around one of the vertices whose coordinates are multiples of d + 1 (Adams, Baek
     * and Davis
     * 2010, section 3): corner k of the simplex is k up from the vertex in d + 1 - k coordinates, and k - (d + 1) in the
     * others.
     *
     * @param reach how many multiples of d + 1 a coordinate of the vertex may be away from 0
     */
    private static double[] position(Draw draw, int dims, int reach) {
        int size = dims + 1;
        double[] elevated = new double[size];
        for (int i = 0; i < dims; i++) {
            int multiple = draw.between(-reach, reach) * size;
            elevated[i] += multiple;
            elevated[dims] -= multiple;
        }
        double[] shares = new double[size];
        double total = 0;
        for (int k = 0; k < size; k++) {
            shares[k] = draw.between(0.0, 1.0);
            total += shares[k];
        }
        int[] order = draw.permutation(size);
        for (int k = 0; k < size; k++) {
            double weight = INSIDE + (1 - size * INSIDE) * shares[k] / total;
            for (int i = 0; i < size; i++) {
                elevated[order[i]] += weight * (i < size - k ? k : k - size);
            }
        }
        return lowered(elevated);
    }

    /** Maps the plane of the lattice back to d dimensions, in standard deviations. */
    private static double[] lowered(double[] elevated) {
        int dims = elevated.length - 1;
        double stretch = Math.sqrt(2.0 / 3) * (dims + 1);
        double[] position = new double[dims];
        double above = 0;
        for (int i = dims - 1; i >= 0; i--) {
            double x = (above - elevated[i + 1]) / (i + 1);
            position[i] = x * Math.sqrt((i + 1.0) * (i + 2.0)) / stretch;
            above += x;
        }
        return position;
    }
}
