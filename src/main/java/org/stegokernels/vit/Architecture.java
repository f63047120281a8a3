package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/**
 * The description of a backbone that decides the names and shapes of its tensors, and what is computed of them.
 *
 * @param registers number of register tokens after the class tokens (Darcet et al. 2024); they have no positions
 */
public record Architecture(Family family, Patches patches, Encoder encoder, int registers) {
    /** The epsilon of DINO, DINOv2, DeiT and timm; DINOv3 and Hugging Face's ViT have others. */
    public static final float LAYER_NORM_EPSILON = 1e-6f;

    /** The metadata that tell the number of heads. */
    public static final String HEADS_KEY = "num_heads";
    /** The metadata that tell the epsilon of the layer norms, if it is not the family's. */
    public static final String EPSILON_KEY = "layer_norm_eps";

    static final String POSITIONS = "pos_embed";
    /** The periods of the rotations, a quarter as many as a head has channels. */
    public static final String PERIODS = "rope_embed.periods";

    /** Channels of a head that turn with one period: two coordinates for each of two directions. */
    static final int CHANNELS_A_PERIOD = 4;

    static final String PATCH_PROJECTION = "patch_embed.proj";
    static final String FINAL_NORM = "norm";

    /**
     * The patch embedding.
     *
     * @param side of a patch in pixels
     * @param grid patches along each side of the images that the position embedding was trained on; 0 where there is none
     * @param positionRule how a patch gets its position
     */
    public record Patches(int side, int grid, PositionRule positionRule) {}

    /** The published rules by which patches get their positions: an embedding stretched to the grid of an image, or none. */
    public enum PositionRule {
        /**
         * Bicubic, with (n + 0.1) / grid as the scale of the source coordinates: facebookresearch/dino,
         * vision_transformer.py, and DINOv2 without registers ({@code interpolate_offset=0.1}).
         */
        SCALE_FACTOR,
        /**
         * Bicubic to the size itself, with a kernel that smooths where it shrinks: facebookresearch/dinov2,
         * hub/backbones.py, with registers ({@code interpolate_antialias=True, interpolate_offset=0.0}).
         */
        ANTIALIASED,
        /**
         * No embedding: queries and keys are turned by angles that the patch's place gives (RoPE: Su et al. 2021), as in
         * facebookresearch/dinov3, layers/rope_position_encoding.py, with {@code normalize_coords="separate"}.
         */
        ROTATED
    }

    /**
     * The blocks of the transformer.
     *
     * @param depth number of blocks
     * @param width channels of a token, C
     * @param heads attention heads, a divisor of the width
     * @param hidden channels that the second layer of a block's MLP takes
     * @param layerScale whether the two branches of each block are scaled channel by channel (Touvron et al. 2021)
     * @param epsilon what each layer norm adds to the variance
     */
    public record Encoder(int depth, int width, int heads, MlpKind mlp, int hidden, boolean layerScale, float epsilon) {
        Encoder withHeads(int count) {
            return new Encoder(depth, width, count, mlp, hidden, layerScale, epsilon);
        }
    }

    /** The kinds of MLP, by what its first layer's output goes through, and whose names its layers have. */
    public enum MlpKind {
        /** GELU, in all families. */
        GELU("fc1", "fc2", 1),
        /** A gate, {@code silu(a) * b} (Shazeer 2020), as DINOv2's ViT-g names it. */
        SWIGLU("w12", "w3", 2),
        /** That gate under timm's names. */
        TIMM_SWIGLU("fc1", "fc2", 2);

        private final String first;
        private final String second;
        private final int factor;

        MlpKind(String first, String second, int factor) {
            this.first = "mlp." + first;
            this.second = "mlp." + second;
            this.factor = factor;
        }

        /** Returns the name of the first layer in a block. */
        String first() {
            return first;
        }

        /** Returns the name of the second layer in a block. */
        String second() {
            return second;
        }

        /** Returns the outputs of the first layer. */
        int outputs(int hidden) {
            return factor * hidden;
        }

        /** Returns whether the first layer gives a gate and what goes through it. */
        boolean gated() {
            return factor == 2;
        }
    }

    /**
     * Describes a transformer of DINO's or DeiT's with the usual epsilon.
     *
     * @param patch side of a patch in pixels
     */
    public static Architecture dino(int depth, int width, int heads, int patch, int grid, int hidden) {
        return new Architecture(
                Family.DINO,
                new Patches(patch, grid, Family.DINO.positionRule(0)),
                new Encoder(depth, width, heads, MlpKind.GELU, hidden, false, LAYER_NORM_EPSILON),
                0);
    }

