package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/**
 * The measures of a vision transformer.
 *
 * @param depth number of blocks
 * @param width channels of a token, C
 * @param heads attention heads, a divisor of the width
 * @param patch side of a patch in pixels
 * @param baseGrid patches along each side of the images that the position embedding was trained on
 * @param hidden channels between the two layers of a block's perceptron
 * @param registers how many register tokens stand behind the class token (Darcet et al. 2024); they have no positions
 * @param classPosition whether the class token has a position of its own, the first of the embedding; timm adds it to
 *     the token itself where there are registers
 * @param layerScale whether the two branches of each block are scaled channel by channel (Touvron et al. 2021)
 * @param epsilon what each layer norm adds to the variance; 0 stands for the usual {@link #LAYER_NORM_EPSILON}
 */
public record ViTConfig(
        int depth,
        int width,
        int heads,
        int patch,
        int baseGrid,
        int hidden,
        int registers,
        boolean classPosition,
        boolean layerScale,
        float epsilon) {
    /** That of DINO, DINOv2, DeiT and timm; Hugging Face's ViT has others. */
    public static final float LAYER_NORM_EPSILON = 1e-6f;

    /** The metadata that tell the number of heads. */
    public static final String HEADS_KEY = "num_heads";
    /** The metadata that tell the epsilon of the layer norms, if it is not the usual one. */
    public static final String EPSILON_KEY = "layer_norm_eps";

    static final String CLASS_TOKEN = "cls_token";
    static final String POSITIONS = "pos_embed";
    private static final String PATCH_WEIGHT = "patch_embed.proj.weight";
    /** Heads by width, where all published transformers of this kind agree: ViT-Ti, S, B, L, SO400M, H, g and G. */
    private static final Map<Integer, Integer> KNOWN_HEADS =
            Map.of(192, 3, 384, 6, 768, 12, 1024, 16, 1152, 16, 1280, 16, 1408, 16, 1664, 16);

    private static final String TELL_HEADS =
            "Give their number to 'stego-kernels convert IN OUT --heads N', which writes it into the new file.";
    /** Ten times the widest there is; the weights of wider ones could not be addressed. */
    private static final int MAX_WIDTH = 1 << 14;

    /** Eight times the largest there is; of larger ones no picture has enough. */
    private static final int MAX_PATCH = 256;

    private static final int MAX_REGISTERS = 1 << 10;

    /** Tensors that change what a transformer computes, in ways that are not built here. */
    private static final List<String> FOREIGN = List.of("dist_token", "norm_pre.weight");

    private static final int MAX_DEPTH = 10_000;

    public ViTConfig {
        epsilon = epsilon == 0 ? LAYER_NORM_EPSILON : epsilon;
    }

    /** One without registers and layer scale, whose class token has a position: DINO and DeiT. */
    public ViTConfig(int depth, int width, int heads, int patch, int baseGrid, int hidden) {
        this(depth, width, heads, patch, baseGrid, hidden, 0, true, false, LAYER_NORM_EPSILON);
    }

    /**
     * Reads the measures off a file's tensors. What can't be seen in them comes from the file's metadata: {@code
     * num_heads}, which only the widths of well-known transformers do without, and {@code layer_norm_eps}, else 1e-6.
     *
     * @param prefix what precedes {@code patch_embed.proj.weight} and all other names of this transformer
     * @throws ModelException if a tensor that belongs to every transformer is missing or of a wrong shape, or there are
     *     tensors that only another architecture has
     */
    public static ViTConfig of(TensorIndex file, String prefix) {
        try {
            return read(file, prefix);
        } catch (ModelException e) {
            throw OtherArchitecture.explain(file, e);
        }
    }

    private static ViTConfig read(TensorIndex file, String prefix) {
        for (String name : FOREIGN) {
            if (file.has(prefix + name)) {
                throw foreign(file, prefix + name);
            }
        }
        Shape patchWeight = file.entry(prefix + PATCH_WEIGHT).shape();
        boolean square = patchWeight.rank() == 4
                && patchWeight.size() > 0
                && patchWeight.dim(0) <= MAX_WIDTH
                && patchWeight.dim(1) == 3
                && patchWeight.dim(2) <= MAX_PATCH
                && patchWeight.dim(2) == patchWeight.dim(3);
        if (!square) {
            throw file.wrongShape(
                    prefix + PATCH_WEIGHT,
                    "[width up to " + MAX_WIDTH + ", 3, patch up to " + MAX_PATCH + ", the same]");
        }
        int width = patchWeight.dim(0);
        Shape positions = file.entry(prefix + POSITIONS).shape();
        int count = positions.rank() == 3 ? positions.dim(1) : 0;
        int grid = (int) Math.sqrt(count);
        boolean classPosition = grid < 2 || grid * grid != count;
        if (classPosition) {
            grid = (int) Math.sqrt(Math.max(count - 1, 0));
        }
        if (grid < 1 || !positions.equals(Shape.of(1, (classPosition ? 1 : 0) + grid * grid, width))) {
            throw file.wrongShape(
                    prefix + POSITIONS, "[1, 1 + grid * grid, " + width + "] or [1, grid * grid, " + width + "]");
        }
        refuseGatedPerceptron(file, prefix);
        String fc1 = prefix + "blocks.0.mlp.fc1.weight";
        Shape hidden = file.entry(fc1).shape();
        if (hidden.rank() != 2 || hidden.size() == 0 || hidden.dim(1) != width) {
            throw file.wrongShape(fc1, "[hidden, " + width + "]");
        }
        ViTConfig ofOneHead = new ViTConfig(
                depth(file, prefix),
                width,
                1,
                patchWeight.dim(2),
                grid,
                hidden.dim(0),
                registers(file, prefix + registerName(classPosition)),
                classPosition,
                file.has(prefix + "blocks.0.ls1.gamma"),
                epsilon(file));
        // Asked for last: who gives them should not learn then that the file is of no use.
        ofOneHead.check(file, prefix);
        return ofOneHead.withHeads(heads(file, width));
    }

    private ViTConfig withHeads(int count) {
        return new ViTConfig(
                depth, width, count, patch, baseGrid, hidden, registers, classPosition, layerScale, epsilon);
    }

    /**
     * Finds the one transformer in a file.
     *
     * @return its prefix
     * @throws ModelException if there is none, or more than one
     */
    public static String findPrefix(TensorIndex file) {
        List<String> prefixes = new ArrayList<>();
        for (String name : file.names()) {
            if (name.equals(PATCH_WEIGHT) || name.endsWith("." + PATCH_WEIGHT)) {
                prefixes.add(name.substring(0, name.length() - PATCH_WEIGHT.length()));
            }
        }
        if (prefixes.size() != 1) {
            String reason = prefixes.isEmpty()
                    ? "there is no vision transformer in it (no tensor named " + PATCH_WEIGHT + ")"
                    : "there are " + prefixes.size() + " vision transformers in it, under " + prefixes;
            throw OtherArchitecture.explain(
                    file,
                    new ModelException(
                            file.name(),
                            null,
                            reason,
                            "Give a STEGO model, or a ViT with the names of DINO, DeiT or timm; 'convert' knows more"
                                    + " names."));
        }
        return prefixes.get(0);
    }

    /** Returns the metadata that tell what can't be seen in the tensors. */
    public Map<String, String> metadata() {
        String heads = Integer.toString(this.heads);
        return epsilon == LAYER_NORM_EPSILON
                ? Map.of(HEADS_KEY, heads)
                : Map.of(HEADS_KEY, heads, EPSILON_KEY, Float.toString(epsilon));
    }

    /** Tokens in front of those of the patches: the class token and the registers. */
    public int prefixTokens() {
        return 1 + registers;
    }

    /** The name of the registers: timm's where the class token has no position, else DINOv2's. */
    String registerName() {
        return registerName(classPosition);
    }

    private static String registerName(boolean classPosition) {
        return classPosition ? "register_tokens" : "reg_token";
    }

    /** The names, without prefix, and shapes of all tensors that such a transformer has. */
    public Map<String, Shape> tensors() {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        tensors.put(CLASS_TOKEN, Shape.of(1, 1, width));
        if (registers > 0) {
            tensors.put(registerName(), Shape.of(1, registers, width));
        }
        tensors.put(POSITIONS, Shape.of(1, (classPosition ? 1 : 0) + baseGrid * baseGrid, width));
        tensors.put(PATCH_WEIGHT, Shape.of(width, 3, patch, patch));
        tensors.put("patch_embed.proj.bias", Shape.of(width));
        for (int i = 0; i < depth; i++) {
            String block = "blocks." + i + ".";
            putNorm(tensors, block + "norm1");
            putLinear(tensors, block + "attn.qkv", 3 * width, width);
            putLinear(tensors, block + "attn.proj", width, width);
            putScale(tensors, block + "ls1.gamma");
            putNorm(tensors, block + "norm2");
            putLinear(tensors, block + "mlp.fc1", hidden, width);
            putLinear(tensors, block + "mlp.fc2", width, hidden);
            putScale(tensors, block + "ls2.gamma");
        }
        putNorm(tensors, "norm");
        return tensors;
    }

    private void putNorm(Map<String, Shape> tensors, String name) {
        tensors.put(name + ".weight", Shape.of(width));
        tensors.put(name + ".bias", Shape.of(width));
    }

    private void putScale(Map<String, Shape> tensors, String name) {
        if (layerScale) {
            tensors.put(name, Shape.of(width));
        }
    }

    private static void putLinear(Map<String, Shape> tensors, String name, int outputs, int inputs) {
        tensors.put(name + ".weight", Shape.of(outputs, inputs));
        tensors.put(name + ".bias", Shape.of(outputs));
    }

    private static int depth(TensorIndex file, String prefix) {
        String blocks = prefix + "blocks.";
        int depth = 0;
        for (String name : file.names()) {
            if (name.startsWith(blocks)) {
                depth = Math.max(depth, 1 + number(name, blocks.length()));
            }
        }
        for (int i = 0; i < depth; i++) {
            String first = prefix + "blocks." + i + ".norm1.weight";
            if (!file.has(first)) {
                // Before a list is made of what many blocks should have.
                throw file.missing(first);
            }
        }
        return depth;
    }

    /** The number, below {@link #MAX_DEPTH}, that a name has at a place before a dot; -1 for none. */
    private static int number(String name, int from) {
        int number = name.indexOf('.', from) > from ? 0 : -1;
        for (int i = from; number >= 0 && name.charAt(i) != '.'; i++) {
            int digit = name.charAt(i) - '0';
            number = digit < 0 || digit > 9 || number >= MAX_DEPTH / 10 ? -1 : 10 * number + digit;
        }
        return number;
    }

    private static int registers(TensorIndex file, String name) {
        if (!file.has(name)) {
            return 0;
        }
        Shape shape = file.entry(name).shape();
        if (shape.rank() != 3 || shape.dim(1) < 1 || shape.dim(1) > MAX_REGISTERS) {
            throw file.wrongShape(name, "[1, registers up to " + MAX_REGISTERS + ", width]");
        }
        return shape.dim(1);
    }

    private static int heads(TensorIndex file, int width) {
        String given = file.metadata().get(HEADS_KEY);
        if (given == null) {
            Integer known = KNOWN_HEADS.get(width);
            if (known == null) {
                throw new ModelException(
                        file.name(),
                        null,
                        "how many attention heads it has is not known: nothing says it, and with " + width
                                + " channels it can be any divisor",
                        TELL_HEADS);
            }
            return known;
        }
        int heads = given.matches("[1-9]\\d{0,5}") ? Integer.parseInt(given) : 0;
        if (heads == 0 || width % heads != 0) {
            throw new ModelException(
                    file.name(),
                    null,
                    "its \"" + HEADS_KEY + "\" is " + Printable.quoted(given) + ", which does not divide its width "
                            + width,
                    TELL_HEADS);
        }
        return heads;
    }

    private static float epsilon(TensorIndex file) {
        String given = file.metadata().get(EPSILON_KEY);
        if (given == null) {
            return LAYER_NORM_EPSILON;
        }
        float epsilon = given.matches("[0-9.eE+-]{1,30}") ? parse(given) : 0;
        if (!(epsilon > 0) || epsilon > 1) {
            throw new ModelException(
                    file.name(),
                    null,
                    "its \"" + EPSILON_KEY + "\" is " + Printable.quoted(given)
                            + ", which is not a number above 0, up to 1",
                    "Correct the metadata.");
        }
        return epsilon;
    }

    /** 0 for what is no number. */
    private static float parse(String number) {
        try {
            return Float.parseFloat(number);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** DINOv2's giant names the gated perceptron differently; timm names it as usual, its second layer being narrower. */
    private static void refuseGatedPerceptron(TensorIndex file, String prefix) {
        String gate = prefix + "blocks.0.mlp.w12.weight";
        String fc1 = prefix + "blocks.0.mlp.fc1.weight";
        String fc2 = prefix + "blocks.0.mlp.fc2.weight";
        boolean halved = file.has(fc1)
                && file.has(fc2)
                && file.entry(fc1).shape().rank() == 2
                && file.entry(fc2).shape().rank() == 2
                && file.entry(fc1).shape().dim(0) == 2 * file.entry(fc2).shape().dim(1);
        if (file.has(gate) || halved) {
            throw new ModelException(
                    file.name(),
                    file.has(gate) ? gate : fc1,
                    "its perceptrons are gated (SwiGLU), as in DINOv2's ViT-g/14, which is not supported",
                    "Use DINOv2's ViT-S, ViT-B or ViT-L.");
        }
    }

    /** All that is needed is there, and nothing that would change the result if it were left out. */
    private void check(TensorIndex file, String prefix) {
        Map<String, Shape> tensors = tensors();
        for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
            file.require(prefix + tensor.getKey(), tensor.getValue());
        }
        String otherRegisters = prefix + registerName(!classPosition);
        if (file.has(otherRegisters)) {
            throw foreign(file, otherRegisters);
        }
        String blocks = prefix + "blocks.";
        for (String name : file.names()) {
            if (name.startsWith(blocks) && !tensors.containsKey(name.substring(prefix.length()))) {
                throw foreign(file, name);
            }
        }
    }

    private static ModelException foreign(TensorIndex file, String tensor) {
        return new ModelException(
                file.name(),
                tensor,
                "the vision transformers known here have no such tensor",
                "Distillation tokens and the like are not supported: use a DINO, DINOv2 or DeiT model.");
    }
}
