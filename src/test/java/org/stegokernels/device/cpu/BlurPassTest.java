package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.Lattices;

/** The blur in passes: every axis, in order, and no component of a pass in two blocks. */
class BlurPassTest {
    @ParameterizedTest
    @CsvSource({"5, 3, 1", "5, 3, 3", "5, 12, 2", "2, 20, 2", "1, 4, 2"})
    void everyAxisIsBlurredOnceAndInOrder(int dims, float spread, int threads) {
        try (Device device = Devices.choose("cpu").open(new Device.Options(threads, true))) {
            PermutohedralLattice lattice = cloud(device, dims, spread);
            LatticeNeighbors neighbors = lattice.neighbors();
            int axis = 0;
            for (BlurPass pass : lattice.passes()) {
                for (LatticeChains chain : pass.chains()) {
                    assertThat(linksOf(chain, lattice.vertices()))
                            .as("axis %d", axis)
                            .isEqualTo(linksOf(neighbors, axis++, lattice.vertices()));
                }
            }
            assertThat(axis).isEqualTo(dims + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"8", "16", "32", "48", "64", "96", "160"})
    void theSpareRowsOfTheWorkersShareNoCacheLines(int width) {
        int zeros = 100;
        int before = zeros;
        for (int worker = 0; worker < 4; worker++) {
            int spare = LatticeLanes.spare(zeros, worker, width);
            assertThat((spare - before - 1) * width)
                    .as("floats between the rows %d and %d", before, spare)
                    .isGreaterThanOrEqualTo(LatticeLanes.APART);
            before = spare;
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 3, 0, 3", "5, 12, 2, 4", "2, 8, 0, 1"})
    void blocksHoldWholeComponents(int dims, float spread, int first, int last) {
        try (Device device = Devices.choose("cpu").open(new Device.Options(2, true))) {
            PermutohedralLattice lattice = cloud(device, dims, spread);
            LatticeNeighbors neighbors = lattice.neighbors();
            int vertices = lattice.vertices();
            LatticeComponents components = LatticeComponents.find(neighbors, first, last, vertices, 16, vertices);

            int[] sorted = components.order().clone();
            Arrays.sort(sorted);
            assertThat(sorted).isEqualTo(range(vertices));
            int[] blocks = new int[vertices];
            for (int block = 0; block < components.starts().length - 1; block++) {
                assertThat(components.starts()[block + 1] - components.starts()[block] >= 16
                                || block == components.starts().length - 2)
                        .isTrue();
                for (int i = components.starts()[block]; i < components.starts()[block + 1]; i++) {
                    blocks[components.order()[i]] = block;
                }
            }
            for (int axis = first; axis < last; axis++) {
                for (int v = 0; v < vertices; v++) {
                    int after = neighbors.after(axis)[v];
                    assertThat(after == VertexTable.ABSENT || blocks[after] == blocks[v])
                            .isTrue();
                }
            }
        }
    }

    @Test
    void aComponentThatIsTooLargeIsRefused() {
        try (Device device = Devices.choose("cpu").open(new Device.Options(1, true))) {
            PermutohedralLattice lattice = cloud(device, 2, 3);
            int vertices = lattice.vertices();
            assertThat(LatticeComponents.find(lattice.neighbors(), 0, 3, vertices, 16, vertices))
                    .isNotNull();
            assertThat(LatticeComponents.find(lattice.neighbors(), 0, 3, vertices, 16, 2))
                    .isNull();
        }
    }

    private static int[] range(int count) {
        int[] range = new int[count];
        Arrays.setAll(range, i -> i);
        return range;
    }

    /** Points that follow each other are near each other, as pixels are. */
    private static PermutohedralLattice cloud(Device device, int dims, float spread) {
        Random random = new Random(dims);
        float[] positions = new float[3000 * dims];
        for (int i = 0; i < positions.length; i++) {
            float before = i < dims || random.nextInt(50) == 0 ? spread * random.nextFloat() : positions[i - dims];
            positions[i] = before + 0.2f * (float) random.nextGaussian();
        }
        return (PermutohedralLattice) Lattices.build(device, positions, dims);
    }

    private static Set<List<Integer>> linksOf(LatticeChains chain, int end) {
        int[] entries = chain.entries();
        List<List<Integer>> links = new ArrayList<>();
        for (int i = 0; i < entries.length - 1; i++) {
            if (entries[i] != end && entries[i + 1] != end) {
                links.add(List.of(entries[i], entries[i + 1]));
            }
        }
        assertThat(links).doesNotHaveDuplicates();
        return new HashSet<>(links);
    }

    private static Set<List<Integer>> linksOf(LatticeNeighbors neighbors, int axis, int vertices) {
        Set<List<Integer>> links = new HashSet<>();
        for (int v = 0; v < vertices; v++) {
            if (neighbors.after(axis)[v] != VertexTable.ABSENT) {
                links.add(List.of(v, neighbors.after(axis)[v]));
                assertThat(neighbors.before(axis)[neighbors.after(axis)[v]]).isEqualTo(v);
            }
        }
        return links;
    }
}
