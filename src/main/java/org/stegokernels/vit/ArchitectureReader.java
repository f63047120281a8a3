package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.vit.Architecture.Family;
import org.stegokernels.vit.Architecture.MlpKind;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/** Reads an {@link Architecture} off the names, shapes and metadata of a file, and refuses what is not one. */
final class ArchitectureReader {
    /** Heads by width, where all published transformers of this kind agree: ViT-Ti, S, B, L, SO400M, H, g (1408 and
     * 1536) and G. */
    private static final Map<Integer, Integer> KNOWN_HEADS =
            Map.of(192, 3, 384, 6, 768, 12, 1024, 16, 1152, 16, 1280, 16, 1408, 16, 1536, 24, 1664, 16);

    private static final String TELL_HEADS =
            "Give their number to 'stego-kernels convert IN OUT --heads N', which writes it into the new file.";
    /** Ten times the widest there is; the weights of wider ones could not be addressed. */
    private static final int MAX_WIDTH = 1 << 14;

    /** Eight times the largest there is; of larger ones no picture has enough. */
    private static final int MAX_PATCH = 256;

    private static final int MAX_REGISTERS = 1 << 10;
    private static final int MAX_DEPTH = 10_000;
    private static final String PATCH_WEIGHT = Architecture.PATCH_PROJECTION + ".weight";
    /** Tensors that change what a transformer computes, in a way that is not built here: norms before the blocks, and of the class token alone. */
    private static final List<String> OTHER_NORMS = List.of("norm_pre.weight", "cls_norm.weight");

    /** Tensors of DINOv3's own files that are joined or folded into others by a conversion. */
    private static final String FIRST_OF_GATE = "mlp.w1.weight";

    private static final String BIAS_MASK = Attention.QKV + ".bias_mask";

    private final TensorIndex file;
    private final String prefix;

    ArchitectureReader(TensorIndex file, String prefix) {
        this.file = file;
        this.prefix = prefix;
    }

