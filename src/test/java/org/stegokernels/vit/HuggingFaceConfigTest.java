package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.vit.Architecture.Family;
import org.stegokernels.weights.ModelException;

class HuggingFaceConfigTest {
    /** ViT-S/16 at 224 pixels. */
    private static final Architecture SMALL = Architecture.dino(12, 384, 6, 16, 14, 1536);

    @TempDir
    Path folder;

    private HuggingFaceConfig config(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return HuggingFaceConfig.beside(folder.resolve("model.safetensors")).orElseThrow();
    }

    @Test
    void withoutAFileThereAreNoSettings() {
        assertThat(HuggingFaceConfig.beside(folder.resolve("model.safetensors")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"num_attention_heads\": 4, \"layer_norm_eps\": 1e-12}",
                "{\"num_attention_heads\": 8, \"vision_config\": {\"num_attention_heads\": 4, \"layer_norm_eps\": 1e-12}}",
                "{\"backbone_config\": {\"num_attention_heads\": 4, \"layer_norm_eps\": 1e-12}}",
                "{\"decoder\": {\"num_attention_heads\": 8},"
                        + " \"encoder\": {\"num_attention_heads\": 4, \"layer_norm_eps\": 1e-12}}"
            })
    void whatWeightsDontTellIsRead(String json) throws IOException {
        assertThat(config(json).metadata()).isEqualTo(Map.of("num_heads", "4", "layer_norm_eps", "1.0E-12"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"hidden_act\": \"gelu\", \"hidden_size\": 384, \"num_hidden_layers\": 12, \"intermediate_size\": 1536,"
                        + " \"image_size\": 224, \"patch_size\": 16, \"qkv_bias\": true, \"num_channels\": 3}",
                "{\"image_size\": [224, 224], \"patch_size\": [16, 16], \"mlp_ratio\": 4, \"use_swiglu_ffn\": false,"
                        + " \"model_type\": \"dinov2\", \"hidden_dropout_prob\": 0.1}"
            })
    void settingsOfTheWeightsPass(String json) throws IOException {
        HuggingFaceConfig config = config(json);
        assertThatCode(() -> config.check(SMALL, true)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "hidden_act": "relu"             | hidden_act
            "hidden_act": "quick_gelu"       | hidden_act
            "hidden_act": "gelu_new"         | hidden_act
            "hidden_act": "gelu_pytorch_tanh"| hidden_act
            "hidden_act": "silu"             | hidden_act
            "hidden_act": 7                  | hidden_act
            "use_swiglu_ffn": true           | use_swiglu_ffn
            "hidden_size": 768               | hidden_size
            "num_hidden_layers": 6           | num_hidden_layers
            "intermediate_size": 3072        | intermediate_size
            "mlp_ratio": 3                   | mlp_ratio
            "num_register_tokens": 4         | num_register_tokens
            "num_channels": 1                | num_channels
            "patch_size": 8                  | patch_size
            "patch_size": [16, 8]            | patch_size
            "image_size": 384                | image_size
            "image_size": [448, 112]         | image_size
            "image_size": "224"              | image_size
            "qkv_bias": false                | qkv_bias
            "layerscale_value": 1.0          | layerscale_value
            """)
    void whatIsNotComputedOrNotOfTheWeightsIsRefused(String setting, String culprit) throws IOException {
        HuggingFaceConfig config = config("{" + setting + "}");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> config.check(SMALL, true))
                .withMessageStartingWith(folder.resolve("config.json") + ": its \"")
                .withMessageContaining(culprit);
    }

    /** The settings of facebook/dinov2-giant: a gate has two thirds of the channels, in multiples of eight. */
    @Test
    void settingsOfAGatedMlpPass() throws IOException {
        Architecture giant = new Architecture(
                Family.DINOV2,
                new Architecture.Patches(14, 37, Architecture.PositionRule.SCALE_FACTOR),
                new Architecture.Encoder(40, 1536, 24, Architecture.MlpKind.SWIGLU, 4096, true, 1e-6f),
                0);
        HuggingFaceConfig config = config("{\"hidden_act\": \"gelu\", \"hidden_size\": 1536, \"image_size\": 518,"
                + " \"mlp_ratio\": 4, \"patch_size\": 14, \"use_swiglu_ffn\": true, \"layerscale_value\": 1.0}");
        assertThatCode(() -> config.check(giant, true)).doesNotThrowAnyException();
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> config("{\"use_swiglu_ffn\": false}").check(giant, true))
                .withMessageContaining("use_swiglu_ffn");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"num_attention_heads\": 0",
                "\"num_attention_heads\": \"4\"",
                "\"num_attention_heads\": 2.5",
                "\"num_attention_heads\": 99999999999",
                "\"layer_norm_eps\": 0",
                "\"layer_norm_eps\": \"small\"",
                "\"layer_norm_eps\": 1e-99",
                "\"layer_norm_eps\": 2"
            })
    void numbersThatAreNoneAreRefused(String setting) throws IOException {
        HuggingFaceConfig config = config("{" + setting + "}");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(config::metadata)
                .withMessageContainingAll("config.json", setting.substring(0, setting.indexOf(':')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "7", "{\"a\": 1, \"a\": 2}", "{} x"})
    void whatIsNoObjectIsRefused(String json) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> config(json))
                .withMessageContainingAll("config.json", "move the weights");
    }

    @Test
    void deepAndLongFilesAreRefused() {
        for (String json : new String[] {"{\"a\":" + "[".repeat(100_000), " ".repeat(2 << 20)}) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> config(json))
                    .withMessageContaining("config.json");
        }
    }
}
