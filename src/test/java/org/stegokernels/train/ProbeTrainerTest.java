package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Datasets;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.train.ProbeTrainer.Example;
import org.stegokernels.train.ProbeTrainer.Taught;
import org.stegokernels.weights.TypedTensor.DType;

/** Probes of a small backbone's features, taught by photographs of two plain halves. */
class ProbeTrainerTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");
    private static final int WIDTH = 64;
    private static final int HEIGHT = 48;
    private static final int PHOTOGRAPHS = 4;
    private static final int CODE = 6;

    @TempDir
    Path folder;

    private Device device;
    private Stego model;

    @BeforeEach
    void open() throws IOException {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(BACKBONE, device);
        for (int i = 0; i < PHOTOGRAPHS; i++) {
            byte[] rgb = new byte[3 * WIDTH * HEIGHT];
            byte[] labels = new byte[WIDTH * HEIGHT];
            for (int p = 0; p < labels.length; p++) {
                boolean left = p % WIDTH < WIDTH / 2;
                Arrays.fill(rgb, 3 * p, 3 * p + 3, (byte) (left ? 30 + 5 * i : 200 + 5 * i));
                // A scribble: most is not said.
                labels[p] = (byte) (p / WIDTH % 3 > 0 ? 255 : left ? 2 : 5);
            }
            Datasets.write(folder.resolve("imgs/train/a" + i + ".png"), new RgbImage(WIDTH, HEIGHT, rgb));
            Path map = folder.resolve("labels/train/a" + i + ".png");
            Files.createDirectories(map.getParent());
            PalettePng.write(map, new LabelMap(WIDTH, HEIGHT, labels), Palette.distinct(7));
        }
    }

    @AfterEach
    void close() {
        model.close();
        device.checkGuards();
        device.close();
    }

    private Dataset data() {
        return Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train")
                .withLabels(folder.resolve("labels/train")));
    }

    private List<Example> read(Path cache) throws IOException {
        Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(HEIGHT);
        return ProbeTrainer.read(data(), model, new ProbeTrainer.Features(options, false, cache, DType.F16), () -> {});
    }

    @Test
    void scribblesTeachClassesThatAreFoundInPhotographsNotSeen() throws IOException {
        Taught taught = ProbeTrainer.train(device, data(), read(null), Map.of(), () -> {});
        assertThat(taught.classOf()).containsExactly(2, 5);
        assertThat(taught.probe().outputs()).isEqualTo(2);
        assertThat(taught.checked().orElseThrow().accuracy()).isGreaterThan(0.95);
        assertThat(taught.pictures()).hasSize(PHOTOGRAPHS);
    }

    @Test
    void theSameLabelsGiveTheSameBitsFromTheCacheToo() throws IOException {
        Path cache = folder.resolve("cache");
        Taught computed = ProbeTrainer.train(device, data(), read(cache), Map.of(), () -> {});
        assertThat(cache).isDirectoryContaining("glob:**.safetensors");
        Taught cached = ProbeTrainer.train(device, data(), read(cache), Map.of(), () -> {});
        assertThat(cached.probe().weights()).isEqualTo(computed.probe().weights());
        assertThat(cached.probe().bias()).isEqualTo(computed.probe().bias());
    }

    @Test
    void aDamagedFileOfTheCacheIsReplaced() throws IOException {
        Path cache = folder.resolve("cache");
        float[] values = read(cache).get(0).patches().values();
        try (var files = Files.list(cache)) {
            for (Path file : files.toList()) {
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
            }
        }
        assertThat(read(cache).get(0).patches().values()).isEqualTo(values);
    }

    @Test
    void aPhotographIsLearntFromEnlargedToo() throws IOException {
        List<Example> examples = read(null);
        Example first = examples.get(0);
        assertThat(first.enlarged().rows()).isGreaterThan(first.patches().rows());
        assertThat(first.enlarged().columns()).isGreaterThan(first.patches().columns());
        List<Example> once = examples.stream()
                .map(each -> new Example(each.id(), each.patches(), each.patches(), each.labels()))
                .toList();
        Taught twice = ProbeTrainer.train(device, data(), examples, Map.of(), () -> {});
        assertThat(ProbeTrainer.train(device, data(), once, Map.of(), () -> {})
                        .probe()
                        .weights())
                .isNotEqualTo(twice.probe().weights());
    }

    @Test
    void twoPhotographsAreTooFewToCheck() throws IOException {
        List<Example> two = read(null).subList(0, 2);
        assertThat(ProbeTrainer.train(device, data(), two, Map.of(), () -> {}).checked())
                .isEmpty();
    }

    @Test
    void aHeadThatLearnsTellsWhatItCouldNotTellBefore() throws IOException {
        List<Example> examples = read(null);
        Map<String, HostTensor> start = head();
        Taught taught = ProbeTrainer.train(device, data(), examples, start, () -> {});
        assertThat(taught.head().keySet()).isEqualTo(start.keySet());
        start.forEach((name, tensor) -> {
            assertThat(taught.head().get(name).shape()).isEqualTo(tensor.shape());
            assertThat(taught.head().get(name).values()).as(name).isNotEqualTo(tensor.values());
        });
        assertThat(taught.probe().weights()).hasSize(2 * CODE);
        assertThat(taught.checked().orElseThrow().accuracy()).isGreaterThan(0.95);
        Taught again = ProbeTrainer.train(device, data(), examples, start, () -> {});
        assertThat(again.head().get("cluster1.0.weight").values())
                .isEqualTo(taught.head().get("cluster1.0.weight").values());
    }

    /** Its codes are all but constant. */
    private Map<String, HostTensor> head() {
        int channels = model.backbone().width();
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("cluster1.0.weight", HostTensor.of(small(CODE * channels), CODE, channels, 1, 1));
        tensors.put("cluster1.0.bias", HostTensor.of(new float[CODE], CODE));
        tensors.put("cluster2.0.weight", HostTensor.of(small(channels * channels), channels, channels, 1, 1));
        tensors.put("cluster2.0.bias", HostTensor.of(new float[channels], channels));
        tensors.put("cluster2.2.weight", HostTensor.of(small(CODE * channels), CODE, channels, 1, 1));
        tensors.put("cluster2.2.bias", HostTensor.of(new float[CODE], CODE));
        return tensors;
    }

    private static float[] small(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = 1e-3f * (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void trainingTheHeadLowersTheCrossEntropy() {
        Random random = new Random(3);
        int channels = model.backbone().width();
        int rows = 60;
        float[] features = new float[rows * channels];
        float[] targets = new float[rows * 2];
        float[] weights = new float[rows];
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < channels; c++) {
                features[i * channels + c] = (float) random.nextGaussian();
            }
            // Which of two features is larger in absolute value: nothing that is linear in them.
            boolean first = Math.abs(features[i * channels]) > Math.abs(features[i * channels + 1]);
            targets[2 * i + (first ? 0 : 1)] = 1;
            weights[i] = 1f / rows;
        }
        Goal goal = new Goal(features, targets, new boolean[0][], weights);
        try (HeadFit fit = new HeadFit(device, head())) {
            double loss = fit.run(goal, new Values(small(2 * CODE), new float[2]));
            assertThat(loss).isLessThan(0.5 * Math.log(2));
        }
    }

    @Test
    void featuresThatDoNotFitIntoMemoryAreRefusedBeforeAllAreComputed() {
        ProbeTrainer.requireRoom(100, 1000, 1_600_000);
        assertThatThrownBy(() -> ProbeTrainer.requireRoom(100, 1 << 20, 1 << 30))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContainingAll("100 photographs need 1600 MiB", "1024 MiB", "enough for 64", "-Xmx");
        assertThatThrownBy(() -> ProbeTrainer.requireRoom(3000, 1 << 20, 1L << 50))
                .hasMessageContaining("enough for 2047");
    }

    @Test
    void oneClassCannotBeTold() throws IOException {
        List<Example> one = read(null).stream()
                .map(each ->
                        new Example(each.id(), each.patches(), each.enlarged(), Datasets.constant(WIDTH, HEIGHT, 2)))
                .toList();
        assertThatThrownBy(() -> ProbeTrainer.train(device, data(), one, Map.of(), () -> {}))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("at least two classes");
    }

    @Test
    void targetsAreSharesOfThePatchsPixels() {
        byte[] labels = {1, 1, 0, (byte) 255, 1, 0, (byte) 255, (byte) 255};
        float[] shares = ProbeTrainer.shares(new LabelMap(4, 2, labels), 1, 2, new int[] {0, 1});
        assertThat(shares).containsExactly(new float[] {0.25f, 0.75f, 0.25f, 0}, within(1e-6f));
    }
}
