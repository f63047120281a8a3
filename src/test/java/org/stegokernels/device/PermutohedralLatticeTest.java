package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.Lattices;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.LatticeOracle;

/** The lattice, its filter and mean-field inference against a plain lattice in double precision and a true Gaussian. */
class PermutohedralLatticeTest {
    private static final int[] CHANNELS = {1, 2, 7, 16, 27, 33};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void filtersLikeTheOracle(Devices.Choice choice) {
        for (int dims = 1; dims <= 6; dims++) {
            for (int points : new int[] {1, 2, 50, 1500}) {
                float[] positions = ThreadCounts.normal(dims, points * dims, 1, 3);
                LatticeOracle oracle = new LatticeOracle(positions, dims);
                for (int channels : CHANNELS) {
                    float[] x = ThreadCounts.normal(channels, points * channels, 0.5, 1);
                    float[] out = filter(choice, positions, dims, x, channels);
                    check(
                            dims + "-d, " + points + " x " + channels,
                            out,
                            oracle.filter(Comparison.widened(x), channels));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void hasAsManyVerticesAsTheOracle(Devices.Choice choice) {
        float[] positions = ThreadCounts.normal(1, 4000 * 5, 0, 2);
        try (Device device = TestDevices.open(choice);
                Lattice lattice = device.kernels().allocateLattice(4000, 5)) {
            device.kernels().buildLattice(device.upload(positions, 4000, 5), lattice);
            assertThat(lattice.points()).isEqualTo(4000);
            assertThat(lattice.dims()).isEqualTo(5);
            assertThat(lattice.vertices()).isEqualTo(new LatticeOracle(positions, 5).vertices());
        }
    }

    /** The lattice stands in for the sum over all pairs of points. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void approximatesTheGaussian(Devices.Choice choice) {
        for (int dims = 1; dims <= 5; dims++) {
            int points = 3000;
            float[] positions = Lattices.uniform(dims, points * dims, 2.5f);
            float[] x = new float[points];
            for (int p = 0; p < points; p++) {
                x[p] = positions[p * dims];
            }
            float[] out = filter(choice, positions, dims, x, 1);
            Comparison comparison = Comparison.relative(out, gaussian(positions, dims, x), 0.05);
            assertThat(comparison.passed()).as(dims + "-d: " + comparison).isTrue();
        }
    }

    /** All pairs, normalised as the lattice is. */
    private static double[] gaussian(float[] positions, int dims, float[] x) {
        int points = x.length;
        double[] kernel = new double[points * points];
        double[] norm = new double[points];
        for (int i = 0; i < points; i++) {
            for (int j = 0; j < points; j++) {
                double square = 0;
                for (int d = 0; d < dims; d++) {
                    double difference = positions[i * dims + d] - positions[j * dims + d];
                    square += difference * difference;
                }
                kernel[i * points + j] = Math.exp(-square / 2);
                norm[i] += kernel[i * points + j];
            }
        }
        double[] out = new double[points];
        for (int i = 0; i < points; i++) {
            for (int j = 0; j < points; j++) {
                out[i] += kernel[i * points + j] * x[j] / Math.sqrt(norm[i] * norm[j]);
            }
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void pointsOnOneSpotShareEvenly(Devices.Choice choice) {
        float[] positions = new float[40 * 3];
        Arrays.fill(positions, 1.7f);
        float[] x = new float[40];
        x[11] = 1;
        for (float value : filter(choice, positions, 3, x, 1)) {
            assertThat(value).isCloseTo(1f / 40, within(1e-6f));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void pointsFarApartKeepToThemselves(Devices.Choice choice) {
        float[] positions = {-900, 400, 30, 900, -450, 37, 0, 0, 0};
        float[] x = {1, 2, 3, 4, 5, 6};
        assertThat(filter(choice, positions, 3, x, 2)).containsExactly(x, within(1e-5f));
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void refusesPositionsThatNoFloatCanPlace(Devices.Choice choice) {
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e9f, -1e30f}) {
            for (int at : new int[] {0, 7, 14}) {
                float[] positions = new float[5 * 3];
                positions[at] = wrong;
                assertThatThrownBy(() -> filter(choice, positions, 3, new float[5], 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("buildLattice")
                        .hasMessageContaining("standard deviations");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void refusesMoreCellsThanItCanName(Devices.Choice choice) {
        float[] positions = new float[2 * 8];
        Arrays.fill(positions, 8, 16, 9000f);
        positions[8] = -9000;
        assertThatThrownBy(() -> filter(choice, positions, 8, new float[2], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("buildLattice");
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void rebuildsInPlace(Devices.Choice choice) {
        int points = 3000;
        Tensor out;
        try (Device device = TestDevices.open(choice)) {
            long empty = device.allocatedBytes();
            Tensor x = device.upload(ThreadCounts.normal(1, points * 5, 0, 1), points, 5);
            Tensor wide = device.upload(ThreadCounts.normal(2, points * 5, 0, 4), points, 5);
            Tensor narrow = device.upload(ThreadCounts.normal(3, points * 5, 0, 1), points, 5);
            out = device.allocate(points, 5);
            long tensors = device.allocatedBytes();
            Lattice lattice = device.kernels().allocateLattice(points, 5);
            assertThat(device.allocatedBytes()).isGreaterThan(tensors);
            float[][] first = new float[2][];
            long bytes = 0;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 2; i++) {
                    device.kernels().buildLattice(i == 0 ? wide : narrow, lattice);
                    device.kernels().latticeFilter(lattice, x, out);
                    float[] result = device.floats(out);
                    first[i] = round == 0 ? result : first[i];
                    assertThat(result).isEqualTo(first[i]);
                }
                bytes = round == 0 ? device.allocatedBytes() : bytes;
                assertThat(device.allocatedBytes()).as("bytes").isEqualTo(bytes);
            }
            device.checkGuards();
            long used = device.allocatedBytes();
            lattice.close();
            long closed = device.allocatedBytes();
            lattice.close();
            assertThat(device.allocatedBytes()).isEqualTo(closed).isLessThan(used);
            assertThat(empty).isLessThan(tensors);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void infersLikeTheOracle(Devices.Choice choice) {
        int points = 900;
        float[] near = Lattices.uniform(1, points * 2, 20);
        float[] alike = Lattices.uniform(2, points * 5, 4);
        List<LatticeOracle> oracles = List.of(new LatticeOracle(near, 2), new LatticeOracle(alike, 5));
        float[] weights = {1.5f, 4};
        for (int channels : CHANNELS) {
            float[] logits = ThreadCounts.normal(channels, points * channels, -2, 1.5);
            for (int iterations : new int[] {0, 1, 5}) {
                float[] out = ThreadCounts.floats(choice, device -> {
                    Tensor marginals = device.allocate(points, channels);
                    List<Lattice> lattices = List.of(Lattices.build(device, near, 2), Lattices.build(device, alike, 5));
                    Tensor unary = device.upload(logits, points, channels);
                    device.kernels().meanField(unary, lattices, weights, iterations, marginals);
                    return marginals;
                });
                double[] expected = LatticeOracle.meanField(logits, channels, oracles, weights, iterations);
                check(channels + " channels, " + iterations + " iterations", out, expected);
            }
        }
    }

    /** Pixels in rows, enough of them that a device may work tile by tile; the second lattice is too wide for that. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void infersLikeTheOracleOnAGrid(Devices.Choice choice) {
        int width = 96;
        int points = width * 100;
        float[] pixels = new float[points * 2];
        for (int p = 0; p < points; p++) {
            pixels[p * 2] = p % width * 0.9f;
            pixels[p * 2 + 1] = p / width * 0.9f;
        }
        float[] alike = Lattices.uniform(3, points * 3, 6);
        float[] logits = ThreadCounts.normal(4, points * 3, -1, 1.5);
        float[] weights = {2, 1.5f};
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor marginals = device.allocate(points, 3);
            List<Lattice> lattices = List.of(Lattices.build(device, pixels, 2), Lattices.build(device, alike, 3));
            device.kernels().meanField(device.upload(logits, points, 3), lattices, weights, 3, marginals);
            return marginals;
        });
        List<LatticeOracle> oracles = List.of(new LatticeOracle(pixels, 2), new LatticeOracle(alike, 3));
        check("grid", out, LatticeOracle.meanField(logits, 3, oracles, weights, 3));
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void inferenceSurvivesExtremeLogits(Devices.Choice choice) {
        float[] logits = {0, Float.NEGATIVE_INFINITY, -200, 3e38f, 0, -3e38f, 1, 1, 1};
        float[] positions = {0, 0, 0.5f, 0, 0, 0.5f};
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor marginals = device.allocate(3, 3);
            Tensor unary = device.upload(logits, 3, 3);
            device.kernels()
                    .meanField(unary, List.of(Lattices.build(device, positions, 2)), new float[] {1}, 3, marginals);
            return marginals;
        });
        assertThat(out[0]).isCloseTo(1f, within(1e-6f));
        assertThat(out[1]).isZero();
        assertThat(out[3]).isEqualTo(1f);
        assertThat(out[6] + out[7] + out[8]).isCloseTo(1f, within(1e-6f));
        assertThat(out[6]).isGreaterThan(out[7]);
    }

    private static float[] filter(Devices.Choice choice, float[] positions, int dims, float[] x, int channels) {
        return ThreadCounts.floats(choice, device -> {
            int points = positions.length / dims;
            Tensor out = device.allocate(points, channels);
            device.kernels()
                    .latticeFilter(Lattices.build(device, positions, dims), device.upload(x, points, channels), out);
            return out;
        });
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
