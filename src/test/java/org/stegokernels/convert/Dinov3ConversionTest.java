package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/** DINOv3's checkpoints under its authors' names and Hugging Face's, made by {@code dinov3_checkpoints.py}. */
class Dinov3ConversionTest {
    private static final int WIDTH = 48;
    private static final String MASK = "blocks.1.attn.qkv.bias_mask";

    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("out.safetensors");
    }

    private CheckpointConverter.Report convert(Path in) throws IOException {
        return CheckpointConverter.convert(in, out(), CheckpointConverter.Options.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void featuresAreThoseOfPyTorch(Devices.Choice choice) throws IOException {
        Map<String, String> models = Map.of(
                "dinov3.pth", "dinov3",
                "dinov3_gated.pth", "dinov3_gated",
                "dinov3_bare.pth", "dinov3_bare",
                "hf_dinov3/model.safetensors", "dinov3",
                "hf_dinov3_gated/model.safetensors", "dinov3_gated");
        for (Map.Entry<String, String> model : models.entrySet()) {
            CheckpointConverter.Report report = convert(Checkpoints.file(model.getKey()));
            assertThat(report.backbone().rotates()).isTrue();
            assertThat(report.backbone().heads()).isEqualTo(3);
            assertThat(report.dropped())
                    .extracting(CheckpointConverter.Report.Dropped::reason)
                    .containsExactly("token for masked patches, of training only");
            try (Device device = TestDevices.open(choice);
                    Safetensors expected = ReferenceVectors.open("vit_micro_" + model.getValue());
                    Safetensors weights = Safetensors.open(out());
                    Backbone backbone = Backbone.load(weights, "", device)) {
                for (String size : List.of("20x20.", "12x28.", "32x24.")) {
                    HostTensor input = expected.tensor(size + "input");
                    try (Tensor image =
                            device.upload(input.values(), input.shape().dims())) {
                        float[] tokens = device.floats(backbone.tokens(image, Backbone.Observer.NONE));
                        assertClose(model.getKey() + size, tokens, expected.floats(size + "feat"), 1e-5);
                    }
                }
            }
        }
    }

    @Test
    void theMaskedBiasOfTheKeysIsZeros() throws IOException {
        CheckpointConverter.Report report = convert(Checkpoints.file("dinov3_gated.pth"));
        assertThat(report.names()).isEqualTo("DINOv3's");
        assertThat(report.notes()).containsExactly("the bias of the keys is masked: zeros were written");
        try (Safetensors file = Safetensors.open(out())) {
            float[] bias = file.floats("blocks.1.attn.qkv.bias");
            assertThat(Arrays.copyOfRange(bias, WIDTH, 2 * WIDTH)).containsOnly(0f);
            assertThat(Arrays.copyOfRange(bias, 2 * WIDTH, 3 * WIDTH)).doesNotContain(0f);
            assertThat(file.names()).contains("blocks.0.mlp.w12.bias").noneMatch(name -> name.contains("mask"));
        }
    }

    /** A model of satellite images gets the same from a colour, though it is normalised as all others. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherNormalisationGoesIntoThePatchEmbedding(boolean named) throws IOException {
        Path plain = folder.resolve("plain.safetensors");
        CheckpointConverter.convert(Checkpoints.file("dinov3.pth"), plain, CheckpointConverter.Options.DEFAULT);
        Path in = Files.copy(
                Checkpoints.file("dinov3.pth"), folder.resolve(named ? "dinov3_pretrain_sat493m.pth" : "model.pth"));
        if (!named) {
            Files.writeString(
                    folder.resolve("preprocessor_config.json"),
                    "{\"image_mean\": [0.430, 0.411, 0.296], \"image_std\": [0.213, 0.156, 0.143]}");
        }
        assertThat(convert(in).notes()).anyMatch(note -> note.contains("0.296"));
        float[] colours = ThreadCounts.normal(3, 3 * 20 * 20, 0.5, 0.2);
        float[] expected = features(
                plain, normalised(colours, new double[] {0.430, 0.411, 0.296}, new double[] {0.213, 0.156, 0.143}));
        float[] found = features(
                out(), normalised(colours, new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225}));
        assertClose("features", found, expected, 1e-5);
    }

    private static float[] normalised(float[] colours, double[] mean, double[] deviation) {
        float[] out = new float[colours.length];
        for (int i = 0; i < out.length; i++) {
            int colour = i / (out.length / 3);
            out[i] = (float) ((colours[i] - mean[colour]) / deviation[colour]);
        }
        return out;
    }

    private static float[] features(Path file, float[] image) {
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Safetensors weights = Safetensors.open(file);
                Backbone backbone = Backbone.load(weights, "", device);
                Tensor input = device.upload(image, 1, 3, 20, 20)) {
            return device.floats(backbone.tokens(input, Backbone.Observer.NONE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0.5, 0.5]", "0.5", "[0.5, 0.5, -1]", "[0, 0, \"x\"]"})
    void aNormalisationOfOtherThanThreeColoursIsRefused(String mean) throws IOException {
        Path in = Files.copy(Checkpoints.file("dinov3.pth"), folder.resolve("model.pth"));
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                "{\"image_mean\": " + mean + ", \"image_std\": [0.5, 0.5, 0.5]}");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> convert(in))
                .withMessageContainingAll("preprocessor_config.json", "image_mean");
        assertThat(out()).doesNotExist();
    }

    @Test
    void periodsKeepTheirType() throws IOException {
        CheckpointConverter.convert(
                Checkpoints.file("dinov3.pth"), out(), CheckpointConverter.Options.DEFAULT.withType(DType.F16));
        try (Safetensors file = Safetensors.open(out())) {
            assertThat(file.entry(Architecture.PERIODS).type()).isEqualTo(DType.F32);
            assertThat(file.entry("norm.weight").type()).isEqualTo(DType.F16);
        }
    }

    @Test
    void theBaseOfThePeriodsIsThatOfTheSettings() throws IOException {
        Path model = withSettings("\"rope_theta\": 100.0", "\"rope_parameters\": {\"rope_theta\": 16}");
        convert(model);
        try (Safetensors file = Safetensors.open(out())) {
            assertThat(file.floats(Architecture.PERIODS)).containsExactly(1, 2, 4, 8);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"num_attention_heads\": 3; \"num_attention_heads\": 16; multiple of 4 channels",
                "\"num_attention_heads\": 3; \"num_attention_heads\": 5; are no 5 heads",
                "\"rope_theta\": 100.0; \"rope_theta\": 0; not a number of at least 1",
                "\"rope_theta\": 100.0; \"rope_theta\": \"big\"; not a number of at least 1",
                "\"hidden_act\": \"silu\"; \"hidden_act\": \"gelu\"; only \"silu\"",
                "\"use_gated_mlp\": true; \"use_gated_mlp\": false; \"use_gated_mlp\"",
                "\"num_register_tokens\": 4; \"num_register_tokens\": 2; \"num_register_tokens\"",
                "\"query_bias\": true; \"query_bias\": false; \"query_bias\""
            })
    void settingsThatDoNotFitAreRefused(String old, String changed, String reason) throws IOException {
        Path model = withSettings(old, changed);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> convert(model))
                .withMessageContaining(reason);
        assertThat(out()).doesNotExist();
    }

    private Path withSettings(String old, String changed) throws IOException {
        Path from = Checkpoints.file("hf_dinov3_gated");
        String settings = Files.readString(from.resolve("config.json"));
        assertThat(settings).contains(old);
        Files.writeString(folder.resolve("config.json"), settings.replace(old, changed));
        return Files.copy(from.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    }

    @Test
    void withoutSettingsTheHeadsAreAskedFor() throws IOException {
        Path model = Files.copy(
                Checkpoints.file("hf_dinov3").resolve("model.safetensors"), folder.resolve("model.safetensors"));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> convert(model))
                .withMessageContainingAll("how many attention heads", "--heads");
        CheckpointConverter.convert(model, out(), CheckpointConverter.Options.DEFAULT.withHeads(3));
        assertThat(out()).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rope_embed.periods",
                "blocks.0.mlp.w2.weight",
                "blocks.1.mlp.w3.bias",
                "blocks.0.attn.qkv.bias",
                "cls_token"
            })
    void aMissingTensorIsNamed(String name) throws IOException {
        refused("dinov3_gated.pth", tensors -> tensors.remove(name), name, "no such tensor");
    }

    @Test
    void aMissingBiasOfTheKeysOfOneBlockIsNoZeros() throws IOException {
        String name = "blocks.0.attn.k_proj.bias";
        refused(
                "hf_dinov3/model.safetensors",
                tensors -> tensors.put("layer.1.attention.k_proj.bias", MemoryFiles.zeros(WIDTH)),
                name,
                "no such tensor");
    }

    @ParameterizedTest
    @ValueSource(floats = {0.5f, -1, Float.NaN})
    void aMaskThatWasNeverSetIsRefused(float value) throws IOException {
        float[] mask = new float[3 * WIDTH];
        mask[WIDTH + 1] = value;
        refused(
                "dinov3.pth",
                tensors -> tensors.put(MASK, TypedTensor.of(HostTensor.of(mask, mask.length))),
                MASK,
                "neither 0 nor 1");
    }

    @Test
    void aMaskOfAnotherShapeIsRefused() throws IOException {
        refused("dinov3.pth", tensors -> tensors.put(MASK, MemoryFiles.zeros(WIDTH)), MASK, "its shape is [48]");
    }

    /** Converts a checkpoint of which tensors were changed. */
    private void refused(String name, Consumer<Map<String, TypedTensor>> change, String tensor, String reason)
            throws IOException {
        Path changed = folder.resolve("changed.safetensors");
        try (OpenedCheckpoint checkpoint = OpenedCheckpoint.open(Checkpoints.file(name))) {
            Map<String, TypedTensor> tensors = new LinkedHashMap<>();
            for (String each : checkpoint.tensors().names()) {
                tensors.put(each, checkpoint.tensors().typed(each));
            }
            change.accept(tensors);
            try (var stream = Files.newOutputStream(changed)) {
                SafetensorsWriter.writeTyped(stream, tensors, Map.of("num_heads", "3"));
            }
        }
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> convert(changed))
                .withMessageContainingAll("changed.safetensors", "\"" + tensor + "\"", reason);
        assertThat(out()).doesNotExist();
    }
}