    /** Returns the prefix of the one transformer in a file. */
    static String findPrefix(TensorIndex file) {
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
            throw new ModelException(
                    file.name(),
                    null,
                    reason,
                    "Give a STEGO model, or a ViT with the names of DINO, DeiT or timm; 'convert' knows more names.");
        }
        return prefixes.get(0);
    }

    Architecture read() {
        for (String norm : OTHER_NORMS) {
            if (file.has(prefix + norm)) {
                throw foreign(prefix + norm);
            }
        }
        Shape projection = projection();
        int width = projection.dim(0);
        boolean rotates = rotates();
        Family family = rotates ? Family.DINOV3 : learned();
        int grid = rotates ? 0 : grid(family, width);
        MlpKind mlp = mlp();
        int registers = registers(family);
        Architecture read = new Architecture(
                family,
                new Architecture.Patches(projection.dim(2), grid, family.positionRule(registers)),
                new Architecture.Encoder(
                        depth(),
                        width,
                        rotates ? headsOfPeriods(width) : 1,
                        mlp,
                        hidden(mlp, width),
                        file.has(prefix + Block.name(0) + Block.FIRST_SCALE),
                        epsilon(family)),
                registers);
        check(read);
        // Asked for last: who gives them should not learn then that the file is of no use.
        return rotates
                ? read
                : new Architecture(family, read.patches(), read.encoder().withHeads(heads(width)), registers);
    }

    /** Returns whether positions are rotations, as their periods tell, or registers that only DINOv3 has. */
    private boolean rotates() {
        return file.has(prefix + Architecture.PERIODS) || file.has(prefix + Family.DINOV3.registers());
    }

    /** Returns the family of a transformer with learned positions. */
    private Family learned() {
        Shape positions = file.entry(prefix + Architecture.POSITIONS).shape();
        return Family.of(file, prefix, positions.rank() == 3 ? positions.dim(1) : 0);
    }

    /** Returns the patches along a side of the grid that the positions were learned on. */
    private int grid(Family family, int width) {
        Shape positions = file.entry(prefix + Architecture.POSITIONS).shape();
        int count = positions.rank() == 3 ? positions.dim(1) : 0;
        int ofTokens = family.positionsOfClassTokens();
        int grid = (int) Math.sqrt(Math.max(count - ofTokens, 0));
        if (grid < 1 || !positions.equals(Shape.of(1, ofTokens + grid * grid, width))) {
            throw file.wrongShape(
                    prefix + Architecture.POSITIONS,
                    "[1, " + Math.max(ofTokens, 1) + " + grid * grid, " + width + "] or [1, grid * grid, " + width
                            + "]");
        }
        return grid;
    }

    /** Returns the heads that the periods tell, of which a head has one for each four channels. */
    private int headsOfPeriods(int width) {
        String name = prefix + Architecture.PERIODS;
        Shape shape = file.entry(name).shape();
        int period = Architecture.CHANNELS_A_PERIOD;
        if (shape.rank() != 1
                || shape.size() == 0
                || shape.size() > width / period
                || width % (period * shape.size()) != 0) {
            throw file.wrongShape(name, "[channels of a head / " + period + "], heads having equal shares of " + width);
        }
        int heads = width / (period * shape.size());
        String given = file.metadata().get(Architecture.HEADS_KEY);
        if (given != null && !given.equals(Integer.toString(heads))) {
            throw new ModelException(
                    file.name(),
                    name,
                    "its \"" + Architecture.HEADS_KEY + "\" is " + Printable.quoted(given) + ", but its periods are "
                            + "those of " + heads + " heads",
                    "Correct the metadata, or leave out --heads.");
        }
        return heads;
    }

    private Shape projection() {
        Shape shape = file.entry(prefix + PATCH_WEIGHT).shape();
        boolean square = shape.rank() == 4
                && shape.size() > 0
                && shape.dim(0) <= MAX_WIDTH
                && shape.dim(1) == 3
                && shape.dim(2) <= MAX_PATCH
                && shape.dim(2) == shape.dim(3);
        if (!square) {
            throw file.wrongShape(
                    prefix + PATCH_WEIGHT,
                    "[width up to " + MAX_WIDTH + ", 3, patch up to " + MAX_PATCH + ", the same]");
        }
        return shape;
    }

    /** Returns the kind of MLP. Timm names the layers of a gated MLP as those of a plain one; there the second takes half of what the first gives. */
    private MlpKind mlp() {
        String block = prefix + Block.name(0);
        if (file.has(block + MlpKind.SWIGLU.first() + ".weight")) {
            return MlpKind.SWIGLU;
        }
        if (file.has(block + FIRST_OF_GATE)) {
            throw unconverted(block + FIRST_OF_GATE);
        }
        String first = block + MlpKind.TIMM_SWIGLU.first() + ".weight";
        String second = block + MlpKind.TIMM_SWIGLU.second() + ".weight";
        boolean halved = file.has(first)
                && file.has(second)
                && file.entry(first).shape().rank() == 2
                && file.entry(second).shape().rank() == 2
                && file.entry(first).shape().dim(0)
                        == 2 * file.entry(second).shape().dim(1);
        return halved ? MlpKind.TIMM_SWIGLU : MlpKind.GELU;
    }

    private int hidden(MlpKind mlp, int width) {
        String first = prefix + Block.name(0) + mlp.first() + ".weight";
        Shape shape = file.entry(first).shape();
        if (shape.rank() != 2
                || shape.size() == 0
                || shape.dim(1) != width
                || shape.dim(0) != mlp.outputs(shape.dim(0) / mlp.outputs(1))) {
            throw file.wrongShape(first, "[" + (mlp.gated() ? "2 * " : "") + "hidden, " + width + "]");
        }
        return shape.dim(0) / mlp.outputs(1);
    }

    private int depth() {
        int depth = 0;
        String blocks = prefix + Block.ALL;
        for (String name : file.names()) {
            if (name.startsWith(blocks)) {
                depth = Math.max(depth, 1 + number(name, blocks.length()));
            }
        }
        for (int i = 0; i < depth; i++) {
            String first = prefix + Block.name(i) + Block.FIRST_NORM + ".weight";
            if (!file.has(first)) {
                // Before a list is made of what many blocks should have.
                throw file.missing(first);
            }
        }
        return depth;
    }

    /** Returns the number, below {@link #MAX_DEPTH}, that a name has at a place before a dot; -1 for none. */
    private static int number(String name, int from) {
        int number = name.indexOf('.', from) > from ? 0 : -1;
        for (int i = from; number >= 0 && name.charAt(i) != '.'; i++) {
            int digit = name.charAt(i) - '0';
            number = digit < 0 || digit > 9 || number >= MAX_DEPTH / 10 ? -1 : 10 * number + digit;
        }
        return number;
    }

    private int registers(Family family) {
        if (family.registers() == null || !file.has(prefix + family.registers())) {
            return 0;
        }
        Shape shape = file.entry(prefix + family.registers()).shape();
        if (shape.rank() != 3 || shape.dim(1) < 1 || shape.dim(1) > MAX_REGISTERS) {
            throw file.wrongShape(prefix + family.registers(), "[1, registers up to " + MAX_REGISTERS + ", width]");
        }
        return shape.dim(1);
    }

    private int heads(int width) {
        String given = file.metadata().get(Architecture.HEADS_KEY);
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
                    "its \"" + Architecture.HEADS_KEY + "\" is " + Printable.quoted(given)
                            + ", which does not divide its width " + width,
                    TELL_HEADS);
        }
        return heads;
    }

    private float epsilon(Family family) {
        String given = file.metadata().get(Architecture.EPSILON_KEY);
        if (given == null) {
            return family.epsilon();
        }
        float epsilon = given.matches("[0-9.eE+-]{1,30}") ? parse(given) : 0;
        if (!(epsilon > 0) || epsilon > 1) {
            throw new ModelException(
                    file.name(),
                    null,
                    "its \"" + Architecture.EPSILON_KEY + "\" is " + Printable.quoted(given)
                            + ", which is not a number above 0, up to 1",
                    "Correct the metadata.");
        }
        return epsilon;
    }

    /** Returns a number, or 0 for what is none. */
    private static float parse(String number) {
        try {
            return Float.parseFloat(number);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Checks that all that is needed is there, and nothing that would change the result if it were left out. */
    private void check(Architecture read) {
        Map<String, Shape> tensors = read.tensors();
        for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
            file.require(prefix + tensor.getKey(), tensor.getValue());
        }
        if (read.rotates() && file.has(prefix + Architecture.POSITIONS)) {
            throw foreign(prefix + Architecture.POSITIONS);
        }
        for (Family family : Family.values()) {
            for (String token : family.tokens()) {
                if (!tensors.containsKey(token) && file.has(prefix + token)) {
                    throw foreign(prefix + token);
                }
            }
        }
        String blocks = prefix + Block.ALL;
        for (String name : file.names()) {
            if (name.startsWith(blocks) && !tensors.containsKey(name.substring(prefix.length()))) {
                throw name.endsWith(BIAS_MASK) ? unconverted(name) : foreign(name);
            }
        }
    }

    private ModelException unconverted(String tensor) {
        return new ModelException(
                file.name(),
                tensor,
                "it is a DINOv3 under its authors' names",
                "Convert it first: 'stego-kernels convert IN OUT' joins and masks what has to be.");
    }

    private ModelException foreign(String tensor) {
        return new ModelException(
                file.name(),
                tensor,
                "the vision transformers known here have no such tensor",
                "Use a DINO, DINOv2, DINOv3 or DeiT model.");
    }
}
