package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.vit.Architecture.Family;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

class ArchitectureReadingTest {
    private static final Architecture SMALL = Architecture.dino(2, 128, 2, 8, 3, 256);
    private static final Map<String, String> TWO_HEADS = Map.of("num_heads", "2");

    @Test
    void measuresAreReadOffTheTensors() {
        try (Safetensors p8 = ReferenceVectors.open("vit_micro_p8");
                Safetensors p16 = ReferenceVectors.open("vit_micro_p16")) {
            assertThat(Architecture.of(p8, "weights.")).isEqualTo(Architecture.dino(3, 64, 4, 8, 4, 256));
            assertThat(Architecture.of(p16, "weights.")).isEqualTo(Architecture.dino(2, 96, 6, 16, 4, 384));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "backbone.", "module.student.encoder."})
    void thePrefixIsFound(String prefix) {
        Safetensors file = MemoryFiles.file(small(prefix), TWO_HEADS);
        assertThat(Architecture.findPrefix(file)).isEqualTo(prefix);
        assertThat(Architecture.of(file, prefix)).isEqualTo(SMALL);
    }

    @Test
    void aFileWithoutOneTransformerIsRefused() {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.findPrefix(MemoryFiles.file(Map.of(), Map.of())))
                .withMessageContainingAll("made-up.safetensors", "no vision transformer", "Give a STEGO model");
        Map<String, TypedTensor> two = small("student.");
        two.putAll(small("teacher."));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.findPrefix(MemoryFiles.file(two, Map.of())))
                .withMessageContaining("2 vision transformers in it, under [student., teacher.]");
    }

    /** Widths and heads of the published models, from timm's vision_transformer.py and DINOv2's. */
    @ParameterizedTest
    @CsvSource({"192, 3", "384, 6", "768, 12", "1024, 16", "1152, 16", "1280, 16", "1408, 16", "1536, 24", "1664, 16"})
    void aWellKnownWidthTellsTheHeads(int width, int heads) {
        Architecture config = Architecture.dino(1, width, heads, 2, 2, 8);
        assertThat(Architecture.of(file(config), "")).isEqualTo(config);
        assertThat(Architecture.of(file(config, Map.of("num_heads", "2")), "").heads())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 96, 128, 320, 512, 2048})
    void anotherWidthNeedsTheMetadata(int width) {
        Architecture config = Architecture.dino(1, width, 2, 2, 2, 8);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(file(config), ""))
                .withMessageContainingAll("attention heads", "with " + width + " channels", "--heads N");
        assertThat(Architecture.of(file(config, TWO_HEADS), "")).isEqualTo(config);
    }

    @Test
    void epsilonComesFromTheMetadataElseItIsTheUsualOne() {
        assertThat(Architecture.of(file(SMALL, TWO_HEADS), "").encoder().epsilon())
                .isEqualTo(1e-6f);
        Architecture other = Architecture.of(file(SMALL, Map.of("num_heads", "2", "layer_norm_eps", "1e-12")), "");
        assertThat(other.encoder().epsilon()).isEqualTo(1e-12f);
        assertThat(other.metadata()).isEqualTo(Map.of("num_heads", "2", "layer_norm_eps", "1.0E-12"));
        assertThat(SMALL.metadata()).isEqualTo(TWO_HEADS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1e-6", "NaN", "1e999", "1e-60", "2", "small", "", "1e", "0x1p-4"})
    void anEpsilonThatIsNoneIsRefused(String epsilon) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(file(SMALL, Map.of("num_heads", "2", "layer_norm_eps", epsilon)), ""))
                .withMessageContainingAll("\"layer_norm_eps\" is \"" + epsilon + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-2", "three", "", "5", "99999999999", "2.0"})
    void headsThatDoNotDivideTheWidthAreRefused(String heads) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(small(""), Map.of("num_heads", heads)), ""))
                .withMessageContaining("\"num_heads\" is \"" + heads + "\", which does not divide its width 128");
    }

    @Test
    void everyTensorIsNeeded() {
        for (String name : SMALL.tensors().keySet()) {
            Map<String, TypedTensor> tensors = small("backbone.");
            tensors.remove("backbone." + name);
            assertThatExceptionOfType(ModelException.class)
                    .as(name)
                    .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), "backbone."))
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
                    .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), ""))
                    .withMessageContainingAll("\"" + name + "\"", "its shape is [5, 7], wanted [");
        }
    }

    static Stream<Arguments> unfit() {
        return Stream.of(
                arguments(
                        "patch_embed.proj.weight",
                        new int[] {128, 3, 8, 7},
                        "wanted [width up to 16384, 3, patch up to 256, the same]"),
                arguments(
                        "patch_embed.proj.weight",
                        new int[] {128, 1, 8, 8},
                        "wanted [width up to 16384, 3, patch up to 256, the same]"),
                arguments("patch_embed.proj.weight", new int[] {1, 3, 257, 257}, "patch up to 256"),
                arguments(
                        "patch_embed.proj.weight",
                        new int[] {0, 3, 8, 8},
                        "wanted [width up to 16384, 3, patch up to 256, the same]"),
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
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("\"" + name + "\"", message);
    }

    @Test
    void aGapBetweenBlocksIsNamed() {
        Map<String, TypedTensor> tensors = small("");
        tensors.put("blocks.9.norm1.weight", MemoryFiles.zeros(128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("\"blocks.2.norm1.weight\"", "no such tensor");
    }

    @Test
    void tensorsOfAClassifierAreLeftAlone() {
        Map<String, TypedTensor> tensors = small("");
        tensors.put("head.weight", MemoryFiles.zeros(1000, 128));
        tensors.put("head.bias", MemoryFiles.zeros(1000));
        assertThat(Architecture.of(MemoryFiles.file(tensors, TWO_HEADS), "")).isEqualTo(SMALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reg_token", "blocks.1.ls1.gamma", "blocks.99999.x.weight"})
    void tensorsThatWouldChangeTheResultAreRefused(String name) {
        Map<String, TypedTensor> tensors = small("net.");
        tensors.put("net." + name, MemoryFiles.zeros(128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), "net."))
                .withMessageContainingAll(
                        "\"net." + name + "\"", "the vision transformers known here have no such tensor");
    }

    @Test
    void registersAndLayerScaleAreReadOffTheTensors() {
        for (Family family : List.of(Family.DINOV2, Family.TIMM_DINOV2)) {
            Architecture config = registers(family, 4, true);
            assertThat(config.patches().positionRule()).isEqualTo(Architecture.PositionRule.ANTIALIASED);
            assertThat(config.tensors())
                    .containsKeys("blocks.1.ls2.gamma", family == Family.DINOV2 ? "register_tokens" : "reg_token");
            assertThat(Architecture.of(file(config, TWO_HEADS), "")).isEqualTo(config);
        }
        Architecture plain = registers(Family.TIMM_DINOV2, 0, false);
        assertThat(plain.patches().positionRule()).isEqualTo(Architecture.PositionRule.SCALE_FACTOR);
        assertThat(Architecture.of(file(plain, TWO_HEADS), "")).isEqualTo(plain);
    }

    private static Architecture registers(Family family, int count, boolean layerScale) {
        Architecture.Encoder encoder =
                new Architecture.Encoder(2, 128, 2, Architecture.MlpKind.GELU, 256, layerScale, 1e-6f);
        return new Architecture(family, new Architecture.Patches(14, 5, family.positionRule(count)), encoder, count);
    }

    /** Cached features are kept under it: the lines of the first version, whose records printed themselves. */
    @Test
    void theIdentityIsThatOfTheFirstVersion() {
        assertThat(SMALL.identity())
                .isEqualTo("ViTConfig[depth=2, width=128, heads=2, patch=8, baseGrid=3, hidden=256, registers=0,"
                        + " classPosition=true, layerScale=false]");
        assertThat(registers(Family.TIMM_DINOV2, 4, true).identity())
                .isEqualTo("ViTConfig[depth=2, width=128, heads=2, patch=14, baseGrid=5, hidden=256, registers=4,"
                        + " classPosition=false, layerScale=true]");
        Safetensors file = file(SMALL, Map.of("num_heads", "2", "layer_norm_eps", "1e-12"));
        assertThat(Architecture.of(file, "").identity()).endsWith(", layerScale=false, epsilon=1.0E-12]");
    }

    @Test
    void aDistilledModelHasTwoClassTokens() {
        Architecture distilled = new Architecture(Family.DISTILLED_DEIT, SMALL.patches(), SMALL.encoder(), 0);
        assertThat(distilled.tensors()).containsEntry("pos_embed", Shape.of(1, 2 + 9, 128));
        assertThat(Architecture.of(file(distilled, TWO_HEADS), "")).isEqualTo(distilled);
        assertThat(distilled.identity()).endsWith(", layerScale=false, classTokens=2]");
        Map<String, TypedTensor> onePosition = small("");
        onePosition.put("dist_token", MemoryFiles.zeros(1, 1, 128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(onePosition, Map.of()), ""))
                .withMessageContaining("wanted [1, 2 + grid * grid, 128]");
    }

    @Test
    void aGatedMlpIsReadOffItsLayers() {
        for (Architecture.MlpKind mlp : List.of(Architecture.MlpKind.SWIGLU, Architecture.MlpKind.TIMM_SWIGLU)) {
            Architecture giant = new Architecture(
                    Family.DINOV2, SMALL.patches(), new Architecture.Encoder(2, 1536, 24, mlp, 48, true, 1e-6f), 0);
            assertThat(Architecture.of(file(giant), "")).isEqualTo(giant);
            assertThat(giant.identity()).endsWith(", layerScale=true, gated=true]");
        }
    }

    @Test
    void aGateWithoutItsOtherHalfIsRefused() {
        Map<String, TypedTensor> tensors = small("");
        tensors.put("blocks.0.mlp.w12.weight", MemoryFiles.zeros(513, 128));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(MemoryFiles.file(tensors, Map.of()), ""))
                .withMessageContainingAll("\"blocks.0.mlp.w12.weight\"", "wanted [2 * hidden, 128]");
    }

    private static Safetensors file(Architecture config) {
        return file(config, Map.of());
    }

    private static Safetensors file(Architecture config, Map<String, String> metadata) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        return MemoryFiles.file(tensors, metadata);
    }

    private static Map<String, TypedTensor> small(String prefix) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        SMALL.tensors().forEach((name, shape) -> tensors.put(prefix + name, MemoryFiles.zeros(shape.dims())));
        return tensors;
    }
}