    /**
     * Reads the architecture off a file's tensors. What can't be seen in them comes from the file's metadata: {@code
     * num_heads}, which only the widths of well-known transformers do without, and {@code layer_norm_eps}, else the
     * family's.
     *
     * @param prefix what precedes {@code patch_embed.proj.weight} and all other names of this transformer
     * @throws ModelException if a tensor that belongs to every transformer is missing or of a wrong shape, or there are
     *     tensors that only another architecture has
     */
    public static Architecture of(TensorIndex file, String prefix) {
        try {
            return new ArchitectureReader(file, prefix).read();
        } catch (ModelException e) {
            throw OtherArchitecture.explain(file, e);
        }
    }

    /**
     * Finds the one transformer in a file.
     *
     * @return its prefix
     * @throws ModelException if there is none, or more than one
     */
    public static String findPrefix(TensorIndex file) {
        try {
            return ArchitectureReader.findPrefix(file);
        } catch (ModelException e) {
            throw OtherArchitecture.explain(file, e);
        }
    }

    /** Returns the number of blocks. */
    public int depth() {
        return encoder.depth();
    }

    /** Returns the channels of a token, C. */
    public int width() {
        return encoder.width();
    }

    /** Returns the heads of the attention of a block. */
    public int heads() {
        return encoder.heads();
    }

    /** Returns the side of a patch in pixels. */
    public int patch() {
        return patches.side();
    }

    /** Returns whether the positions of patches are rotations, for images of any size alike, and no embedding. */
    public boolean rotates() {
        return patches.positionRule() == PositionRule.ROTATED;
    }

    /** Returns the number of tokens before those of the patches: class tokens and registers. */
    public int prefixTokens() {
        return family.classTokens().size() + registers;
    }

    /** Returns the metadata that tell what can't be seen in the tensors. */
    public Map<String, String> metadata() {
        String heads = Integer.toString(heads());
        return encoder.epsilon() == family.epsilon()
                ? Map.of(HEADS_KEY, heads)
                : Map.of(HEADS_KEY, heads, EPSILON_KEY, Float.toString(encoder.epsilon()));
    }

    /** Returns the names, without prefix, and shapes of all tensors. */
    public Map<String, Shape> tensors() {
        int width = width();
        Map<String, Shape> tensors = new LinkedHashMap<>();
        for (String token : family.classTokens()) {
            tensors.put(token, Shape.of(1, 1, width));
        }
        if (registers > 0) {
            tensors.put(family.registers(), Shape.of(1, registers, width));
        }
        if (rotates()) {
            tensors.put(PERIODS, Shape.of(width / heads() / CHANNELS_A_PERIOD));
        } else {
            int positions = family.positionsOfClassTokens() + patches.grid() * patches.grid();
            tensors.put(POSITIONS, Shape.of(1, positions, width));
        }
        tensors.put(PATCH_PROJECTION + ".weight", Shape.of(width, 3, patch(), patch()));
        tensors.put(PATCH_PROJECTION + ".bias", Shape.of(width));
        for (int i = 0; i < depth(); i++) {
            String block = Block.name(i);
            putNorm(tensors, block + Block.FIRST_NORM);
            putLinear(tensors, block + Attention.QKV, 3 * width, width);
            putLinear(tensors, block + Attention.PROJECTION, width, width);
            putScale(tensors, block + Block.FIRST_SCALE);
            putNorm(tensors, block + Block.SECOND_NORM);
            MlpKind mlp = encoder.mlp();
            putLinear(tensors, block + mlp.first(), mlp.outputs(encoder.hidden()), width);
            putLinear(tensors, block + mlp.second(), width, encoder.hidden());
            putScale(tensors, block + Block.SECOND_SCALE);
        }
        putNorm(tensors, FINAL_NORM);
        return tensors;
    }

    private void putNorm(Map<String, Shape> tensors, String name) {
        tensors.put(name + ".weight", Shape.of(width()));
        tensors.put(name + ".bias", Shape.of(width()));
    }

    private void putScale(Map<String, Shape> tensors, String name) {
        if (encoder.layerScale()) {
            tensors.put(name, Shape.of(width()));
        }
    }

    private static void putLinear(Map<String, Shape> tensors, String name, int outputs, int inputs) {
        tensors.put(name + ".weight", Shape.of(outputs, inputs));
        tensors.put(name + ".bias", Shape.of(outputs));
    }

    /** Returns the bytes of all tensors as 32-bit floats. */
    public long bytes() {
        long bytes = 0;
        for (Shape shape : tensors().values()) {
            bytes += (long) Float.BYTES * shape.size();
        }
        return bytes;
    }

    /**
     * Returns a line that differs between architectures that compute differently. Cached features are kept under a
     * digest of it, so what it says of an architecture never changes: it is that of the first version, and what came
     * later is added to it only where it differs from what was then the only way.
     */
    public String identity() {
        int classTokens = family.classTokens().size();
        return "ViTConfig[depth=" + depth() + ", width=" + width() + ", heads=" + heads() + ", patch=" + patch()
                + ", baseGrid=" + patches.grid() + ", hidden=" + encoder.hidden() + ", registers=" + registers
                + ", classPosition=" + (family.positionsOfClassTokens() > 0) + ", layerScale=" + encoder.layerScale()
                + (encoder.epsilon() == LAYER_NORM_EPSILON ? "" : ", epsilon=" + encoder.epsilon())
                + (encoder.mlp().gated() ? ", gated=true" : "")
                + (classTokens == 1 ? "" : ", classTokens=" + classTokens)
                + (rotates() ? ", rotates=true" : "")
                + "]";
    }

