package org.stegokernels.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/**
 * Whose names a transformer's tensors have, and what this program calls them: the names of DINO, DINOv2 and DINOv3 themselves
 * (vision_transformer.py of each), of timm, and of Hugging Face (modeling_vit.py, modeling_dinov2.py,
 * modeling_dinov2_with_registers.py and modeling_dinov3_vit.py of transformers).
 */
enum TransformerNames {
    /** DINO, DINOv2, DINOv3, DeiT and timm agree but for what {@link #local} says. */
    DINO("patch_embed.proj.weight") {
        private final Pattern chunk = Pattern.compile("blocks\\.\\d+\\.(\\d+\\..+)");
        private final Pattern gamma = Pattern.compile("(blocks\\.\\d+\\.)gamma_([12])");

        /**
         * Returns the name within one file. DINOv2 trains in chunks of blocks, {@code blocks.CHUNK.BLOCK}; DeiT III
         * calls layer scale {@code gamma_1}.
         */
        @Override
        String local(String name) {
            Matcher chunked = chunk.matcher(name);
            String whole = chunked.matches() ? "blocks." + chunked.group(1) : name;
            Matcher scaled = gamma.matcher(whole);
            return scaled.matches() ? scaled.group(1) + "ls" + scaled.group(2) + ".gamma" : whole;
        }
    },

    /** Hugging Face's names of DINOv3; those of the MLP's layers are settled by {@link Found#local}. */
    HUGGING_FACE_DINOV3("embeddings.patch_embeddings.weight") {
        private final Pattern layer = Pattern.compile("(?:(?:model|encoder)\\.)?layer\\.(\\d+)\\.(.+)");
        private final Map<String, String> outside = Map.of(
                "embeddings.cls_token", "cls_token",
                "embeddings.mask_token", "mask_token",
                "embeddings.register_tokens", "storage_tokens",
                "embeddings.patch_embeddings.weight", "patch_embed.proj.weight",
                "embeddings.patch_embeddings.bias", "patch_embed.proj.bias");
        private final List<List<String>> inside = List.of(
                List.of("attention.o_proj.", "attn.proj."),
                List.of("attention.", "attn."),
                List.of("mlp.gate_proj.", "mlp.w1."),
                List.of("layer_scale1.lambda1", "ls1.gamma"),
                List.of("layer_scale2.lambda1", "ls2.gamma"));

        @Override
        String local(String name) {
            Matcher inLayer = layer.matcher(name);
            if (!inLayer.matches()) {
                return outside.getOrDefault(name, name);
            }
            String rest = inLayer.group(2);
            for (List<String> renaming : inside) {
                if (rest.startsWith(renaming.get(0))) {
                    rest = renaming.get(1) + rest.substring(renaming.get(0).length());
                    break;
                }
            }
            return "blocks." + inLayer.group(1) + "." + rest;
        }
    },

    HUGGING_FACE("embeddings.patch_embeddings.projection.weight") {
        private final Pattern layer = Pattern.compile("encoder\\.layer\\.(\\d+)\\.(.+)");
        private final Map<String, String> outside = Map.of(
                "embeddings.cls_token", "cls_token",
                "embeddings.mask_token", "mask_token",
                "embeddings.distillation_token", "dist_token",
                "embeddings.register_tokens", "register_tokens",
                "embeddings.position_embeddings", "pos_embed",
                "embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight",
                "embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias",
                "layernorm.weight", "norm.weight",
                "layernorm.bias", "norm.bias");
        private final Map<String, String> inside = Map.ofEntries(
                Map.entry("layernorm_before", "norm1"),
                Map.entry("layernorm_after", "norm2"),
                Map.entry("attention.output.dense", "attn.proj"),
                Map.entry("intermediate.dense", "mlp.fc1"),
                Map.entry("output.dense", "mlp.fc2"),
                Map.entry("mlp.weights_in", "mlp.w12"),
                Map.entry("mlp.weights_out", "mlp.w3"),
                Map.entry("layer_scale1.lambda1", "ls1.gamma"),
                Map.entry("layer_scale2.lambda1", "ls2.gamma"));

        @Override
        String local(String name) {
            Matcher inLayer = layer.matcher(name);
            if (!inLayer.matches()) {
                return outside.getOrDefault(name, name);
            }
            String rest = inLayer.group(2);
            int dot = Math.max(0, rest.lastIndexOf('.'));
            String module = rest.substring(0, dot);
            String renamed = inside.containsKey(rest)
                    ? inside.get(rest)
                    : inside.getOrDefault(module, module) + rest.substring(dot);
            return "blocks." + inLayer.group(1) + "." + renamed;
        }
    };

    /**
     * Tensors of others that are one here, the parts one below the other.
     *
     * @param whole this program's name, within a block
     * @param parts theirs, in their order
     */
    private record Join(String whole, List<String> parts) {}

