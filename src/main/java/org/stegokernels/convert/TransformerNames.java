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
 * Whose names a transformer's tensors have, and what this program calls them: the names of DINO and DINOv2 themselves
 * (vision_transformer.py of both), of timm, and of Hugging Face (modeling_vit.py, modeling_dinov2.py and
 * modeling_dinov2_with_registers.py of transformers).
 */
enum TransformerNames {
    /** DINO, DINOv2, DeiT and timm agree but for what {@link #local} says. */
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

    /** Three tensors of Hugging Face's that are one here, in this order. */
    private static final List<String> SPLIT = List.of("query", "key", "value");

    private static final Pattern PART = Pattern.compile("(blocks\\.\\d+\\.)attention\\.attention\\.query\\.(.+)");

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
            source.names().stream().filter(this::owns).forEach(name -> originals.put(local(name), name));
            for (String name : source.names()) {
                if (!owns(name)) {
                    continue;
                }
                Matcher part = PART.matcher(local(name));
                if (part.matches()) {
                    List<String> joined = new ArrayList<>();
                    for (String third : SPLIT) {
                        String local = part.group(1) + "attention.attention." + third + "." + part.group(2);
                        joined.add(originals.getOrDefault(local, prefix + local));
                    }
                    into.join(newPrefix + part.group(1) + "attn.qkv." + part.group(2), joined);
                } else if (!isThird(local(name))) {
                    into.add(newPrefix + local(name), name);
                }
            }
        }

        private static boolean isThird(String local) {
            return local.contains(".attention.attention.key.") || local.contains(".attention.attention.value.");
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
                    "Give a ViT with the names of DINO, DINOv2, DeiT, timm or Hugging Face, or a STEGO checkpoint.");
        }
        throw new ModelException(
                file.name(),
                null,
                "there are " + found.size() + " vision transformers in it, under "
                        + found.stream().map(Found::prefix).limit(10).toList(),
                "Save the one that is wanted to a file of its own.");
    }
}
