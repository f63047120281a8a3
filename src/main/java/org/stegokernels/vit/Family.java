package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.weights.TensorIndex;

/**
 * The families of vision transformers, told apart by the tokens before those of the patches. What the blocks are made of
 * shows in their own tensors.
 */
public enum Family {
    /** DINO, DeiT, and timm's plain transformers: the class token has the first position. */
    DINO(true, null, Architecture.Interpolation.SCALE_FACTOR, "cls_token"),
    /** DeiT distilled (Touvron et al. 2021): a second class token learns from a teacher; each has a position. */
    DISTILLED_DEIT(true, null, Architecture.Interpolation.SCALE_FACTOR, "cls_token", "dist_token"),
    /** DINOv2, and DeiT III, whose tensors are the same. */
    DINOV2(true, "register_tokens", Architecture.Interpolation.ANTIALIASED, "cls_token"),
    /** DINOv2 as timm keeps it: the class token's position is added to the token, and not in the embedding. */
    TIMM_DINOV2(false, "reg_token", Architecture.Interpolation.ANTIALIASED, "cls_token");

    /** Whether the class tokens have positions of their own, the first of the embedding. */
    private final boolean positioned;
    /** The tensor of the registers; null if the family has none. */
    private final String registers;

    private final Architecture.Interpolation withRegisters;
    private final List<String> classTokens;

    Family(boolean positioned, String registers, Architecture.Interpolation withRegisters, String... classTokens) {
        this.positioned = positioned;
        this.registers = registers;
        this.withRegisters = withRegisters;
        this.classTokens = List.of(classTokens);
    }

    /**
     * Tells the family of a file's transformer.
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
    public Architecture.Interpolation interpolation(int registers) {
        return registers > 0 ? withRegisters : Architecture.Interpolation.SCALE_FACTOR;
    }
}
