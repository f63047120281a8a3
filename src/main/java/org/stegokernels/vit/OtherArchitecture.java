package org.stegokernels.vit;

import java.util.List;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/** Networks that are no transformer of {@link Architecture}'s kind, recognised by names that only they have, or lack. */
public final class OtherArchitecture {
    private static final String SUPPORTED =
            "Supported are vision transformers with a class token and learned positions:"
                    + " DINO, DINOv2, DeiT, MAE's encoder, and others with their tensors in timm and Hugging Face;"
                    + " and DINOv3 under the names of its authors and of Hugging Face.";
    /** Looked at in each file: a network's kind shows in its first blocks. */
    private static final int MOST_NAMES = 2000;

    /**
     * A kind of network.
     *
     * @param parts of which any, in a tensor's name with a dot before it, tells the kind
     */
    private record Sign(String reason, String remedy, List<String> parts) {
        private static Sign of(String what, String... parts) {
            return new Sign("it is " + what + ", which is not supported", SUPPORTED, List.of(parts));
        }

        private boolean isIn(String name) {
            for (String part : parts) {
                if (name.contains(part)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The first that is seen holds: what has names of others as well stands before them. */
    private static final List<Sign> SIGNS = List.of(
            new Sign(
                    "its weights are flattened by FSDP",
                    "Save its full state dict (StateDictType.FULL_STATE_DICT) and convert that.",
                    List.of("._flat_param", ".flat_param")),
            new Sign(
                    "names in it carry a wrapper of the training (activation checkpointing, torch.compile or FSDP)",
                    "Convert it first: 'stego-kernels convert IN OUT' takes the wrapper out of the names.",
                    List.of("._checkpoint_wrapped_module.", "._orig_mod.", "._fsdp_wrapped_module.")),
            Sign.of("a Segment Anything encoder (relative positions)", ".attn.rel_pos_h"),
            Sign.of("a Swin Transformer", ".layers.0.blocks.0.", ".downsample.reduction."),
            Sign.of("a BEiT (relative positions)", ".relative_position_bias", ".rel_pos_bias.", ".attn.q_bias"),
            Sign.of(
                    "an EVA (gated perceptrons or positions by rotation)",
                    ".rope.",
                    ".attn.q_proj.",
                    ".attn.inner_attn_ln.",
                    ".mlp.fc1_g.",
                    ".mlp.ffn_ln."),
            Sign.of("a ConvNeXt", ".dwconv.", ".conv_dw.", ".depthwise_conv.", ".downsample_layers.0."),
            Sign.of("an XCiT", ".cls_attn_blocks.", ".pos_embeder."),
            Sign.of("a CaiT", ".blocks_token_only."),
            Sign.of("a ResNet", ".layer1.0.conv1.", ".resnet.encoder."),
            Sign.of("a hybrid of a convolutional network and a transformer", ".patch_embed.backbone."),
            Sign.of(
                    "a CLIP (a layer norm before the blocks)",
                    ".pre_layrnorm.",
                    ".norm_pre.",
                    ".class_embedding",
                    ".transformer.resblocks."),
            Sign.of("a SigLIP (no class token)", ".vision_model.encoder.layers.", ".attn_pool."),
            Sign.of("a YOLOS (detection tokens)", ".detection_tokens"),
            Sign.of("a transformer with normalised queries and keys", ".attn.q_norm."),
            Sign.of("a transformer with parallel branches", ".attns.0."));

    private OtherArchitecture() {}

    /**
     * Returns why a file that was refused could not be used anyway.
     *
     * @param failure why it was refused
     * @return the failure itself if the file can't be told to be of another kind
     */
    public static ModelException explain(TensorIndex file, ModelException failure) {
        List<String> names =
                file.names().stream().limit(MOST_NAMES).map(name -> "." + name).toList();
        for (Sign sign : SIGNS) {
            for (String name : names) {
                if (sign.isIn(name)) {
                    return new ModelException(file.name(), name.substring(1), sign.reason(), sign.remedy(), failure);
                }
            }
        }
        String tensor = failure.tensor();
        return tensor == null || file.has(tensor) ? failure : absence(file, names, "." + tensor, failure);
    }

    private static ModelException absence(
            TensorIndex file, List<String> names, String missing, ModelException failure) {
        String what;
        if (missing.endsWith(".cls_token")) {
            what = "a transformer without class token, as SigLIP, I-JEPA and others that pool";
        } else if (missing.endsWith(".pos_embed")) {
            what = "a transformer without learned positions, as EVA-02, and DINOv3 under timm's names, which rotate";
        } else if (missing.endsWith(".norm.weight") && names.stream().anyMatch(name -> name.contains(".fc_norm."))) {
            what = "a transformer whose last norm follows pooling, as in a fine-tuned MAE";
        } else if (missing.endsWith(".attn.qkv.bias")
                && names.stream().noneMatch(name -> name.endsWith(".attn.qkv.bias"))) {
            return new ModelException(
                    file.name(),
                    failure.tensor(),
                    "the file has no such tensor, nor has any other block: its queries, keys and values have no bias",
                    "Convert it first: 'stego-kernels convert IN OUT' writes zeros in its place.",
                    failure);
        } else {
            return failure;
        }
        return new ModelException(
                file.name(),
                failure.tensor(),
                "the file has no such tensor: it is " + what + ", which is not supported",
                SUPPORTED,
                failure);
    }
}
