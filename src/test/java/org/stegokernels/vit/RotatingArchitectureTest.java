package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Architecture.Family;
import org.stegokernels.vit.Architecture.MlpKind;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

/** Transformers whose positions are rotations: DINOv3. That their features are PyTorch's, {@code verify} tells. */
class RotatingArchitectureTest {
    private static final String PERIODS = "rope_embed.periods";
    private static final Architecture SMALL = dinov3(2, 48, 3, MlpKind.GELU, 96, 4);

    private static Architecture dinov3(int depth, int width, int heads, MlpKind mlp, int hidden, int registers) {
        return new Architecture(
                Family.DINOV3,
                new Architecture.Patches(4, 0, Architecture.PositionRule.ROTATED),
                new Architecture.Encoder(depth, width, heads, mlp, hidden, true, 1e-5f),
                registers);
    }

    private static Map<String, TypedTensor> tensors(Architecture of) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        of.tensors().forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        return tensors;
    }

    private static Architecture read(Architecture of, Map<String, String> metadata) {
        return Architecture.of(MemoryFiles.file(tensors(of), metadata), "");
    }

    @Test
    void isReadOffTheTensors() {
        Architecture gated = dinov3(1, 64, 1, MlpKind.SWIGLU, 24, 4);
        Architecture bare = dinov3(3, 32, 2, MlpKind.GELU, 8, 0);
        for (Architecture one : new Architecture[] {SMALL, gated, bare}) {
            assertThat(read(one, Map.of())).isEqualTo(one);
            assertThat(read(one, one.metadata())).isEqualTo(one);
        }
        assertThat(SMALL.tensors()).containsEntry(PERIODS, Shape.of(4)).doesNotContainKey("pos_embed");
    }

    @Test
    void saysWhatItIs() {
        assertThat(SMALL.description())
                .isEqualTo("DINOv3 vision transformer: patch 4, 2 blocks, 48 channels, 3 heads, positions by rotation,"
                        + " 4 registers, layer scale");
        assertThat(SMALL.identity()).contains("registers=4").endsWith(", epsilon=1.0E-5, rotates=true]");
    }

    @Test
    void anotherEpsilonIsKept() {
        Architecture read = read(SMALL, Map.of("layer_norm_eps", "1e-6"));
        assertThat(read.encoder().epsilon()).isEqualTo(1e-6f);
        assertThat(read.metadata()).containsEntry("layer_norm_eps", "1.0E-6");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PERIODS,
                "cls_token",
                "blocks.1.attn.qkv.bias",
                "blocks.0.ls2.gamma",
                "blocks.1.mlp.fc2.weight",
                "norm.weight"
            })
    void aMissingTensorIsNamed(String name) {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.remove(name);
        refused(tensors, Map.of(), name, "no such tensor");
    }

    /** 48 channels can't be shared out to heads of 20, of 0, or of 64. */
    @ParameterizedTest
    @CsvSource({"5", "0", "16"})
    void periodsOfAnotherHeadSizeAreRefused(int count) {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.put(PERIODS, MemoryFiles.zeros(count));
        refused(tensors, Map.of(), PERIODS, "its shape is [" + count + "]", "equal shares of 48");
    }

    @Test
    void periodsThatAreNoListAreRefused() {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.put(PERIODS, MemoryFiles.zeros(2, 2));
        refused(tensors, Map.of(), PERIODS, "its shape is [2, 2]");
    }

    @Test
    void headsThatContradictThePeriodsAreRefused() {
        refused(tensors(SMALL), Map.of("num_heads", "6"), PERIODS, "\"num_heads\" is \"6\"", "3 heads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pos_embed", "cls_norm.weight", "blocks.0.attn.sink.weight", "register_tokens"})
    void aTensorThatWouldChangeTheResultIsRefused(String name) {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.put(name, MemoryFiles.zeros(1, 1, 48));
        refused(tensors, Map.of(), name, "no such tensor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocks.0.attn.qkv.bias_mask", "blocks.0.mlp.w1.weight"})
    void theAuthorsOwnNamesAreToBeConverted(String name) {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.put(name, MemoryFiles.zeros(1));
        refused(tensors, Map.of(), name, "under its authors' names", "Convert it first");
    }

    private static void refused(
            Map<String, TypedTensor> tensors, Map<String, String> metadata, String tensor, String... reasons) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, metadata), ""))
                .withMessageContainingAll(reasons)
                .withMessageContainingAll("made-up.safetensors", "tensor \"" + tensor + "\"");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY})
    void aPeriodThatIsNoneIsRefused(float value) {
        Map<String, TypedTensor> tensors = tensors(SMALL);
        tensors.put(PERIODS, TypedTensor.of(HostTensor.of(new float[] {1, 2, value, 3}, 4)));
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Safetensors file = MemoryFiles.file(tensors, Map.of())) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> Backbone.load(file, "", device))
                    .withMessageContainingAll(PERIODS, "the value " + value);
        }
    }

    /** More sizes than are kept, there and back, in batches: each gives the bits that it gave first, and no memory is lost. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void anImageGivesTheSameBitsWhateverCameBefore(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("vit_micro_dinov3");
                Backbone model = Backbone.load(file, "weights.", device)) {
            HostTensor input = file.tensor("20x20.input");
            float[] first = features(model, device, input.values(), 2, 20, 20);
            float[] one = Arrays.copyOf(input.values(), input.values().length / 2);
            assertThat(features(model, device, one, 1, 20, 20)).isEqualTo(Arrays.copyOf(first, first.length / 2));
            long held = 0;
            for (int round = 0; round < 2; round++) {
                for (int side = 4; side < 32; side += 4) {
                    features(model, device, new float[2 * 3 * side * 32], 2, side, 32);
                }
                assertThat(features(model, device, input.values(), 2, 20, 20)).isEqualTo(first);
                if (round > 0) {
                    assertThat(device.allocatedBytes()).isEqualTo(held);
                }
                held = device.allocatedBytes();
            }
        }
    }

    /** Keys look at content alone: attention is asked for beside them, and does not turn them. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void attentionBesideKeysIsThatBesideFeatures(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("vit_micro_dinov3");
                Backbone model = Backbone.load(file, "weights.", device)) {
            HostTensor input = file.tensor("12x28.input");
            try (Tensor image = device.upload(input.values(), input.shape().dims())) {
                float[] expected = device.floats(
                        model.featuresWithAttention(image, FeatureKind.FEAT).attention());
                float[] keys = device.floats(model.features(image, FeatureKind.KK));
                Backbone.Attended attended = model.featuresWithAttention(image, FeatureKind.KK);
                assertThat(device.floats(attended.features())).isEqualTo(keys);
                assertThat(device.floats(attended.attention())).isEqualTo(expected);
            }
        }
    }

    private static float[] features(Backbone model, Device device, float[] image, int batch, int height, int width) {
        try (Tensor input = device.upload(image, batch, 3, height, width)) {
            return device.floats(model.features(input, FeatureKind.FEAT));
        }
    }
}
