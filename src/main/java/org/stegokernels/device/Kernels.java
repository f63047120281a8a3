package org.stegokernels.device;

import java.util.List;
import org.stegokernels.tensor.Tensor;

/**
 * Every operation a device offers, each a pure function of tensors with an out parameter: no hidden state, and no
 * allocation beyond a workspace that the device keeps and reuses. All tensors are dense, row-major and
 * {@link org.stegokernels.tensor.Tensor.ElementType#F32} unless said otherwise. Channels come last: an image of features is
 * {@code [B, h, w, C]}, tokens are {@code [B, T, C]}, and "rows" means all dimensions but the last.
 *
 * <p>A network's activations may be of {@link Device#activationType}: x and out of {@link #linear}, out of {@link #layerNorm},
 * both tensors of {@link #swiGlu} and of {@link #attention}, qkv of {@link #rope} and {@link #attentionWeights}, and x of
 * {@link #slice}.
 *
 * <p>Where an operation allows {@code out} to be one of its inputs, it says so; elsewhere they must not overlap. Every
 * operation throws {@link IllegalArgumentException} naming itself and the shapes if they don't fit, and {@link
 * UnsupportedOperationException} naming itself if the device lacks it.
 *
 * <p>What is computed from NaN is NaN, where an operation does not say otherwise, and nothing else is: no device drops one, and
 * none lets it spread to other rows, channels or images than the formula does. Infinities are what IEEE arithmetic makes of
 * them. An element that a formula multiplies with 0 may count or not. The formulas, tolerances and hints for porters are
 * in {@code kernels/README.md} under the same names.
 */
public interface Kernels {
    /**
     * Packs the weights of a linear layer.
     *
     * @param weight {@code [N, K]}, as PyTorch stores them
     * @param bias {@code [N]}, or null for none
     */
    default LinearWeights packLinear(Tensor weight, Tensor bias) {
        throw Contract.unsupported("packLinear");
    }

