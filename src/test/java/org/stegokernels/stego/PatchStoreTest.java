package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatchStoreTest {
    private static final int CHANNELS = 3;

    /** Patch i holds i, i + 0.25, i + 0.5. */
    private static PatchStore.Patches patches(int rows, int columns, int first) {
        float[] values = new float[rows * columns * CHANNELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = first + i / CHANNELS + 0.25f * (i % CHANNELS);
        }
        return new PatchStore.Patches(rows, columns, values);
    }

    @Test
    void givesBackWhatWasAdded() throws IOException {
        try (PatchStore store = new PatchStore(CHANNELS)) {
            store.add(patches(2, 3, 0));
            store.add(patches(4, 1, 6));
            store.add(patches(1, 1, 10));
            for (int index : new int[] {1, 0, 2}) {
                PatchStore.Patches expected = List.of(patches(2, 3, 0), patches(4, 1, 6), patches(1, 1, 10))
                        .get(index);
                PatchStore.Patches actual = store.get(index);
                assertThat(actual.rows()).isEqualTo(expected.rows());
                assertThat(actual.columns()).isEqualTo(expected.columns());
                assertThat(actual.values()).isEqualTo(expected.values());
            }
        }
    }

    @Test
    void fewPatchesAreAllInTheSample() throws IOException {
        try (PatchStore store = new PatchStore(CHANNELS)) {
            store.add(patches(2, 2, 0));
            assertThat(store.sample(100, 7)).isEqualTo(patches(2, 2, 0).values());
        }
    }

    @Test
    void manyPatchesAreSampledEvenlyAndAlwaysTheSame() throws IOException {
        try (PatchStore store = new PatchStore(CHANNELS)) {
            store.add(patches(50, 10, 0));
            store.add(patches(50, 10, 500));
            float[] sample = store.sample(100, 7);
            assertThat(sample).hasSize(100 * CHANNELS).isEqualTo(store.sample(100, 7));
            assertThat(sample).isNotEqualTo(store.sample(100, 8));
            float[] firsts = new float[100];
            for (int i = 0; i < 100; i++) {
                firsts[i] = sample[i * CHANNELS];
                assertThat(sample[i * CHANNELS + 2]).isEqualTo(firsts[i] + 0.5f);
            }
            Arrays.sort(firsts);
            for (int i = 0; i < 100; i++) {
                assertThat(firsts[i]).isBetween(10f * i, 10f * i + 9);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100})
    void theOrderOfImagesWithKeysChangesNoSample(int count) throws IOException {
        try (PatchStore store = new PatchStore(CHANNELS);
                PatchStore other = new PatchStore(CHANNELS)) {
            List<PatchStore.Patches> images = List.of(patches(20, 10, 0), patches(9, 7, 500), patches(3, 20, 900));
            long[] keys = {7, -3, 5};
            for (int i = 0; i < images.size(); i++) {
                store.add(images.get(i), keys[i]);
            }
            for (int i : new int[] {2, 0, 1}) {
                other.add(images.get(i), keys[i]);
            }
            assertThat(other.sample(count, 7)).isEqualTo(store.sample(count, 7));
        }
    }

    @Test
    void leavesNoFileBehind() throws IOException {
        List<Path> before = files();
        try (PatchStore store = new PatchStore(CHANNELS)) {
            store.add(patches(2, 2, 0));
        }
        assertThat(files()).isEqualTo(before);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.toString().endsWith(".patches"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        String folder = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", "/no/such/folder");
        try {
            assertThatIOException()
                    .isThrownBy(() -> new PatchStore(CHANNELS))
                    .withMessageContaining("/no/such/folder")
                    .withMessageContaining("-Djava.io.tmpdir");
        } finally {
            System.setProperty("java.io.tmpdir", folder);
        }
    }
}
