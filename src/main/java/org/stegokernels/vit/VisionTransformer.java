package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;
import org.stegokernels.weights.Safetensors;

/**
 * A vision transformer with pre-norm blocks and a class token (Dosovitskiy et al. 2021), as DINO, DINOv2 and DeiT have
 * them, on one device; with layer scale, which is folded into the weights when they are loaded, and registers, if the
 * file has them. Images may be of any size in whole patches and need not be square.
 *
 * <p>Memory for intermediate results and for what is returned belongs to the model. It grows to the largest batch of
 * images seen and stays, so that any number of images, of whatever sizes, takes no more than the largest of them; the
 * stretched position embeddings of the last four sizes are kept besides. A returned tensor is valid until the next call
 * of a method that runs the model: who shares the device with other threads holds its {@link Device#monitor()} until
 * that has been read.
 */
public final class VisionTransformer implements AutoCloseable {
    private static final String TOKENS = "the backbone's tokens";

    private record Norm(Tensor gamma, Tensor beta) {}

    private record Block(
            Norm norm1,
            LinearWeights qkv,
            LinearWeights projection,
            Norm norm2,
            LinearWeights fc1,
            LinearWeights fc2) {}

    private final ViTConfig config;
    private final Kernels kernels;
    private final Object monitor;
    private final DeviceWeights weights;

    private final LinearWeights patchProjection;
    /** The class token with its position, and the registers. */
    private final Tensor prefix;

    private final PositionEmbedding positions;
    private final List<Block> blocks = new ArrayList<>();
    private final Norm norm;

    private final GrowingBuffer tokens;
    /** Tokens after a layer norm, and attention's output: neither is needed any more when the other is written. */
    private final GrowingBuffer mixed;

    private final GrowingBuffer qkv;
    private final GrowingBuffer hidden;
    private final GrowingBuffer features;
    private final GrowingBuffer classAttention;
    private final FiniteCheck check;
    /** Queries, keys and values of the last block in the last run; null before the first. */
    private Tensor lastQkv;

    private boolean closed;

    private VisionTransformer(ViTConfig config, Device device, DeviceWeights weights) {
        this.config = config;
        this.kernels = device.kernels();
        this.monitor = device.monitor();
        this.weights = weights;

        patchProjection = weights.linear("patch_embed.proj");
        int width = config.width();
        float[] embedding = weights.host(ViTConfig.POSITIONS).values();
        int first = config.classPosition() ? width : 0;
        prefix = weights.upload(prefix(embedding), config.prefixTokens(), width);
        float[] ofPatches = Arrays.copyOfRange(embedding, first, embedding.length);
        int grid = config.baseGrid();
        positions = new PositionEmbedding(
                device, weights.upload(ofPatches, 1, grid, grid, width), config.registers() > 0 ? ofPatches : null);
        for (int i = 0; i < config.depth(); i++) {
            String block = "blocks." + i + ".";
            blocks.add(new Block(
                    norm(block + "norm1"),
                    weights.linear(block + "attn.qkv"),
                    lastOfBranch(block + "attn.proj", block + "ls1.gamma"),
                    norm(block + "norm2"),
                    weights.linear(block + "mlp.fc1"),
                    lastOfBranch(block + "mlp.fc2", block + "ls2.gamma")));
        }
        norm = norm("norm");

        tokens = new GrowingBuffer(device);
        mixed = new GrowingBuffer(device);
        qkv = new GrowingBuffer(device);
        hidden = new GrowingBuffer(device);
        features = new GrowingBuffer(device);
        classAttention = new GrowingBuffer(device);
        check = new FiniteCheck(device);
    }

    /**
     * Loads and packs the weights; the file is not needed afterwards. Tensors of the file that are not the
     * transformer's, as {@code head.weight}, are left alone.
     *
     * @param prefix what precedes {@code patch_embed.proj.weight} and all other names; see {@link ViTConfig#findPrefix}
     * @throws org.stegokernels.weights.ModelException if a tensor is missing, or of a wrong shape or type, or not
     *     finite, or the file is of another architecture
     */
    public static VisionTransformer load(Safetensors file, String prefix, Device device) {
        return load(file, prefix, ViTConfig.of(file, prefix), device);
    }

    /**
     * The same for a file that has been judged already.
     *
     * @param config what {@link ViTConfig#of} reads off this file under this prefix
     */
    public static VisionTransformer load(Safetensors file, String prefix, ViTConfig config, Device device) {
        return DeviceWeights.load(file, prefix, device, weights -> new VisionTransformer(config, device, weights));
    }

    /** @param embedding the class token's position first, if it has one */
    private float[] prefix(float[] embedding) {
        int width = config.width();
        float[] tokens = Arrays.copyOf(weights.host(ViTConfig.CLASS_TOKEN).values(), config.prefixTokens() * width);
        if (config.classPosition()) {
            for (int i = 0; i < width; i++) {
                tokens[i] += embedding[i];
            }
        }
        if (config.registers() > 0) {
            float[] registers = weights.host(config.registerName()).values();
            System.arraycopy(registers, 0, tokens, width, registers.length);
        }
        return tokens;
    }

    private LinearWeights lastOfBranch(String name, String scale) {
        return config.layerScale() ? weights.scaledLinear(name, scale) : weights.linear(name);
    }

    private Norm norm(String name) {
        return new Norm(weights.tensor(name + ".weight"), weights.tensor(name + ".bias"));
    }

    public ViTConfig config() {
        return config;
    }