    /**
     * Computes a linear layer: {@code out = activation(x W^T + b + residual)}.
     *
     * @param x {@code [..., K]}
     * @param residual null, or {@code [..., N]}; may be {@code out}
     * @param out {@code [..., N]}
     */
    default void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        throw Contract.unsupported("linear");
    }

    /**
     * Computes the patch embedding: a convolution whose stride is its size, then positions, after a prefix of tokens
     * (Dosovitskiy et al. 2021, section 3.1).
     *
     * @param image {@code [B, 3, H, W]}, H and W multiples of {@code patch}
     * @param projection inputs {@code 3 * patch * patch} in the order channel, row, column; outputs C
     * @param patch side of a patch in pixels
     * @param prefix {@code [R, C]}: class token (and registers) with their positions added
     * @param positions {@code [P, C]}, {@code P = (H / patch) * (W / patch)}
     * @param out {@code [B, R + P, C]}
     */
    default void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        throw Contract.unsupported("patchEmbed");
    }

    /**
     * Computes a bicubic resize with a = -0.75 and align_corners false, borders clamped. Source coordinates use the
     * given scale
     * factors, {@code (i + 0.5) / scale - 0.5}, not the ratio of the sizes: the rule by which DINO stretches position
     * embeddings.
     *
     * @param x {@code [B, h, w, C]}
     * @param out {@code [B, H, W, C]}
     */
    default void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        throw Contract.unsupported("bicubic");
    }

    /**
     * Computes the layer norm over the channels, biased variance (Ba, Kiros and Hinton 2016), as closely of rows far from 0
     * as of others. A row with NaN or an infinity becomes NaN.
     *
     * @param x {@code [..., C]}
     * @param gamma {@code [C]}
     * @param beta {@code [C]}
     * @param out {@code [..., C]}; may be {@code x}
     */
    default void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        throw Contract.unsupported("layerNorm");
    }

    /**
     * Computes the exact GELU, element by element, minus infinity becoming NaN as the formula has it. {@code out} may be {@code
     * x}.
     */
    default void gelu(Tensor x, Tensor out) {
        throw Contract.unsupported("gelu");
    }

    /**
     * Computes the gate of a SwiGLU layer (Shazeer 2020): {@code out[c] = silu(x[c]) x[C + c]} with {@code silu(a) = a
     * / (1 + exp(-a))}.
     *
     * @param x {@code [..., 2 C]}
     * @param out {@code [..., C]}
     */
    default void swiGlu(Tensor x, Tensor out) {
        throw Contract.unsupported("swiGlu");
    }

    /**
     * Rotates the queries and keys of the last P tokens in place (RoPE: Su et al. 2021). In each head of D channels,
     * channel c and channel c + D/2 are the coordinates of a point, for c in 0 to D/2 - 1, which turns by the angle of
     * its token and c: {@code x[c], x[c + D/2] = x[c] cos - x[c + D/2] sin, x[c + D/2] cos + x[c] sin}. Values, and the
     * tokens before, stay as they are.
     *
     * @param cos {@code [P, D/2]}: the cosines of the angles, {@code P <= T}
     * @param sin {@code [P, D/2]}: their sines
     * @param qkv as in {@link #attention}
     */
    default void rope(Tensor cos, Tensor sin, Tensor qkv) {
        throw Contract.unsupported("rope");
    }

    /**
     * Computes multi-head self-attention, {@code softmax(q k^T / sqrt(D)) v} for each head, the T x T matrix never
     * stored (online softmax: Milakov and Gimelshein 2018; Rabe and Staats 2021). NaN in a query makes its row of the head NaN,
     * in a key the whole head of that image, in a value its channel.
     *
     * @param qkv {@code [B, T, 3 C]}: for each token queries, keys, values, each with heads concatenated, {@code C =
     *     heads * D}
     * @param out {@code [B, T, C]}, heads concatenated
     */
    default void attention(Tensor qkv, int heads, Tensor out) {
        throw Contract.unsupported("attention");
    }

    /**
     * Computes the attention weights themselves, for the first Q query tokens: what a picture is made of.
     *
     * @param qkv as in {@link #attention}
     * @param out {@code [B, heads, Q, T]}, {@code Q <= T}
     */
    default void attentionWeights(Tensor qkv, int heads, Tensor out) {
        throw Contract.unsupported("attentionWeights");
    }

    /**
     * Copies a block of rows and channels: {@code out[b, i, j] = x[b, firstRow + i, firstChannel + j]}.
     *
     * @param x {@code [B, T, C]}
     * @param out {@code [B, P, D]}
     */
    default void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        throw Contract.unsupported("slice");
    }

    /**
     * Divides each row by its Euclidean length, or by {@code epsilon} if that is larger. A finite row has a length even if the
     * sum of its squares is no float; a row with NaN becomes NaN; beside an infinity, which becomes NaN, all else becomes 0.
     *
     * @param x {@code [..., C]}
     * @param out {@code [..., C]}; may be {@code x}
     */
    default void normalize(Tensor x, float epsilon, Tensor out) {
        throw Contract.unsupported("normalize");
    }

    /**
     * Computes a bilinear resize, align_corners false, no antialiasing, borders clamped; the scale is the ratio of the
     * sizes.
     *
     * @param x {@code [B, h, w, C]}
     * @param out {@code [B, H, W, C]}
     */
    default void bilinear(Tensor x, Tensor out) {
        throw Contract.unsupported("bilinear");
    }

    /**
     * Computes the softmax over the channels of {@code scale * x}. No finite input overflows; minus infinity becomes 0; a row
     * with NaN, plus infinity or nothing but minus infinity becomes NaN.
     *
     * @param x {@code [..., C]}
     * @param out {@code [..., C]}; may be {@code x}
     */
    default void softmax(Tensor x, float scale, Tensor out) {
        throw Contract.unsupported("softmax");
    }

    /** Computes the logarithm of {@link #softmax}. {@code out} may be {@code x}. */
    default void logSoftmax(Tensor x, float scale, Tensor out) {
        throw Contract.unsupported("logSoftmax");
    }

    /**
     * Finds the index of the largest channel, the first one on a tie. NaN is passed over; a row of nothing but NaN
     * gives 0.
     *
     * @param x {@code [..., C]}
     * @param out {@code [...]}, {@link org.stegokernels.tensor.Tensor.ElementType#I32}
     */
    default void argmax(Tensor x, Tensor out) {
        throw Contract.unsupported("argmax");
    }

    /**
     * Computes the mean of an image of features and of the features of its mirror image flipped back: {@code out[y, x]
     * = (a[0, y, x] + a[1, y, w - 1 - x]) / 2}.
     *
     * @param x {@code [2, h, w, C]}
     * @param out {@code [h, w, C]}
     */
    default void mirrorMean(Tensor x, Tensor out) {
        throw Contract.unsupported("mirrorMean");
    }

    /**
     * Adds each point to the sum of its cluster and counts it: one half of a k-means step (Lloyd 1982).
     *
     * @param points {@code [N, C]}
     * @param labels {@code [N]}, I32, in 0..K-1; a device may throw {@link IllegalArgumentException} for others, or leave
     *     the points out
     * @param sums {@code [K, C]}, added to
     * @param counts {@code [K]}, I32, added to
     */
    default void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        throw Contract.unsupported("clusterSums");
    }

    /** Returns memory for a permutohedral lattice over {@code points} points in {@code dims} dimensions. */
    default Lattice allocateLattice(int points, int dims) {
        throw Contract.unsupported("allocateLattice");
    }

    /**
     * Builds the lattice over the given positions and its symmetric normalisation {@code norm = 1 / sqrt(L(1) + 1e-20)}
     * (Adams, Baek and Davis 2010; Kraehenbuehl and Koltun 2011).
     *
     * @param positions {@code [N, d]}: features already divided by their standard deviations
     */
    default void buildLattice(Tensor positions, Lattice lattice) {
        throw Contract.unsupported("buildLattice");
    }

    /**
     * Applies a Gaussian filter over the lattice, symmetrically normalised: {@code out = norm * L(norm * x)}, L being
     * splat, blur along each of the d + 1 axes with (1/2, 1, 1/2), slice.
     *
     * @param x {@code [N, C]}
     * @param out {@code [N, C]}
     */
    default void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        throw Contract.unsupported("latticeFilter");
    }

    /**
     * Runs mean-field inference in a dense CRF with Potts compatibility (Kraehenbuehl and Koltun 2011, algorithm 1):
     * {@code Q =
     * softmax(logits)}, then {@code iterations} times {@code Q = softmax(logits + sum_i weights[i] filter_i(Q))}.
     *
     * @param logits {@code [N, C]}: the negated unary potentials
     * @param lattices built over the same N points, one for each kernel
     * @param out {@code [N, C]}: marginals; may be {@code logits}
     */
    default void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        throw Contract.unsupported("meanField");
    }

    /** The function that a linear layer applies to its sums. */
    enum Activation {
        /** The sums themselves. */
        NONE(0),
        /** Exact GELU, {@code x/2 (1 + erf(x / sqrt 2))} (Hendrycks and Gimpel 2016), as DINO uses it. */
        GELU(1),
        /** {@code max(x, 0)}. */
        RELU(2);

        private final int code;

        Activation(int code) {
            this.code = code;
        }

        /** Returns the number by which kernels know it, on every device that launches them. */
        public int code() {
            return code;
        }
    }

    /** The weights and bias of one linear layer in the layout its device multiplies best, made once at load. */
    interface LinearWeights extends AutoCloseable {
        /** Returns the input channels, K. */
        int inputs();

        /** Returns the output channels, N. */
        int outputs();

        /**
         * Returns the {@link Device#monitor()} of the device that packed them.
         *
         * @throws IllegalStateException if they are closed
         */
        Object owner();

        @Override
        void close();
    }

    /**
     * A permutohedral lattice over a set of points, on one device (Adams, Baek and Davis 2010). Memory is taken for a
     * number of points and dimensions and used again by each {@link Kernels#buildLattice}.
     */
    interface Lattice extends AutoCloseable {
        /** Returns the number of points it was allocated for. */
        int points();

        /** Returns the dimension of a point's position, d. */
        int dims();

        /** Returns the number of lattice points in use since the last build. */
        int vertices();

        /**
         * Returns the {@link Device#monitor()} of the device that it is on.
         *
         * @throws IllegalStateException if it is closed
         */
        Object owner();

        @Override
        void close();
    }
}
