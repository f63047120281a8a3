package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

class SegmenterTest {
    private static final Segmenter.Options OPTIONS = Segmenter.Options.DEFAULT.withSize(64);

    private Device device;
    private Stego model;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(ReferenceVectors.open("pipeline"), device);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        model.close();
        device.close();
    }

    private static RgbImage noise(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    private Segmentation segment(RgbImage image, Segmenter.Options options) {
        try (Segmenter segmenter = Segmenter.of(model, options)) {
            return segmenter.segment(image);
        }
    }

    @ParameterizedTest
    @EnumSource(Probe.class)
    void labelsAreThoseOfThePublishedEvaluation(Probe probe) {
        try (Safetensors reference = ReferenceVectors.open("pipeline")) {
            int[] dims = reference.entry("image").shape().dims();
            RgbImage image = new RgbImage(dims[1], dims[0], reference.bytes("image"));
            Segmenter.Options options =
                    OPTIONS.withSize(Math.min(dims[0], dims[1])).withProbe(probe);
            Segmentation result = segment(image, options);
            byte[] expected = reference.bytes(probe == Probe.CLUSTER ? "cluster_labels" : "linear_labels");
            byte[] actual = result.labels().labels();
            int equal = 0;
            for (int i = 0; i < expected.length; i++) {
                equal += actual[i] == expected[i] ? 1 : 0;
            }
            assertThat((double) equal / expected.length).isGreaterThanOrEqualTo(0.999);
        }
    }

    @Test
    void withoutCrfTheLabelsAreTheMostLikelyClasses() {
        try (Safetensors reference = ReferenceVectors.open("pipeline")) {
            int[] dims = reference.entry("image").shape().dims();
            RgbImage image = new RgbImage(dims[1], dims[0], reference.bytes("image"));
            byte[] labels = segment(image, OPTIONS.withCrf(false)).labels().labels();
            float[] expected = reference.floats("cluster_log_probs");
            int pixels = labels.length;
            for (int i = 0; i < pixels; i++) {
                for (int c = 0; c < expected.length / pixels; c++) {
                    assertThat(expected[labels[i] * pixels + i]).isGreaterThan(expected[c * pixels + i] - 1e-5f);
                }
            }
        }
    }

    @Test
    void thePublishedProtocolIsTheWholeOfTheMiddleSquare() {
        RgbImage photograph = noise(150, 90, 1);
        RgbImage square = Resize.centerCrop(Resize.nearest(photograph, 106, 64), 64, 64);
        Segmentation published = segment(photograph, OPTIONS.withProtocol(Protocol.PUBLISHED));
        assertThat(published.image().rgb()).isEqualTo(square.rgb());
        assertThat(published.labels().labels())
                .isEqualTo(segment(square, OPTIONS).labels().labels());
    }

    @Test
    void confidenceComesOnlyWhereItIsAskedForAndChangesNothingElse() {
        RgbImage photograph = noise(150, 90, 1);
        Segmentation plain = segment(photograph, OPTIONS);
        Segmentation asked = segment(photograph, OPTIONS.withConfidence(true));
        assertThat(plain.confidence()).isNull();
        assertThat(asked.labels().labels()).isEqualTo(plain.labels().labels());
        assertThat(asked.shares()).isEqualTo(plain.shares());
        assertThat(asked.scores()).isEqualTo(plain.scores());
        assertThat(asked.confidence()).hasSize(150 * 90);
        assertThatIllegalStateException().isThrownBy(() -> plain.withoutUnsure(0.5));
    }

    @Test
    void theHigherTheThresholdTheMoreIsUnsure() {
        Segmentation all = segment(noise(150, 90, 1), OPTIONS.withConfidence(true));
        assertThat(all.withoutUnsure(0).labels().labels())
                .isEqualTo(all.labels().labels());
        byte[] before = all.labels().labels();
        for (double threshold = 0.1; threshold < 1; threshold += 0.1) {
            Segmentation sure = all.withoutUnsure(threshold);
            byte[] labels = sure.labels().labels();
            double shared = 0;
            double[] sums = new double[all.classes().size()];
            for (int i = 0; i < labels.length; i++) {
                boolean unsure = all.confidence()[i] < threshold;
                assertThat(labels[i]).isEqualTo(unsure ? (byte) LabelMap.IGNORE : before[i]);
                if (!unsure) {
                    sums[labels[i]] += all.confidence()[i];
                }
            }
            int[] counts = sure.labels().counts();
            for (int c = 0; c < sums.length; c++) {
                shared += sure.shares()[c];
                assertThat(sure.scores()[c]).isCloseTo(counts[c] == 0 ? 0 : sums[c] / counts[c], within(1e-9));
            }
            assertThat(shared).isCloseTo(1 - (double) counts[LabelMap.IGNORE] / labels.length, within(1e-9));
            before = labels;
        }
        assertThat(all.withoutUnsure(1).labels().counts()[LabelMap.IGNORE]).isGreaterThan(150 * 90 / 2);
    }

    @Test
    void aMirroredPhotographHasMirroredLabels() {
        RgbImage image = noise(96, 64, 2);
        byte[] mirrored = new byte[image.rgb().length];
        for (int i = 0; i < image.pixels(); i++) {
            int mirror = i / 96 * 96 + 95 - i % 96;
            System.arraycopy(image.rgb(), 3 * i, mirrored, 3 * mirror, 3);
        }
        Segmentation straight = segment(image, OPTIONS.withCrf(false));
        Segmentation turned = segment(new RgbImage(96, 64, mirrored), OPTIONS.withCrf(false));
        int equal = 0;
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 96; x++) {
                equal += straight.labels().label(x, y) == turned.labels().label(95 - x, y) ? 1 : 0;
            }
        }
        assertThat((double) equal / image.pixels()).isGreaterThan(0.999);
    }

    @Test
    void sharesAndScoresAreThoseOfTheLabels() {
        Segmentation result = segment(noise(200, 120, 3), OPTIONS);
        int[] counts = result.labels().counts();
        assertThat(result.classes()).hasSize(6);
        assertThat(Arrays.stream(result.shares()).sum()).isCloseTo(1, within(1e-9));
        for (Segmentation.ClassInfo each : result.classes()) {
            assertThat(result.shares()[each.id()]).isCloseTo(counts[each.id()] / (200.0 * 120), within(1e-9));
            assertThat(result.scores()[each.id()]).isBetween(0.0, 1.0 + 1e-6);
        }
        assertThat(result.overlay().width()).isEqualTo(200);
    }

    @Test
    void oneLineOpensAModel() {
        RgbImage image = noise(96, 64, 4);
        Segmentation expected;
        Path file = Path.of(ReferenceVectors.open("pipeline").name());
        try (Device best = Devices.choose("auto").open(Device.Options.DEFAULT);
                Stego loaded = Stego.load(file, best);
                Segmenter segmenter = Segmenter.of(loaded, Segmenter.Options.DEFAULT)) {
            expected = segmenter.segment(image);
        }
        Segmenter opened = Segmenter.open(file);
        assertThat(opened.segment(image.toImage()).labels().labels())
                .isEqualTo(expected.labels().labels());
        opened.close();
        opened.close();
        assertThatIllegalStateException().isThrownBy(() -> opened.segment(image));
    }

    @Test
    void oneLineSaysWhyThereIsNoModel() {
        assertThatExceptionOfType(ModelException.class).isThrownBy(() -> Segmenter.open(Path.of("pom.xml")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Segmenter.open(Path.of("kernels", "reference", "vit_micro_p8.safetensors")))
                .withMessageContaining("probe");
    }

    @Test
    void aModelWithoutTheProbeIsRefused() {
        try (Stego backbone = Stego.load(ReferenceVectors.open("vit_micro_p8"), device)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Segmenter.of(backbone, OPTIONS))
                    .withMessageContaining("cluster probe");
        }
    }

    @Test
    void severalClustersMayBeOneClass() {
        try (Safetensors reference = ReferenceVectors.open("pipeline");
                Stego merged = Stego.load(
                        MemoryFiles.file(
                                MemoryFiles.tensors(reference).entrySet().stream()
                                        .filter(entry -> !entry.getKey().startsWith("linear_probe"))
                                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
                                Map.of("num_heads", "4", "cluster_to_class", "[1, 0, 1, 0, 1, 0]")),
                        device);
                Segmenter segmenter = Segmenter.of(merged, OPTIONS)) {
            RgbImage image = noise(96, 64, 4);
            Segmentation apart = segment(image, OPTIONS);
            Segmentation together = segmenter.segment(image);
            assertThat(together.classes()).hasSize(2);
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 96; x++) {
                    assertThat(together.labels().label(x, y))
                            .isEqualTo(1 - apart.labels().label(x, y) % 2);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Probe.class)
    void anotherProbeGivesTheLabelsOfAModelThatIsSavedWithIt(Probe probe) throws IOException {
        RgbImage image = noise(96, 64, 4);
        int width = model.codeWidth();
        Map<String, HostTensor> tensors = probe == Probe.CLUSTER
                ? Map.of("cluster_probe.clusters", HostTensor.of(waves(5 * width, 1), 5, width))
                : Map.of(
                        "linear_probe.weight",
                        HostTensor.of(waves(5 * width, 1), 5, width, 1, 1),
                        "linear_probe.bias",
                        HostTensor.of(waves(5, 2), 5));
        ModelInfo info = new ModelInfo(
                List.of("a", "b"),
                List.of(0xFF0000, 0x00FF00),
                List.of(1, 0, 1, 1, 0),
                new ModelInfo.Settings(model.info().settings().feature(), 64, 3, "", "", ModelInfo.Views.WHOLE),
                Map.of());
        Segmenter.Options options = OPTIONS.withProbe(probe).withConfidence(true);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        Segmentation shared;
        try (Segmenter own = Segmenter.of(model, OPTIONS)) {
            own.segment(image);
        }
        long before = device.allocatedBytes();
        try (Stego other = model.withProbe(tensors, info);
                Segmenter segmenter = Segmenter.of(other, options)) {
            shared = segmenter.segment(image);
            ModelFile.of(other, other.info()).writeTo(saved);
        }
        assertThat(model.clusterProbe()).isPresent();
        try (Segmenter own = Segmenter.of(model, OPTIONS)) {
            own.segment(image);
        }
        try (Stego loaded = Stego.load(Safetensors.of("saved", ByteBuffer.wrap(saved.toByteArray())), device);
                Segmenter segmenter = Segmenter.of(loaded, options)) {
            assertThat(loaded.probes()).containsExactly(probe);
            assertThat(loaded.info()).isEqualTo(info);
            Segmentation alone = segmenter.segment(image);
            assertThat(alone.classes()).isEqualTo(shared.classes()).hasSize(2);
            assertThat(alone.labels().labels()).isEqualTo(shared.labels().labels());
            assertThat(alone.confidence()).isEqualTo(shared.confidence());
        }
        assertThat(device.allocatedBytes()).isEqualTo(before);
    }

    private static float[] waves(int count, int step) {
        float[] waves = new float[count];
        for (int i = 0; i < count; i++) {
            waves[i] = (float) Math.sin(step * i);
        }
        return waves;
    }

    @Test
    void anotherProbeThatDoesNotFitIsRefused() {
        int width = model.codeWidth();
        HostTensor clusters = HostTensor.of(waves(5 * width, 1), 5, width);
        long before = device.allocatedBytes();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.withProbe(Map.of("cluster1.0.weight", clusters), ModelInfo.DEFAULT))
                .withMessageContaining("a probe has no tensor cluster1.0.weight");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> model.withProbe(
                        Map.of("cluster_probe.clusters", HostTensor.of(new float[10], 2, 5)), ModelInfo.DEFAULT))
                .withMessageContaining("to fit the head");
        ModelInfo three =
                new ModelInfo(List.of("a", "b", "c"), List.of(), List.of(), ModelInfo.Settings.DEFAULT, Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.withProbe(Map.of("cluster_probe.clusters", clusters), three))
                .withMessageContaining("which of the 3 classes each of the 5 clusters is");
        assertThat(device.allocatedBytes()).isEqualTo(before);
    }

    @Test
    void thirtyPhotographsTakeNoMoreMemoryThanThree() throws IOException {
        List<RgbImage> photographs = List.of(noise(120, 90, 1), noise(90, 120, 2), noise(300, 40, 3));
        try (Segmenter segmenter = Segmenter.of(model, OPTIONS);
                ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
            long afterThree = 0;
            for (int i = 0; i < 30; i++) {
                segmenter.segment(photographs.get(i % 3));
                finder.add(photographs.get(i % 3));
                afterThree = i == 2 ? device.allocatedBytes() : afterThree;
            }
            assertThat(device.allocatedBytes()).isEqualTo(afterThree);
            finder.find(3, 0);
            long afterTwo = 0;
            for (int i = 0; i < 30; i++) {
                finder.segment(i, photographs.get(i % 3));
                afterTwo = i == 2 ? device.allocatedBytes() : afterTwo;
            }
            assertThat(device.allocatedBytes()).isEqualTo(afterTwo);
        }
    }
}