    /**
     * A feature for each patch, in rows from the top left.
     *
     * @param image {@code [B, 3, H, W]}, normalised as the model was trained; H and W multiples of the patch
     * @return {@code [B, P, C]}, class token and registers left out
     * @throws IllegalArgumentException if the image is not of such a shape
     * @throws org.stegokernels.device.DeviceException if there is not enough memory
     * @throws IllegalStateException if the model or the device is closed
     * @throws NotFiniteException if the weights overflow on an image
     */
    public Tensor features(Tensor image, FeatureKind kind) {
        Tensor all = switch (kind) {
            case FEAT -> tokens(image);
            case KK -> lastQkv(image);
        };
        int firstChannel = kind == FeatureKind.KK ? config.width() : 0;
        int batch = all.shape().dim(0);
        int first = config.prefixTokens();
        Tensor out = features.view(batch, all.shape().dim(1) - first, config.width());
        kernels.slice(all, first, firstChannel, out);
        check.require(out, "the features");
        return out;
    }

    /**
     * The final layer norm's output for all tokens.
     *
     * @param image as for {@link #features}
     * @return {@code [B, T, C]}, the class token first, then the registers
     */
    public Tensor tokens(Tensor image) {
        return tokens(image, ForwardObserver.NONE);
    }

    /** The same with somebody looking on. */
    public Tensor tokens(Tensor image, ForwardObserver observer) {
        Tensor x = embed(image, observer);
        for (int i = 0; i < blocks.size(); i++) {
            attend(i, x, observer);
            perceive(blocks.get(i), x);
            observer.tokens(i + 1, x);
        }
        check.require(x, TOKENS);
        Tensor out = mixed.view(x.shape().dims());
        normalize(x, norm, out);
        return out;
    }

    /**
     * How much the class token of each image attends to every token, in the last block of the last run: what DINO's
     * attention maps show.
     *
     * @return {@code [B, heads, 1, T]}, each row with the sum 1
     * @throws IllegalStateException before the first run
     * @throws NotFiniteException if the weights overflow on an image
     */
    public Tensor classAttention() {
        if (lastQkv == null) {
            throw new IllegalStateException("the model has not run yet");
        }
        Shape shape = lastQkv.shape();
        Tensor out = classAttention.view(shape.dim(0), config.heads(), 1, shape.dim(1));
        kernels.attentionWeights(lastQkv, config.heads(), out);
        check.require(out, "the attention of the class token");
        return out;
    }

    /** Runs no further than to the last block's queries, keys and values. */
    private Tensor lastQkv(Tensor image) {
        Tensor x = embed(image, ForwardObserver.NONE);
        int last = blocks.size() - 1;
        for (int i = 0; i < last; i++) {
            attend(i, x, ForwardObserver.NONE);
            perceive(blocks.get(i), x);
        }
        check.require(x, TOKENS);
        return project(blocks.get(last), x);
    }

    private Tensor embed(Tensor image, ForwardObserver observer) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        Shape shape = image.shape();
        int patch = config.patch();
        boolean fits = shape.rank() == 4
                && shape.size() > 0
                && shape.dim(1) == 3
                && shape.dim(2) % patch == 0
                && shape.dim(3) % patch == 0;
        if (!fits) {
            throw new IllegalArgumentException("an image [batch, 3, height, width] with sides that are multiples of "
                    + "the patch size " + patch + " is wanted, not " + shape);
        }
        lastQkv = null;
        int rows = shape.dim(2) / patch;
        int columns = shape.dim(3) / patch;
        Tensor grid = positions.forGrid(rows, columns);
        observer.embedding(prefix, grid);
        Tensor x = tokens.view(shape.dim(0), config.prefixTokens() + rows * columns, config.width());
        kernels.patchEmbed(image, patchProjection, patch, prefix, grid, x);
        observer.tokens(0, x);
        return x;
    }

    /** First half of a block: {@code x += projection(attention(norm1(x)))}. */
    private void attend(int index, Tensor x, ForwardObserver observer) {
        Block block = blocks.get(index);
        Tensor queriesKeysValues = project(block, x);
        observer.qkv(index, queriesKeysValues);
        Tensor attended = mixed.view(x.shape().dims());
        kernels.attention(queriesKeysValues, config.heads(), attended);
        kernels.linear(attended, block.projection(), Activation.NONE, x, x);
    }

    /** Second half of a block: {@code x += fc2(gelu(fc1(norm2(x))))}. */
    private void perceive(Block block, Tensor x) {
        Shape shape = x.shape();
        Tensor normed = mixed.view(shape.dims());
        normalize(x, block.norm2(), normed);
        Tensor inner = hidden.view(shape.dim(0), shape.dim(1), config.hidden());
        kernels.linear(normed, block.fc1(), Activation.GELU, null, inner);
        kernels.linear(inner, block.fc2(), Activation.NONE, x, x);
    }

    private Tensor project(Block block, Tensor x) {
        Shape shape = x.shape();
        Tensor normed = mixed.view(shape.dims());
        normalize(x, block.norm1(), normed);
        lastQkv = qkv.view(shape.dim(0), shape.dim(1), 3 * config.width());
        kernels.linear(normed, block.qkv(), Activation.NONE, null, lastQkv);
        return lastQkv;
    }

    private void normalize(Tensor x, Norm by, Tensor out) {
        kernels.layerNorm(x, by.gamma(), by.beta(), config.epsilon(), out);
    }

    /** Frees weights and buffers. */
    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            weights.close();
            positions.close();
            check.close();
            lastQkv = null;
            for (GrowingBuffer buffer : List.of(tokens, mixed, qkv, hidden, features, classAttention)) {
                buffer.close();
            }
        }
    }
}
