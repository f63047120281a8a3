package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor.DType;

/** Features of converted models, against those that PyTorch computed from the checkpoints. */
@ParameterizedClass(name = "{0}")
@MethodSource("org.stegokernels.testing.TestDevices#all")
class ConvertedModelsTest {
    private static final double TOLERANCE = 1e-5;
    private static final CheckpointConverter.Options TWO_HEADS = CheckpointConverter.Options.DEFAULT.withHeads(2);

    @Parameter
    private Devices.Choice choice;

    @TempDir
    private Path folder;

    private Device device;

    @BeforeEach
    void open() {
        device = TestDevices.open(choice);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        device.close();
    }

    static Stream<Arguments> checkpoints() {
        return Stream.of(
                Arguments.of("dino.pth", "dino", "PyTorch zip"),
                Arguments.of("dino_full.pth", "dino", "PyTorch legacy"),
                Arguments.of("hf_vit.safetensors.index.json", "dino", "safetensors in 2 files"),
                Arguments.of("dinov2.pth", "dinov2", "PyTorch zip"),
                Arguments.of("dinov2_training.pth", "dinov2", "PyTorch zip"),
                Arguments.of("hf_dinov2.safetensors", "dinov2", "safetensors"),
                Arguments.of("dinov2_reg.pth", "dinov2_reg", "PyTorch zip"),
                Arguments.of("hf_dinov2_reg.safetensors", "dinov2_reg", "safetensors"),
                Arguments.of("timm_dinov2_reg.safetensors", "dinov2_reg", "safetensors"),
                Arguments.of("dinov2_g.pth", "dinov2_g", "PyTorch zip"),
                Arguments.of("hf_dinov2_g.safetensors", "dinov2_g", "safetensors"),
                Arguments.of("timm_dinov2_g.safetensors", "dinov2_g", "safetensors"),
                Arguments.of("deit_distilled.pth", "distilled", "PyTorch zip"),
                Arguments.of("hf_deit_distilled.safetensors", "distilled", "safetensors"));
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void featuresAreThoseOfPyTorch(String name, String model, String format) throws IOException {
        Path out = folder.resolve("out.safetensors");
        CheckpointConverter.Report report = CheckpointConverter.convert(Checkpoints.file(name), out, TWO_HEADS);
        assertThat(report.format()).isEqualTo(format);
        assertThat(report.backbone().heads()).isEqualTo(2);
        assertThat(report.stego()).isFalse();
        compare(out, model);
    }

    /** As timm publishes it, without a conversion. */
    @Test
    void timmsDinov2IsReadAsItIs() {
        compare(Checkpoints.file("timm_dinov2_reg.safetensors"), "dinov2_reg");
        compare(Checkpoints.file("timm_dinov2_g.safetensors"), "dinov2_g");
    }

    /** Cached features are kept under it: the key that the first version gave this file. */
    @Test
    void theKeyOfABackboneIsWhatItWas() {
        try (Stego model = Stego.load(Checkpoints.file("timm_dinov2_reg.safetensors"), device)) {
            assertThat(model.backboneKey())
                    .isEqualTo("a96688591f799d41d262e2b7e3bc457a65af17b71b053630a9673accd1523810");
        }
    }

    /** Heads, epsilon and missing biases, of the vision transformer in a composite model. */
    @Test
    void settingsBesideTheWeightsAreHonoured() throws IOException {
        Path out = folder.resolve("out.safetensors");
        CheckpointConverter.Report report = CheckpointConverter.convert(
                Checkpoints.file("hf_settings").resolve("model.safetensors"), out, CheckpointConverter.Options.DEFAULT);
        assertThat(report.backbone().heads()).isEqualTo(4);
        assertThat(report.notes()).anyMatch(note -> note.contains("zeros were written"));
        compare(out, "settings", Checkpoints.file("hf_settings").resolve("expected.safetensors"));
    }

    private void compare(Path file, String model) {
        compare(file, model, Checkpoints.file("expected.safetensors"));
    }

    private void compare(Path file, String model, Path expectations) {
        try (Safetensors expected = Safetensors.open(expectations);
                Safetensors weights = Safetensors.open(file);
                Backbone transformer = Backbone.load(weights, "", device)) {
            List<String> sizes = expected.names().stream()
                    .filter(tensor -> tensor.startsWith(model + ".") && tensor.endsWith(".input"))
                    .map(tensor -> tensor.substring(0, tensor.length() - "input".length()))
                    .toList();
            assertThat(sizes).hasSizeGreaterThan(1);
            for (String size : sizes) {
                HostTensor input = expected.tensor(size + "input");
                try (Tensor image = device.upload(input.values(), input.shape().dims())) {
                    float[] tokens = expected.floats(size + "tokens");
                    assertClose(
                            size, device.floats(transformer.tokens(image, Backbone.Observer.NONE)), tokens, TOLERANCE);
                    HostTensor keys = expected.tensor(size + "keys");
                    Tensor found = transformer.features(image, FeatureKind.KK);
                    assertClose(size, device.floats(found), ofPatches(keys, transformer.architecture()), TOLERANCE);
                }
            }
        }
    }

    private static float[] ofPatches(HostTensor tokens, Architecture config) {
        int batch = tokens.shape().dim(0);
        int length = tokens.values().length / batch;
        int skipped = config.prefixTokens() * config.width();
        float[] out = new float[batch * (length - skipped)];
        for (int b = 0; b < batch; b++) {
            System.arraycopy(tokens.values(), b * length + skipped, out, b * (length - skipped), length - skipped);
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("halves")
    void narrowedWeightsGiveNearlyTheSameFeatures(DType type, double tolerance) throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path narrow = folder.resolve("narrow.safetensors");
        CheckpointConverter.convert(Checkpoints.file("dinov2_reg.pth"), whole, TWO_HEADS);
        CheckpointConverter.convert(Checkpoints.file("dinov2_reg.pth"), narrow, TWO_HEADS.withType(type));
        try (Safetensors wide = Safetensors.open(whole);
                Safetensors file = Safetensors.open(narrow);
                Backbone one = Backbone.load(wide, "", device);
                Backbone other = Backbone.load(file, "", device);
                Tensor image = device.upload(new float[3 * 20 * 20], 1, 3, 20, 20)) {
            assertThat(file.names()).allMatch(name -> file.entry(name).type() == type);
            float[] exact = device.floats(one.tokens(image, Backbone.Observer.NONE));
            assertClose(type.name(), device.floats(other.tokens(image, Backbone.Observer.NONE)), exact, tolerance);
        }
    }

    static Stream<Arguments> halves() {
        return Stream.of(Arguments.of(DType.F16, 1e-3), Arguments.of(DType.BF16, 1e-2));
    }

    @Test
    void aLightningCheckpointBecomesAStegoModel() throws IOException {
        Path out = folder.resolve("stego.safetensors");
        CheckpointConverter.Report report = CheckpointConverter.convert(Checkpoints.file("stego.ckpt"), out, TWO_HEADS);
        assertThat(report.stego()).isTrue();
        assertThat(report.dropped())
                .extracting(CheckpointConverter.Report.Dropped::tensors)
                .anySatisfy(names -> assertThat(names).contains("state_dict.train_cluster_probe.clusters"))
                .anySatisfy(names -> assertThat(names).contains("state_dict.decoder.weight"));
        compareStego(out);

        Path again = folder.resolve("again.safetensors");
        CheckpointConverter.Report second =
                CheckpointConverter.convert(out, again, CheckpointConverter.Options.DEFAULT.withType(DType.F32));
        assertThat(second.dropped()).isEmpty();
        compareStego(again);
    }

    private void compareStego(Path file) {
        try (Safetensors expected = Safetensors.open(Checkpoints.file("expected.safetensors"));
                Stego model = Stego.load(file, device)) {
            assertThat(model.info().classNames()).hasSize(27).contains("sky", "water");
            assertThat(model.info().notes()).containsEntry("dataset", "cocostuff27");
            HostTensor input = expected.tensor("dino.20x12.input");
            int[] dims = expected.entry("stego.code").shape().dims();
            try (Tensor image = device.upload(input.values(), input.shape().dims());
                    Tensor code = device.allocate(dims);
                    Tensor linear = device.allocate(dims[0], dims[1], 27);
                    Tensor cluster = device.allocate(dims[0], dims[1], 29)) {
                Tensor features = model.backbone().features(image, FeatureKind.FEAT);
                model.head().orElseThrow().forward(features, code);
                model.linearProbe().orElseThrow().forward(code, linear);
                model.clusterProbe().orElseThrow().logProbabilities(code, 2, cluster);
                assertClose("code", device.floats(code), expected.floats("stego.code"), TOLERANCE);
                assertClose("linear", device.floats(linear), expected.floats("stego.linear"), TOLERANCE);
                assertClose("cluster", device.floats(cluster), expected.floats("stego.cluster"), TOLERANCE);
            }
            assertThat(names(model, Probe.CLUSTER)).hasSize(29).startsWith("cluster 0", "cluster 1");
            assertThat(names(model, Probe.LINEAR)).hasSize(27).startsWith("electronic", "appliance");
        }
    }

    private List<String> names(Stego model, Probe probe) {
        Segmenter.Options options = Segmenter.Options.DEFAULT.withProbe(probe);
        try (Segmenter segmenter = Segmenter.of(model, options)) {
            return segmenter.classes().stream()
                    .map(Segmentation.ClassInfo::name)
                    .toList();
        }
    }
}
