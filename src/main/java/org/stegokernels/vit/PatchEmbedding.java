package org.stegokernels.vit;

import java.util.Arrays;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;

/**
 * The way from an image to tokens (Dosovitskiy et al. 2021, equation 1): a linear projection of each patch, after the
 * class tokens and registers, and the positions.
 */
final class PatchEmbedding implements AutoCloseable {
    private final int patch;
    private final int width;
    private final LinearWeights projection;
    /** {@code [R, C]}: class tokens with their positions, and the registers. */
    private final Tensor prefix;

    private final PositionEmbedding positions;

    PatchEmbedding(Architecture architecture, Device device, DeviceWeights weights) {
        patch = architecture.patch();
        width = architecture.width();
        projection = weights.linear(Architecture.PATCH_PROJECTION);
        float[] tokens = tokens(architecture, weights);
        if (architecture.rotates()) {
            float[] periods = weights.positive(Architecture.PERIODS).values();
            prefix = weights.upload(tokens, architecture.prefixTokens(), width);
            positions = new RotaryPositions(device, periods, width);
        } else {
            float[] embedding = weights.host(Architecture.POSITIONS).values();
            int ofTokens = width * architecture.family().positionsOfClassTokens();
            for (int i = 0; i < ofTokens; i++) {
                tokens[i] += embedding[i];
            }
            prefix = weights.upload(tokens, architecture.prefixTokens(), width);
            float[] ofPatches = Arrays.copyOfRange(embedding, ofTokens, embedding.length);
            int grid = architecture.patches().grid();
            positions = new LearnedPositions(
                    device,
                    weights.upload(ofPatches, 1, grid, grid, width),
                    ofPatches,
                    architecture.patches().positionRule());
        }
    }

    private static float[] tokens(Architecture architecture, DeviceWeights weights) {
        int width = architecture.width();
        float[] tokens = new float[architecture.prefixTokens() * width];
        List<String> names = architecture.family().tokens();
        int at = 0;
        for (int i = 0; at < tokens.length; i++) {
            float[] values = weights.host(names.get(i)).values();
            System.arraycopy(values, 0, tokens, at, values.length);
            at += values.length;
        }
        return tokens;
    }

    /**
     * Makes tokens of a batch of images.
     *
     * @param image {@code [B, 3, H, W]}
     * @return {@code [B, R + P, C]}, in the workspace
     * @throws IllegalArgumentException if the image is not of such a shape, or not of whole patches
     */
    Tensor embed(Tensor image, Workspace workspace, Backbone.Observer observer) {
        Shape shape = image.shape();
        boolean fits = shape.rank() == 4
                && shape.size() > 0
                && shape.dim(1) == 3
                && shape.dim(2) % patch == 0
                && shape.dim(3) % patch == 0;
        if (!fits) {
            throw new IllegalArgumentException("an image [batch, 3, height, width] with sides that are multiples of "
                    + "the patch size " + patch + " is wanted, not " + shape);
        }
        int rows = shape.dim(2) / patch;
        int columns = shape.dim(3) / patch;
        Tensor added = positions.added(rows, columns);
        observer.embedding(prefix, added);
        Tensor x = workspace.tokens(shape.dim(0), prefix.shape().dim(0) + rows * columns, width);
        workspace.kernels().patchEmbed(image, projection, patch, prefix, added, x);
        return x;
    }

    /**
     * Turns the queries and keys of an image's patches by their positions, if that is how they have them.
     *
     * @param image as {@link #embed} took it
     * @param qkv {@code [B, R + P, 3 C]}, changed in place
     */
    void rotate(Tensor image, Tensor qkv) {
        positions.rotate(qkv, image.shape().dim(2) / patch, image.shape().dim(3) / patch);
    }

    /** Frees what the positions keep for sizes of image; the rest belongs to the weights. */
    @Override
    public void close() {
        positions.close();
    }
}
