package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

class ViTConfigTest {
    private static final ViTConfig SMALL = new ViTConfig(2, 128, 2, 8, 3, 256);

    @Test
    void measuresAreReadOffTheTensors() {
        try (Safetensors p8 = ReferenceVectors.open("vit_micro_p8");
                Safetensors p16 = ReferenceVectors.open("vit_micro_p16")) {
            assertThat(ViTConfig.of(p8, "weights.")).isEqualTo(new ViTConfig(3, 64, 4, 8, 4, 256));
            assertThat(ViTConfig.of(p16, "weights.")).isEqualTo(new ViTConfig(2, 96, 6, 16, 4, 384));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "backbone.", "module.student.encoder."})
    void thePrefixIsFound(String prefix) {
        Safetensors file = MemoryFiles.file(small(prefix), Map.of());
        assertThat(ViTConfig.findPrefix(file)).isEqualTo(prefix);
        assertThat(ViTConfig.of(file, prefix)).isEqualTo(SMALL);
    }

    @Test
    void aFileWithoutOneTransformerIsRefused() {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.findPrefix(MemoryFiles.file(Map.of(), Map.of())))
                .withMessageContainingAll("made-up.safetensors", "no vision transformer", "Give a STEGO model");
        Map<String, TypedTensor> two = small("student.");
        two.putAll(small("teacher."));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.findPrefix(MemoryFiles.file(two, Map.of())))
                .withMessageContaining("2 vision transformers in it, under [student., teacher.]");
    }

    @Test
    void headsComeFromTheMetadataElseOneForEach64Channels() {
        assertThat(ViTConfig.of(MemoryFiles.file(small(""), Map.of()), "").heads())
                .isEqualTo(2);
        assertThat(ViTConfig.of(MemoryFiles.file(small(""), Map.of("num_heads", "8")), "")
                        .heads())
                .isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-2", "three", "", "5", "99999999999", "2.0"})
    void headsThatDoNotDivideTheWidthAreRefused(String heads) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(small(""), Map.of("num_heads", heads)), ""))
                .withMessageContaining("\"num_heads\" is \"" + heads + "\", which does not divide its width 128");
    }

    @Test
    void aWidthThatIsNoMultipleOf64NeedsTheMetadata() {
        ViTConfig odd = new ViTConfig(1, 96, 3, 8, 2, 96);
        Map<String, TypedTensor> tensors = new HashMap<>();
        odd.tensors().forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("width 96 is not a multiple of 64", "\"num_heads\"");
        assertThat(ViTConfig.of(MemoryFiles.file(tensors, Map.of("num_heads", "3")), ""))
                .isEqualTo(odd);
    }

    @Test
    void everyTensorIsNeeded() {
        for (String name : SMALL.tensors().keySet()) {
            Map<String, TypedTensor> tensors = small("backbone.");
            tensors.remove("backbone." + name);
            assertThatExceptionOfType(ModelException.class)
                    .as(name)
                    .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), "backbone."))
                    .withMessageContainingAll("made-up.safetensors", "\"backbone." + name + "\"", "no such tensor");
        }
    }

    @Test
    void everyTensorHasOneShape() {
        for (String name : SMALL.tensors().keySet()) {
            Map<String, TypedTensor> tensors = small("");
            tensors.put(name, MemoryFiles.zeros(5, 7));
            assertThatExceptionOfType(ModelException.class)
                    .as(name)
                    .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), ""))
                    .withMessageContainingAll("\"" + name + "\"", "its shape is [5, 7], wanted [");
        }
    }

    static Stream<Arguments> unfit() {
        return Stream.of(
                arguments("patch_embed.proj.weight", new int[] {128, 3, 8, 7}, "wanted [width up to 16384, 3, patch"),
                arguments("patch_embed.proj.weight", new int[] {128, 1, 8, 8}, "wanted [width up to 16384, 3, patch"),
                arguments("patch_embed.proj.weight", new int[] {0, 3, 8, 8}, "wanted [width up to 16384, 3, patch"),
                arguments("patch_embed.proj.weight", new int[] {16385, 3, 1, 1}, "wanted [width up to 16384, 3"),
                arguments(
                        "pos_embed",
                        new int[] {1, 11, 128},
                        "wanted [1, 1 + grid * grid, 128] or [1, grid * grid, 128]"),
                arguments(
                        "pos_embed",
                        new int[] {1, 1, 128},
                        "wanted [1, 1 + grid * grid, 128] or [1, grid * grid, 128]"),
                arguments(
                        "pos_embed",
                        new int[] {1, 0, 128},
                        "wanted [1, 1 + grid * grid, 128] or [1, grid * grid, 128]"),
                arguments(
                        "pos_embed", new int[] {10, 128}, "wanted [1, 1 + grid * grid, 128] or [1, grid * grid, 128]"),
                arguments("blocks.0.mlp.fc1.weight", new int[] {0, 128}, "wanted [hidden, 128]"),
                arguments("blocks.1.mlp.fc1.weight", new int[] {512, 128}, "wanted [256, 128]"),
                arguments("blocks.1.attn.qkv.weight", new int[] {128, 128}, "wanted [384, 128]"));
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("unfit")
    void aShapeThatDoesNotFitIsNamed(String name, int[] dims, String message) {
        Map<String, TypedTensor> tensors = small("");
        tensors.put(name, MemoryFiles.zeros(dims));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("\"" + name + "\"", message);
    }

    @Test
    void aGapBetweenBlocksIsNamed() {
        Map<String, TypedTensor> tensors = small("");
        tensors.put("blocks.9.norm1.weight", MemoryFiles.zeros(128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("\"blocks.2.norm1.weight\"", "no such tensor");
    }

    @Test
    void tensorsOfAClassifierAreLeftAlone() {
        Map<String, TypedTensor> tensors = small("");
        tensors.put("head.weight", MemoryFiles.zeros(1000, 128));
        tensors.put("head.bias", MemoryFiles.zeros(1000));
        assertThat(ViTConfig.of(MemoryFiles.file(tensors, Map.of()), "")).isEqualTo(SMALL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"dist_token", "reg_token", "norm_pre.weight", "blocks.1.ls1.gamma", "blocks.99999.x.weight"})
    void tensorsThatWouldChangeTheResultAreRefused(String name) {
        Map<String, TypedTensor> tensors = small("net.");
        tensors.put("net." + name, MemoryFiles.zeros(128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(tensors, Map.of()), "net."))
                .withMessageContainingAll(
                        "\"net." + name + "\"", "the vision transformers known here have no such tensor");
    }

    @Test
    void registersAndLayerScaleAreReadOffTheTensors() {
        for (boolean classPosition : new boolean[] {true, false}) {
            ViTConfig config = new ViTConfig(2, 128, 2, 14, 5, 256, 4, classPosition, true);
            assertThat(config.tensors())
                    .containsKeys("blocks.1.ls2.gamma", classPosition ? "register_tokens" : "reg_token");
            assertThat(ViTConfig.of(file(config), "")).isEqualTo(config);
        }
        ViTConfig plain = new ViTConfig(2, 128, 2, 14, 5, 256, 0, false, false);
        assertThat(ViTConfig.of(file(plain), "")).isEqualTo(plain);
    }

    @Test
    void aGatedPerceptronIsRefused() {
        Map<String, TypedTensor> dinov2 = small("");
        dinov2.put("blocks.0.mlp.w12.weight", MemoryFiles.zeros(512, 128));
        Map<String, TypedTensor> timm = small("");
        timm.put("blocks.0.mlp.fc1.weight", MemoryFiles.zeros(512, 128));
        for (Map<String, TypedTensor> giant : List.of(dinov2, timm)) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> ViTConfig.of(MemoryFiles.file(giant, Map.of()), ""))
                    .withMessageContainingAll("SwiGLU", "ViT-S, ViT-B or ViT-L");
        }
    }

    private static Safetensors file(ViTConfig config) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        return MemoryFiles.file(tensors, Map.of());
    }

    private static Map<String, TypedTensor> small(String prefix) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        SMALL.tensors().forEach((name, shape) -> tensors.put(prefix + name, MemoryFiles.zeros(shape.dims())));
        return tensors;
    }
}