    /** Returns a line for people. */
    public String description() {
        int classTokens = family.classTokens().size();
        return (family == Family.DINOV3 ? "DINOv3 " : "") + "vision transformer: patch " + patch() + ", " + depth()
                + " blocks, " + width() + " channels, " + heads() + " heads, "
                + (rotates() ? "positions by rotation" : "positions " + patches.grid() + "x" + patches.grid())
                + (classTokens > 1 ? ", " + classTokens + " class tokens" : "")
                + (registers > 0 ? ", " + registers + " registers" : "")
                + (encoder.mlp().gated() ? ", SwiGLU" : "")
                + (encoder.layerScale() ? ", layer scale" : "")
                + (encoder.epsilon() == family.epsilon() ? "" : ", epsilon " + encoder.epsilon());
    }

    /**
     * The families of vision transformers, distinguished by the tokens before those of the patches. What the blocks are made of
     * shows in their own tensors.
     */
    public enum Family {
        /** DINO, DeiT, and timm's plain transformers: the class token has the first position. */
        DINO(true, null, PositionRule.SCALE_FACTOR, LAYER_NORM_EPSILON, "cls_token"),
        /** DeiT distilled (Touvron et al. 2021): a second class token learns from a teacher; each has a position. */
        DISTILLED_DEIT(true, null, PositionRule.SCALE_FACTOR, LAYER_NORM_EPSILON, "cls_token", "dist_token"),
        /** DINOv2, and DeiT III, whose tensors are the same. */
        DINOV2(true, "register_tokens", PositionRule.ANTIALIASED, LAYER_NORM_EPSILON, "cls_token"),
        /** DINOv2 as timm keeps it: the class token's position is added to the token, and not in the embedding. */
        TIMM_DINOV2(false, "reg_token", PositionRule.ANTIALIASED, LAYER_NORM_EPSILON, "cls_token"),
        /** DINOv3 (Simeoni et al. 2025): positions are rotations of queries and keys, those of patches alone. */
        DINOV3(false, "storage_tokens", PositionRule.ROTATED, 1e-5f, "cls_token");

        /** True if the class tokens have positions of their own, the first of the embedding. */
        private final boolean positioned;
        /** The tensor of the registers; null if the family has none. */
        private final String registers;

        private final PositionRule withRegisters;
        private final float epsilon;
        private final List<String> classTokens;

        Family(boolean positioned, String registers, PositionRule withRegisters, float epsilon, String... classTokens) {
            this.positioned = positioned;
            this.registers = registers;
            this.withRegisters = withRegisters;
            this.epsilon = epsilon;
            this.classTokens = List.of(classTokens);
        }

        /**
         * Returns the family of a file's transformer that has a position embedding.
         *
         * @param positions rows of its position embedding
         */
        static Family of(TensorIndex file, String prefix, int positions) {
            if (isSquare(positions)) {
                return TIMM_DINOV2;
            }
            if (file.has(prefix + DISTILLED_DEIT.classTokens.get(1))) {
                return DISTILLED_DEIT;
            }
            boolean scaled = file.has(prefix + Block.name(0) + Block.FIRST_SCALE);
            return scaled || file.has(prefix + DINOV2.registers) ? DINOV2 : DINO;
        }

        /** Returns whether so many positions are those of a square grid and nothing else. */
        private static boolean isSquare(int positions) {
            int side = (int) Math.sqrt(positions);
            return side > 1 && side * side == positions;
        }

        /** Returns the names of the class tokens, in the order in which they stand before the registers. */
        List<String> classTokens() {
            return classTokens;
        }

        /** Returns the tensor of the registers, or null if the family has none. */
        String registers() {
            return registers;
        }

        /** Returns the names of all tokens that are not patches. */
        List<String> tokens() {
            List<String> tokens = new ArrayList<>(classTokens);
            if (registers != null) {
                tokens.add(registers);
            }
            return tokens;
        }

        /** Returns the rows of the position embedding before those of the patches. */
        int positionsOfClassTokens() {
            return positioned ? classTokens.size() : 0;
        }

        /** Returns the published rule for the positions of a transformer with so many registers. */
        public PositionRule positionRule(int registers) {
            return registers > 0 || this == DINOV3 ? withRegisters : PositionRule.SCALE_FACTOR;
        }

        /** Returns what the layer norms of the published models add to the variance. */
        public float epsilon() {
            return epsilon;
        }
    }
}