    private static final List<Join> JOINS = List.of(
            new Join(
                    "attn.qkv.",
                    List.of("attention.attention.query.", "attention.attention.key.", "attention.attention.value.")),
            new Join("attn.qkv.", List.of("attn.q_proj.", "attn.k_proj.", "attn.v_proj.")),
            new Join("mlp.w12.", List.of("mlp.w1.", "mlp.w2.")));

    private static final Pattern IN_BLOCK = Pattern.compile("(blocks\\.\\d+\\.)(.+\\.)(.+)");
    /** DINOv3's mask, by which the bias of the keys counts for nothing. */
    private static final String BIAS_MASK = "attn.qkv.bias_mask";

    private final String anchor;

    TransformerNames(String anchor) {
        this.anchor = anchor;
    }

    /** Returns this program's name of a tensor, without any prefix. */
    abstract String local(String name);

    /**
     * A transformer in a file.
     *
     * @param prefix what precedes its tensors' names
     */
    record Found(TransformerNames names, String prefix) {
        boolean owns(String tensor) {
            return tensor.startsWith(prefix);
        }

        /** Returns this program's name of a tensor of this transformer. */
        String local(String tensor) {
            return names.local(tensor.substring(prefix.length()));
        }

        /** Adds its tensors under this program's names, with {@code newPrefix} before them. */
        void rename(TensorIndex source, String newPrefix, RenamedTensors into) {
            Map<String, String> originals = new LinkedHashMap<>();
            boolean gated = source.names().stream()
                    .anyMatch(name -> owns(name) && local(name).contains(".mlp.w1."));
            source.names().stream().filter(this::owns).forEach(name -> originals.put(ofMlp(local(name), gated), name));
            boolean keyBias = originals.keySet().stream().anyMatch(local -> local.endsWith(".attn.k_proj.bias"));
            for (String name : source.names()) {
                if (!owns(name)) {
                    continue;
                }
                String local = ofMlp(local(name), gated);
                Matcher inBlock = IN_BLOCK.matcher(local);
                if (local.endsWith("." + BIAS_MASK)) {
                    into.mask(newPrefix + local.substring(0, local.length() - "_mask".length()), name);
                } else if (!inBlock.matches() || !join(inBlock, originals, keyBias, newPrefix, into)) {
                    into.add(newPrefix + local, name);
                }
            }
        }

        /** Returns the name of an MLP's layer, of which Hugging Face has the same with a gate and without. */
        private static String ofMlp(String local, boolean gated) {
            return local.replace(".mlp.up_proj.", gated ? ".mlp.w2." : ".mlp.fc1.")
                    .replace(".mlp.down_proj.", gated ? ".mlp.w3." : ".mlp.fc2.");
        }

        /** Joins a tensor with others, if it is the first of them; returns whether it is any of them. */
        private boolean join(
                Matcher inBlock,
                Map<String, String> originals,
                boolean keyBias,
                String newPrefix,
                RenamedTensors into) {
            for (Join join : JOINS) {
                int part = join.parts().indexOf(inBlock.group(2));
                if (part < 0) {
                    continue;
                }
                String whole = newPrefix + inBlock.group(1) + join.whole() + inBlock.group(3);
                if (part == 0) {
                    List<String> joined = new ArrayList<>();
                    for (String each : join.parts()) {
                        boolean zeros =
                                each.equals("attn.k_proj.") && inBlock.group(3).equals("bias") && !keyBias;
                        String local = inBlock.group(1) + each + inBlock.group(3);
                        joined.add(zeros ? RenamedTensors.ZEROS : originals.getOrDefault(local, prefix + local));
                    }
                    into.join(whole, joined);
                }
                return true;
            }
            return false;
        }
    }

    /**
     * Finds the transformer of a file; of a student and its teacher the teacher, as DINO and its kin evaluate it.
     *
     * @throws ModelException if there is none, or more than one
     */
    static Found find(TensorIndex file) {
        List<Found> found = new ArrayList<>();
        for (String name : file.names()) {
            for (TransformerNames names : values()) {
                if (name.equals(names.anchor) || name.endsWith("." + names.anchor)) {
                    found.add(new Found(names, name.substring(0, name.length() - names.anchor.length())));
                }
            }
        }
        List<Found> teachers = found.stream()
                .filter(one -> ("." + one.prefix()).contains(".teacher."))
                .toList();
        List<Found> choice = found.size() > 1 && teachers.size() == 1 ? teachers : found;
        if (choice.size() == 1) {
            return choice.get(0);
        }
        if (found.isEmpty()) {
            throw new ModelException(
                    file.name(),
                    null,
                    "there is no vision transformer in it (no tensor named " + DINO.anchor + " or "
                            + HUGGING_FACE.anchor + ")",
                    "Give a ViT with the names of DINO, DINOv2, DINOv3, DeiT, timm or Hugging Face, or a STEGO checkpoint.");
        }
        throw new ModelException(
                file.name(),
                null,
                "there are " + found.size() + " vision transformers in it, under "
                        + found.stream().map(Found::prefix).limit(10).toList(),
                "Save the one that is wanted to a file of its own.");
    }
}
