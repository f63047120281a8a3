package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.Lattices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.LatticeOracle;

/** The composed filter of sparse lattices against the lattice's own steps, plain loops in double precision, and its choice. */
class SparseFilterTest {
    private static final int POINTS = 3000;

    /** Points barely share vertices, but reach each other through the blur: 3 to 10 weights a row. */
    @ParameterizedTest
    @CsvSource({"2, 120", "3, 32", "4, 16", "5, 12", "6, 8"})
    void composesSplatBlurAndSlice(int dims, float side) {
        int channels = 3;
        float[] positions = Lattices.uniform(dims, POINTS * dims, side);
        double[] x = Comparison.widened(ThreadCounts.normal(dims, POINTS * channels, 0.5, 1));
        try (Device device = open(2)) {
            PermutohedralLattice lattice = build(device, positions, dims);
            SparseRows rows = lattice.composed();
            assertThat(rows).isNotNull();
            assertThat(lattice.vertices() / (double) (POINTS * (dims + 1))).isGreaterThan(0.75);
            assertThat(rows.starts()[POINTS] / (double) POINTS).isBetween(3.0, 10.0);

            double[] product = product(rows, x, channels, POINTS);
            check(product, throughTheLattice(lattice, x, channels));
            check(product, new LatticeOracle(positions, dims).filter(x, channels));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:scalar"})
    void filtersLikeTheOracle(String name) {
        for (int channels : new int[] {1, 7, 27, 33}) {
            float[] positions = Lattices.uniform(5, POINTS * 5, 12);
            float[] x = ThreadCounts.normal(channels, POINTS * channels, 0.5, 1);
            float[] out = ThreadCounts.floats(Devices.choose(name), device -> {
                Tensor filtered = device.allocate(POINTS, channels);
                device.kernels()
                        .latticeFilter(
                                Lattices.build(device, positions, 5), device.upload(x, POINTS, channels), filtered);
                return filtered;
            });
            double[] expected = new LatticeOracle(positions, 5).filter(Comparison.widened(x), channels);
            assertPassed(Comparison.relative(out, expected, Comparison.FORWARD));
        }
    }

    /** A sparse lattice alone, two of them, and with one that comes in tiles and one that is filtered as a whole. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:scalar"})
    void infersLikeTheOracle(String name) {
        int width = 96;
        int points = width * 50;
        float[] pixels = new float[points * 2];
        for (int p = 0; p < points; p++) {
            pixels[p * 2] = p % width * 0.9f;
            pixels[p * 2 + 1] = p / width * 0.9f;
        }
        List<float[]> positions = List.of(
                Lattices.uniform(6, points * 5, 13),
                pixels,
                Lattices.uniform(7, points * 3, 40),
                Lattices.uniform(8, points * 3, 6));
        int[] dims = {5, 2, 3, 3};
        float[] weights = {3, 2, 1.5f, 1};
        float[] logits = ThreadCounts.normal(9, points * 5, -1, 1.5);
        for (int[] used : new int[][] {{0}, {0, 1}, {0, 2}, {3, 2, 1, 0}}) {
            float[] chosen = new float[used.length];
            List<LatticeOracle> oracles = new ArrayList<>();
            for (int i = 0; i < used.length; i++) {
                chosen[i] = weights[used[i]];
                oracles.add(new LatticeOracle(positions.get(used[i]), dims[used[i]]));
            }
            float[] out = ThreadCounts.floats(Devices.choose(name), device -> {
                List<Lattice> lattices = new ArrayList<>();
                for (int i : used) {
                    lattices.add(Lattices.build(device, positions.get(i), dims[i]));
                }
                Tensor marginals = device.allocate(points, 5);
                device.kernels().meanField(device.upload(logits, points, 5), lattices, chosen, 3, marginals);
                return marginals;
            });
            assertPassed(Comparison.relative(
                    out, LatticeOracle.meanField(logits, 5, oracles, chosen, 3), Comparison.FORWARD));
        }
    }

    /**
     * With the weight of the CRF, against the lattice's own steps. Ten iterations magnify rounding: the lattice itself,
     * in single precision, is then as far from these loops.
     */
    @ParameterizedTest
    @CsvSource({"1, 1e-6", "10, 1e-5"})
    void infersLikeTheLattice(int iterations, double tolerance) {
        int classes = 27;
        float[] positions = Lattices.uniform(10, POINTS * 5, 12);
        float[] logits = ThreadCounts.normal(11, POINTS * classes, -1, 1.5);
        try (Device device = open(2)) {
            PermutohedralLattice lattice = build(device, positions, 5);
            assertThat(lattice.composed()).isNotNull();
            Tensor marginals = device.allocate(POINTS, classes);
            Tensor unary = device.upload(logits, POINTS, classes);
            device.kernels().meanField(unary, List.of(lattice), new float[] {4}, iterations, marginals);
            double[] expected = throughTheLattice(lattice, logits, classes, 4, iterations);
            assertPassed(Comparison.largest(device.floats(marginals), expected, tolerance));
        }
    }

    /** Four points far apart, two on one spot, have three vertices for four corners, the fewest that are composed. */
    @Test
    void choosesByTheShareOfVertices() {
        for (int dims = 1; dims <= 5; dims++) {
            float[] positions = new float[401 * dims];
            for (int p = 0; p < 401; p++) {
                int spot = p % 4 == 3 ? p - 1 : p % 400;
                for (int i = 0; i < dims; i++) {
                    positions[p * dims + i] = 0.3f + 0.17f * i + (i == 0 ? 20 * spot : 0);
                }
            }
            float[] x = ThreadCounts.normal(dims, 401 * 2, 0, 1);
            for (int points : new int[] {400, 401}) {
                float[] used = Arrays.copyOf(positions, points * dims);
                float[] values = Arrays.copyOf(x, points * 2);
                try (Device device = open(1)) {
                    PermutohedralLattice lattice = build(device, used, dims);
                    assertThat(lattice.vertices()).isEqualTo(300 * (dims + 1));
                    assertThat(lattice.composed() != null).isEqualTo(points == 400);
                    Tensor out = device.allocate(points, 2);
                    device.kernels().latticeFilter(lattice, device.upload(values, points, 2), out);
                    double[] expected = new LatticeOracle(used, dims).filter(Comparison.widened(values), 2);
                    assertPassed(Comparison.relative(device.floats(out), expected, Comparison.FORWARD));
                }
            }
        }
    }

    /** Vertices enough, but too many points within reach of each other; then a sparse lattice in the same memory. */
    @Test
    void leavesRowsOfManyWeightsToTheLattice() {
        float[] near = Lattices.uniform(5, POINTS * 5, 8);
        float[] far = Lattices.uniform(5, POINTS * 5, 12);
        float[] x = ThreadCounts.normal(12, POINTS * 3, 0, 1);
        try (Device device = open(2)) {
            PermutohedralLattice lattice = build(device, far, 5);
            Tensor out = device.allocate(POINTS, 3);
            for (int round = 0; round < 2; round++) {
                for (float[] positions : List.of(near, far)) {
                    device.kernels().buildLattice(device.upload(positions, POINTS, 5), lattice);
                    assertThat(lattice.vertices()).isGreaterThan(POINTS * 6 * 3 / 4);
                    assertThat(lattice.composed() != null).isEqualTo(positions == far);
                    device.kernels().latticeFilter(lattice, device.upload(x, POINTS, 3), out);
                    double[] expected = new LatticeOracle(positions, 5).filter(Comparison.widened(x), 3);
                    assertPassed(Comparison.relative(device.floats(out), expected, Comparison.FORWARD));
                }
            }
        }
    }

    /** A grid in six dimensions whose points reach more vertices than a row may have. */
    @Test
    void leavesRowsOfManyVerticesToTheLattice() {
        float[] positions = Lattices.uniform(13, 400 * 6, 2.2f);
        try (Device device = open(1)) {
            PermutohedralLattice lattice = build(device, positions, 6);
            SparseFilter filter = new SparseFilter(lattice, new Parallel(1));
            assertThat(filter.compose()).isNull();
        }
    }

    private static double[] product(SparseRows rows, double[] x, int channels, int count) {
        double[] out = new double[count * channels];
        for (int r = 0; r < count; r++) {
            for (int e = rows.starts()[r]; e < rows.starts()[r + 1]; e++) {
                for (int c = 0; c < channels; c++) {
                    out[r * channels + c] += rows.weights()[e] * x[rows.columns()[e] * channels + c];
                }
            }
        }
        return out;
    }

    private static double[] throughTheLattice(PermutohedralLattice lattice, double[] x, int channels) {
        int vertices = lattice.vertices();
        double[] values = product(lattice.splat(), x, channels, vertices);
        for (int axis = 0; axis <= lattice.dims(); axis++) {
            int[] after = lattice.neighbors().after(axis);
            double[] blurred = values.clone();
            for (int v = 0; v < vertices; v++) {
                for (int c = 0; c < channels && after[v] != VertexTable.ABSENT; c++) {
                    blurred[v * channels + c] += values[after[v] * channels + c] / 2;
                    blurred[after[v] * channels + c] += values[v * channels + c] / 2;
                }
            }
            values = blurred;
        }
        return product(lattice.slice(), values, channels, lattice.points());
    }

    private static double[] throughTheLattice(
            PermutohedralLattice lattice, float[] logits, int classes, float weight, int iterations) {
        double[] marginals = LatticeOracle.softmax(Comparison.widened(logits), classes);
        for (int iteration = 0; iteration < iterations; iteration++) {
            double[] filtered = throughTheLattice(lattice, marginals, classes);
            for (int i = 0; i < filtered.length; i++) {
                filtered[i] = logits[i] + weight * filtered[i];
            }
            marginals = LatticeOracle.softmax(filtered, classes);
        }
        return marginals;
    }

    private static Device open(int threads) {
        return Devices.choose("cpu").open(new Device.Options(threads, true));
    }

    private static PermutohedralLattice build(Device device, float[] positions, int dims) {
        return (PermutohedralLattice) Lattices.build(device, positions, dims);
    }

    private static void check(double[] actual, double[] expected) {
        float[] rounded = new float[actual.length];
        for (int i = 0; i < actual.length; i++) {
            rounded[i] = (float) actual[i];
        }
        assertPassed(Comparison.relative(rounded, expected, Comparison.FORWARD));
    }

    private static void assertPassed(Comparison comparison) {
        assertThat(comparison.passed()).as(comparison.toString()).isTrue();
    }
}
