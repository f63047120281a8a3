package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

class OtherArchitectureTest {
    private static final Architecture TINY = Architecture.dino(2, 64, 2, 2, 2, 8);

    private static Safetensors file(String more, String... without) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        TINY.tensors().forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        for (String name : without) {
            tensors.remove(name);
        }
        tensors.put(more, MemoryFiles.zeros(1));
        return MemoryFiles.file(tensors, Map.of("num_heads", "2"));
    }

    /** Names from the authors' repositories, timm and transformers; whole files of such names have nothing else. */
    @ParameterizedTest
    @CsvSource({
        "swin.encoder.layers.0.blocks.0.attention.self.relative_position_bias_table, Swin",
        "layers.1.downsample.reduction.weight, Swin",
        "blocks.0.attn.relative_position_bias_table, BEiT",
        "encoder.layer.0.attention.attention.relative_position_bias.relative_position_bias_table, BEiT",
        "blocks.0.attn.q_bias, BEiT",
        "blocks.0.attn.q_proj.weight, EVA",
        "blocks.0.mlp.ffn_ln.weight, EVA",
        "stages.0.blocks.0.conv_dw.weight, ConvNeXt",
        "stages.0.layers.0.depthwise_conv.weight, ConvNeXt",
        "convnext.encoder.stages.0.layers.0.dwconv.weight, ConvNeXt",
        "cls_attn_blocks.0.norm1.weight, XCiT",
        "layer1.0.conv1.weight, ResNet",
        "visual.transformer.resblocks.0.ln_1.weight, CLIP",
        "vision_model.pre_layrnorm.weight, CLIP",
        "norm_pre.weight, CLIP",
        "vision_model.encoder.layers.0.self_attn.q_proj.weight, SigLIP",
        "attn_pool.latent, SigLIP",
        "image_encoder.blocks.0.attn.rel_pos_h, Segment Anything",
        "blocks.0.attn.q_norm.weight, normalised queries",
        "_fsdp_wrapped_module._flat_param, flattened by FSDP",
        "blocks.0._checkpoint_wrapped_module.norm1.weight, wrapper"
    })
    void aForeignNameTellsTheArchitecture(String name, String architecture) {
        Safetensors foreign = MemoryFiles.file(Map.of(name, MemoryFiles.zeros(1)), Map.of());
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.findPrefix(foreign))
                .withMessageContainingAll("made-up.safetensors", name, architecture);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(file(name, "norm.weight"), ""))
                .withMessageContainingAll("made-up.safetensors", name, architecture);
    }

    @Test
    void aMissingPartTellsTheArchitecture() {
        refused(file("x", "cls_token"), "cls_token", "without class token");
        refused(file("x", "pos_embed"), "pos_embed", "without learned positions");
        refused(file("fc_norm.weight", "norm.weight"), "norm.weight", "follows pooling");
        refused(
                file("x", "blocks.0.attn.qkv.bias", "blocks.1.attn.qkv.bias"),
                "blocks.0.attn.qkv.bias",
                "queries, keys and values have no bias");
    }

    @Test
    void aDamagedFileIsNotTakenForAnother() {
        refused(file("x", "norm.weight"), "norm.weight", "Use a file that has it, or convert it again");
        refused(file("x", "blocks.1.attn.qkv.bias"), "blocks.1.attn.qkv.bias", "Use a file that has it");
    }

    private static void refused(Safetensors file, String tensor, String reason) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Architecture.of(file, ""))
                .withMessageContainingAll("tensor \"" + tensor + "\"", "no such tensor", reason);
    }
}
