package org.stegokernels.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.data.Datasets;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor.DType;

class FeatureCacheTest {
    private static final int SIZE = 32;
    private static final int GRID = 4;
    /** Rounding to half precision. */
    private static final float HALF = 0x1p-11f;

    @TempDir
    Path folder;

    private Path file;
    private Device device;
    private Stego model;
    private FeatureSource source;

    @BeforeEach
    void open() throws IOException {
        file = folder.resolve("cache/features.safetensors");
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(Path.of("kernels/reference/vit_micro_p8.safetensors"), device);
        source = new FeatureSource(model.backbone(), model.backboneKey(), FeatureKind.FEAT, SIZE);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        model.close();
        device.close();
    }

    private Dataset dataset(int images) throws IOException {
        Path root = folder.resolve("data");
        Datasets.directory(root, "train", images, 50, 40);
        return Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, root, "train"));
    }

    private FeatureCache.Settings settings(DType type) {
        return new FeatureCache.Settings(file, type, 2);
    }

    /** Returns the backbone's features of one image alone. */
    private float[] expected(Dataset dataset, int index) {
        RgbImage image = Resize.centerCrop(Resize.nearest(dataset.image(index), 40, 32), SIZE, SIZE);
        float[] pixels = new float[3 * SIZE * SIZE];
        ImageTensor.normalized(image, pixels, 0);
        try (Tensor input = device.upload(pixels, 1, 3, SIZE, SIZE)) {
            return device.floats(model.backbone().features(input, FeatureKind.FEAT));
        }
    }

    private void assertHolds(FeatureCache cache, Dataset dataset, float tolerance) {
        int values = GRID * GRID * cache.channels();
        float[] features = new float[values + 3];
        byte[] labels = new byte[SIZE * SIZE];
        float[] embeddings = cache.embeddings();
        assertThat(cache.size()).isEqualTo(dataset.size());
        for (int i = 0; i < dataset.size(); i++) {
            float[] expected = expected(dataset, i);
            cache.features(i, features, 3);
            for (int v = 0; v < values; v++) {
                assertThat(features[3 + v]).isCloseTo(expected[v], within(tolerance * Math.abs(expected[v]) + 1e-7f));
            }
            for (int c = 0; c < cache.channels(); c++) {
                double sum = 0;
                for (int patch = 0; patch < GRID * GRID; patch++) {
                    sum += expected[patch * cache.channels() + c];
                }
                assertThat(embeddings[i * cache.channels() + c])
                        .isCloseTo((float) (sum / (GRID * GRID)), within(1e-6f));
            }
            LabelMap map = Resize.centerCrop(Resize.nearest(dataset.labels(i), 40, 32), SIZE, SIZE);
            cache.labels(i, labels, 0);
            assertThat(labels).isEqualTo(map.labels());
        }
    }

    /** The key is that of version 0.1, whose kept features and checkpoints name it. */
    @Test
    void keysOfEarlierVersionsStayValid() {
        assertThat(model.backboneKey()).isEqualTo("5374641afe01259d2cdaa75f64d7177ac3d62aed4a076cb86809add5bdd666b1");
    }

    @Test
    void holdsWhatTheBackboneMakesOfEachImage() throws IOException {
        Dataset dataset = dataset(5);
        for (DType type : List.of(DType.F16, DType.F32)) {
            List<Integer> progress = new ArrayList<>();
            try (FeatureCache cache =
                    FeatureCache.open(dataset, source, settings(type), (done, total) -> progress.add(done))) {
                assertThat(cache.height()).isEqualTo(GRID);
                assertHolds(cache, dataset, type == DType.F16 ? HALF : 0);
            }
            assertThat(progress).containsExactly(2, 4, 5);
            try (FeatureCache memory = FeatureCache.open(
                    dataset, source, new FeatureCache.Settings(null, type, 3), FeatureCache.Progress.NONE)) {
                assertHolds(memory, dataset, type == DType.F16 ? HALF : 0);
            }
        }
    }

    @Test
    void aLinkInPlaceOfThePartIsNotFollowed() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "kept");
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file.resolveSibling(file.getFileName() + ".part"), precious);
        assertThatThrownBy(() -> FeatureCache.open(dataset(3), source, settings(DType.F16), FeatureCache.Progress.NONE))
                .isInstanceOf(IOException.class);
        assertThat(precious).hasContent("kept");
    }

    @Test
    void isComputedOnceAndReadableByAnyone() throws IOException {
        Dataset dataset = dataset(3);
        FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)
                .close();
        try (FeatureCache again = FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> {
            throw new AssertionError("computed again");
        })) {
            assertHolds(again, dataset, HALF);
        }
        try (Safetensors plain = Safetensors.open(file)) {
            assertThat(plain.names()).containsExactlyInAnyOrder("features.0", "labels.0", "embeddings", "done");
            assertThat(plain.entry("features.0").type()).isEqualTo(DType.F16);
            assertThat(plain.metadata()).containsEntry("dataset", "data-train");
            assertThat(Arrays.copyOf(plain.floats("embeddings"), 4))
                    .isEqualTo(Arrays.copyOf(
                            FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)
                                    .embeddings(),
                            4));
        }
    }

    @Test
    void anotherStateOfTheImagesReplacesTheFile() throws IOException {
        FeatureCache.open(dataset(3), source, settings(DType.F16), FeatureCache.Progress.NONE)
                .close();
        Datasets.write(folder.resolve("data/imgs/train/a1.png"), Datasets.image(50, 40, 99));
        Files.setLastModifiedTime(folder.resolve("data/imgs/train/a1.png"), FileTime.fromMillis(5_000));
        Dataset changed = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder.resolve("data"), "train"));
        try (FeatureCache cache = FeatureCache.open(changed, source, settings(DType.F16), FeatureCache.Progress.NONE)) {
            assertHolds(cache, changed, HALF);
        }
        FeatureSource keys = new FeatureSource(model.backbone(), "x", FeatureKind.KK, SIZE);
        assertThat(FeatureCache.defaultFile(changed, keys, DType.F16))
                .isNotEqualTo(FeatureCache.defaultFile(changed, source, DType.F16))
                .hasFileName(FeatureCache.defaultFile(changed, keys, DType.F16)
                        .getFileName()
                        .toString());
    }

    @Test
    void aRunThatStopsIsTakenUpAgain() throws IOException {
        Dataset dataset = dataset(7);
        assertThatThrownBy(() -> FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> {
                    if (done == 4) {
                        throw new IllegalStateException("stopped");
                    }
                }))
                .hasMessage("stopped");
        assertThat(file).doesNotExist();
        List<Integer> progress = new ArrayList<>();
        try (FeatureCache cache =
                FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> progress.add(done))) {
            assertThat(progress).containsExactly(6, 7);
            assertHolds(cache, dataset, HALF);
        }
        assertThat(folder.resolve("cache/features.safetensors.part")).doesNotExist();
    }

    /** The file as a kill leaves it: whatever was written, but no mark for the last images. */
    @Test
    void aKillAtAnyMomentLosesNothingThatIsMarked() throws IOException {
        Dataset dataset = dataset(6);
        Path part = folder.resolve("cache/features.safetensors.part");
        byte[][] killed = new byte[1][];
        FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> {
                    try {
                        killed[0] = done == 4 ? Files.readAllBytes(part) : killed[0];
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .close();
        byte[] whole = Files.readAllBytes(file);
        int marks = FeatureLayout.of(dataset, source, DType.F16)
                .head()
                .positions()
                .get(FeatureLayout.DONE)
                .intValue();
        byte[] torn = killed[0].clone();
        torn[marks] = 1;
        torn[marks + 1] = 1;
        for (byte[] left : List.of(killed[0], torn, Arrays.copyOf(killed[0], 40), new byte[0])) {
            Files.delete(file);
            Files.write(part, left);
            List<Integer> progress = new ArrayList<>();
            FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> progress.add(done))
                    .close();
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
            assertThat(progress.get(0)).isEqualTo(left == torn ? 4 : 2);
        }
        byte[] unmarked = whole.clone();
        unmarked[marks + 5] = 0;
        Files.write(file, unmarked);
        FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)
                .close();
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }

    @Test
    void badImagesAreNamedAndAllOthersDone() throws IOException {
        Dataset dataset = dataset(5);
        Files.writeString(folder.resolve("data/imgs/train/a1.png"), "not an image");
        Datasets.write(folder.resolve("data/labels/train/a3.png"), Datasets.constant(50, 40, 7));
        List<Integer> progress = new ArrayList<>();
        assertThatThrownBy(() ->
                        FeatureCache.open(dataset, source, settings(DType.F16), (done, total) -> progress.add(done)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 of 5 images can't be used")
                .hasMessageContaining("a1.png: is not an image")
                .hasMessageContaining("a3.png: it has the id 7")
                .hasMessageContaining("take them out");
        assertThat(progress).containsExactly(1, 2, 3);
        assertThat(file).doesNotExist();
    }

    @Test
    void cropsAndUnlabelledImagesAreKeptToo() throws IOException {
        Path photos = folder.resolve("photos");
        Datasets.write(photos.resolve("a.png"), Datasets.image(90, 70, 1));
        Dataset.Settings photographs =
                Dataset.Settings.of(Dataset.Kind.FOLDER, photos, "train").withCrop(CropKind.FIVE, 0.5);
        Dataset dataset = Dataset.open(photographs);
        try (FeatureCache cache = FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)) {
            assertThat(cache.size()).isEqualTo(5);
            assertThat(cache.hasLabels()).isFalse();
            assertThatThrownBy(() -> cache.labels(0, new byte[SIZE * SIZE], 0))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void foreignFilesFullDisksAndASecondRunAreRefused() throws IOException {
        Dataset dataset = dataset(2);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("exists and holds no features");
        assertThat(file).hasContent("precious");
        Files.delete(file);
        assertThatThrownBy(() -> FeatureFileBuilder.requireRoom(file, 2_000_000_000L, 1_000_000_000L))
                .hasMessageContaining("the features take 2.0 GB more, and its disk has 1.0 GB left");
        FeatureLayout layout = FeatureLayout.of(dataset, source, DType.F16);
        try (FeatureFileBuilder first = new FeatureFileBuilder(layout, file)) {
            assertThat(first.has(0)).isFalse();
            assertThatThrownBy(
                            () -> FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE))
                    .hasMessageContaining("another run is computing these features");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 400, 5000})
    void aFileThatWasCutShortIsComputedAnew(int bytes) throws IOException {
        Dataset dataset = dataset(3);
        FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)
                .close();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, bytes));
        if (bytes == 5 || bytes == 400) {
            // So little may be of anything.
            assertThatThrownBy(
                            () -> FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file + ": exists and holds no features; move it away");
            return;
        }
        try (FeatureCache again = FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)) {
            assertHolds(again, dataset, HALF);
        }
        assertThat(file).hasBinaryContent(whole);
    }

    @Test
    void aFileThatIsCutShortWhileInUseIsNamed() throws IOException {
        Dataset dataset = dataset(3);
        try (FeatureCache cache = FeatureCache.open(dataset, source, settings(DType.F16), FeatureCache.Progress.NONE)) {
            Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            float[] features = new float[GRID * GRID * cache.channels()];
            assertThatThrownBy(() -> cache.features(2, features, 0))
                    .isInstanceOf(FeatureCache.StorageException.class)
                    .hasMessageContaining(file + ": it can't be read any more")
                    .hasMessageContaining("delete it and run again");
            assertThatThrownBy(() -> cache.labels(2, new byte[SIZE * SIZE], 0))
                    .isInstanceOf(FeatureCache.StorageException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "F32"})
    void damagedFeaturesAreNamed(DType type) throws IOException {
        Dataset dataset = dataset(3);
        FeatureCache.open(dataset, source, settings(type), FeatureCache.Progress.NONE)
                .close();
        byte[] bytes = Files.readAllBytes(file);
        FeatureLayout layout = FeatureLayout.of(dataset, source, type);
        int begin = layout.head().positions().get(FeatureLayout.features(0)).intValue();
        Arrays.fill(bytes, begin + 100, begin + 200, (byte) 0xFF);
        Files.write(file, bytes);
        try (FeatureCache cache = FeatureCache.open(dataset, source, settings(type), FeatureCache.Progress.NONE)) {
            float[] features = new float[GRID * GRID * cache.channels()];
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 3; i++) {
                            cache.features(i, features, 0);
                        }
                    })
                    .isInstanceOf(FeatureCache.StorageException.class)
                    .hasMessageContaining(file + ": the features of image");
        }
    }

    @Test
    void manyImagesAreCutIntoShards() throws IOException {
        Dataset dataset = dataset(5);
        FeatureLayout one = FeatureLayout.of(dataset, source, DType.F16);
        assertThat(one.shards()).isEqualTo(1);
        FeatureLayout cut = new FeatureLayout(
                one.images(), one.grid(), one.channels(), one.size(), true, DType.F16, 2, one.identity());
        try (FeatureFileBuilder builder = new FeatureFileBuilder(cut, file)) {
            new FeatureBuilder(dataset, source, DType.F16, builder).run(2, FeatureCache.Progress.NONE);
            FeatureStore store = builder.finish();
            float[] out = new float[cut.values()];
            byte[] labels = new byte[cut.pixels()];
            for (int i = 0; i < 5; i++) {
                float[] expected = expected(dataset, i);
                store.features(i, out, 0);
                store.labels(i, labels, 0);
                assertThat(out[17]).isCloseTo(expected[17], within(HALF * Math.abs(expected[17])));
                assertThat(labels)
                        .isEqualTo(Resize.centerSquare(dataset.labels(i), SIZE).labels());
            }
        }
        try (Safetensors plain = Safetensors.open(file)) {
            assertThat(plain.entry("features.2").shape().dim(0)).isEqualTo(1);
        }
    }

    @Test
    void camVidIsRead() throws IOException {
        Path camvid = Path.of("..", "shared", "camvid");
        assumeTrue(Files.isDirectory(camvid), () -> "skipped: " + camvid + " is not there");
        Dataset val = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, camvid, "val"));
        try (FeatureCache cache =
                FeatureCache.open(val, source, FeatureCache.Settings.inMemory(), FeatureCache.Progress.NONE)) {
            assertThat(cache.size()).isEqualTo(101);
            byte[] labels = new byte[SIZE * SIZE];
            cache.labels(100, labels, 0);
            assertThat(labels)
                    .isEqualTo(Resize.centerSquare(val.labels(100), SIZE).labels());
        }
    }
}
