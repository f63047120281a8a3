package org.stegokernels.device;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.Tensor;

/**
 * The operations that training, neighbours and mini-batch clusters need beyond {@link Kernels}, under the same rules:
 * channels last, float unless said otherwise, no overlap unless said otherwise.
 *
 * <p>A loss is a tensor {@code [1]}. Where an operation computes a loss and its gradient, {@code weight} is the factor
 * of this loss in the whole objective: it is in the gradient, not in the loss. A gradient is overwritten unless it says
 * "added to". A loss of NaN is NaN: training must see that it has gone wrong; only the hard assignment passes NaN over, as
 * {@link Kernels#argmax} does. The formulas, tolerances and hints for porters are in {@code kernels/README.md}.
 */
public interface TrainingKernels {
    /**
     * Computes a linear layer with weights as they are trained: {@code out = activation(x W^T + b + residual)}.
     *
     * @param x {@code [..., K]}
     * @param weight {@code [N, K]}
     * @param bias {@code [N]}, or null for none
     * @param residual null, or {@code [..., N]}; may be {@code out}
     * @param out {@code [..., N]}
     */
    default void linear(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        throw Contract.unsupported("linear");
    }

    /**
     * Computes the backward pass of {@code x W^T + b}: {@code gradX = g W}, {@code gradWeight = g^T x}, {@code
     * gradBias} = sum of the rows of g.
     *
     * @param x {@code [..., K]}; null if {@code gradWeight} is
     * @param weight {@code [N, K]}
     * @param gradOut {@code [..., N]}, g
     * @param gradX {@code [..., K]}, or null
     * @param gradWeight {@code [N, K]}, or null
     * @param gradBias {@code [N]}, or null
     */
    default void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        throw Contract.unsupported("linearGradient");
    }

    /** Sets every element to {@code value}. */
    default void fill(Tensor out, float value) {
        throw Contract.unsupported("fill");
    }

    /**
     * Computes {@code sum += factor x}, element by element.
     *
     * @param x any shape
     * @param sum of the same shape, added to
     */
    default void addScaled(Tensor x, float factor, Tensor sum) {
        throw Contract.unsupported("addScaled");
    }

    /**
     * Computes the backward pass of ReLU: {@code gradX = y > 0 ? gradOut : 0}; {@code y} is its output, and a NaN of it gives
     * 0. {@code gradX} may be {@code gradOut}.
     */
    default void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        throw Contract.unsupported("reluGradient");
    }

    /**
     * Multiplies each channel of each image by a factor: dropout of whole channels, its mask given.
     *
     * @param x {@code [B, ..., C]}
     * @param factors {@code [B, C]}
     * @param out {@code [B, ..., C]}; may be {@code x}
     */
    default void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        throw Contract.unsupported("scaleChannels");
    }

    /**
     * Computes the backward pass of {@link Kernels#normalize}: {@code (g - y (y . g)) / |x|} with {@code y = x / |x|},
     * or {@code g / epsilon} where {@code |x| < epsilon}.
     *
     * @param x {@code [..., C]}, the input
     * @param gradOut {@code [..., C]}, g
     * @param gradX {@code [..., C]}; may be {@code gradOut}
     */
    default void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        throw Contract.unsupported("normalizeGradient");
    }

    /**
     * Computes the backward pass of {@link Kernels#softmax}: {@code scale y (g - y . g)}, row by row.
     *
     * @param y {@code [..., C]}, its output
     * @param scale the factor of its input
     * @param gradOut {@code [..., C]}, g
     * @param gradX {@code [..., C]}; may be {@code gradOut}
     */
    default void softmaxGradient(Tensor y, float scale, Tensor gradOut, Tensor gradX) {
        throw Contract.unsupported("softmaxGradient");
    }

    /**
     * Computes the backward pass of {@link Kernels#bilinear}.
     *
     * @param gradOut {@code [B, H, W, C]}
     * @param gradX {@code [B, h, w, C]}
     */
    default void bilinearGradient(Tensor gradOut, Tensor gradX) {
        throw Contract.unsupported("bilinearGradient");
    }

    /**
     * Takes bilinear samples at given points, align_corners true, points outside moved to the border, and to the first row or
     * column where a coordinate is NaN (PyTorch's grid_sample):
     * {@code out[n, i, j]} is image {@code images[n]} at {@code x = (coords[n, i, j, 0] + 1) / 2 (w - 1)}, {@code y =
     * (coords[n, i, j, 1] + 1) / 2 (h - 1)}.
     *
     * @param x {@code [A, h, w, C]}
     * @param images {@code [N]}, I32, in 0..A-1
     * @param coords {@code [N, S, T, 2]}
     * @param out {@code [N, S, T, C]}
     */
    default void gridSample(Tensor x, Tensor images, Tensor coords, Tensor out) {
        throw Contract.unsupported("gridSample");
    }

    /**
     * Computes the backward pass of {@link #gridSample} with respect to the image.
     *
     * @param gradOut {@code [N, S, T, C]}
     * @param gradX {@code [A, h, w, C]}, added to
     */
    default void gridSampleGradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        throw Contract.unsupported("gridSampleGradient");
    }

    /**
     * Computes one term of the correspondence loss (Hamilton et al. 2022, equation 4): the mean over images b and
     * points p, q of
     * {@code -clamp(cd) (fd - shift)}, where {@code fd[b, p, q] = features1[b, p] . features2[b, q]}, centred if the
     * rule says so, and {@code cd} likewise of codes. The means of the centring are over this call's B images. Features
     * get no gradient.
     *
     * @param features1 {@code [B, P, C]}, rows of length 1, as all four
     * @param features2 {@code [B, P, C]}; may be {@code features1}
     * @param code1 {@code [B, P, D]}
     * @param code2 {@code [B, P, D]}; may be {@code code1}
     * @param gradCode1 {@code [B, P, D]}, added to
     * @param gradCode2 {@code [B, P, D]}, added to; may be {@code gradCode1}
     * @param loss {@code [1]}
     */
    default void correspondence(
            Tensor features1,
            Tensor features2,
            Tensor code1,
            Tensor code2,
            CorrespondenceRule rule,
            float weight,
            Tensor gradCode1,
            Tensor gradCode2,
            Tensor loss) {
        throw Contract.unsupported("correspondence");
    }

    /**
     * Cross-entropy of logits resized to the size of the labels ({@link Kernels#bilinear}), the resized logits never
     * stored: the mean of {@code classWeights[label] (log sum exp(l) - l[label])} over all labels in 0..N-1. Other labels, -1
     * and 255 among them, are ignored; if all are, loss and gradient are 0.
     *
     * @param logits {@code [B, h, w, N]}
     * @param labels {@code [B, H, W]}, I32
     * @param classWeights {@code [N]}, or null for ones; they are not divided by their sum
     * @param gradLogits {@code [B, h, w, N]}
     * @param loss {@code [1]}
     */
    default void crossEntropy(
            Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits, Tensor loss) {
        throw Contract.unsupported("crossEntropy");
    }

    /**
     * Loss of the cluster probe: the mean over rows of {@code -sum_k p[k] c[k]}, p being 1 for the largest cosine (the
     * first one on a tie), or {@code softmax(alpha c)}, through which the gradient passes too.
     *
     * @param cosines {@code [..., N]}, c
     * @param alpha sharpness, or 0 for the hard assignment
     * @param gradCosines {@code [..., N]}
     * @param loss {@code [1]}
     */
    default void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        throw Contract.unsupported("assignmentLoss");
    }

    /**
     * Measures the agreement of rows: the mean over rows of {@code -(a . b)}, with gradient {@code -b / rows} for a.
     *
     * @param a {@code [..., C]}
     * @param b {@code [..., C]}
     * @param gradA {@code [..., C]}
     * @param loss {@code [1]}
     */
    default void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        throw Contract.unsupported("agreementLoss");
    }

    /**
     * Computes the CRF loss: codes of pixels that are near and alike should agree. The mean over images and pairs of
     * points of {@code -affinity (c1 . c2)}; the same point may be drawn twice.
     *
     * @param guidance {@code [B, h, w, G]}: colours
     * @param code {@code [B, h, w, D]}
     * @param points {@code [2, n]}, I32: rows, then columns of the points of every image
     * @param gradCode {@code [B, h, w, D]}
     * @param loss {@code [1]}
     */
    default void crfLoss(
            Tensor guidance,
            Tensor code,
            Tensor points,
            GuidanceSettings settings,
            float weight,
            Tensor gradCode,
            Tensor loss) {
        throw Contract.unsupported("crfLoss");
    }

    /**
     * Takes one step of Adam, in PyTorch's form: {@code m = beta1 m + (1 - beta1) g}, {@code v = beta2 v + (1 - beta2)
     * g^2}, {@code parameter -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)}.
     *
     * @param parameter any shape, updated
     * @param gradient g, of the same shape
     * @param mean m, of the same shape, updated; zeros before the first step
     * @param square v, of the same shape, updated; zeros before the first step
     * @param step t, from 1
     */
    default void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        throw Contract.unsupported("adam");
    }

    /**
     * Finds the k keys with the largest dot product with each query, largest first, the smaller index first on a tie.
     * Products that are NaN are passed over; where fewer than k are left, the rest of the indices is -1. Memory is O(M k).
     *
     * @param queries {@code [M, C]}
     * @param keys {@code [N, C]}; may be {@code queries}
     * @param similarities {@code [M, k]}, {@code k <= N}
     * @param indices {@code [M, k]}, I32
     */
    default void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        throw Contract.unsupported("topK");
    }

    /**
     * Assigns some points to their nearest centres (squared Euclidean distance, the first one on a tie) and adds them
     * up: the first half of a step of mini-batch k-means (Sculley 2010).
     *
     * @param points {@code [N, C]}
     * @param rows {@code [M]}, I32, in 0..N-1: which points
     * @param centers {@code [K, C]}
     * @param labels {@code [M]}, I32
     * @param sums {@code [K, C]}
     * @param counts {@code [K]}, I32
     */
    default void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        throw Contract.unsupported("nearestCenters");
    }

    /**
     * Moves running means by what a batch added up to: the second half of a step of mini-batch k-means. {@code totals +=
     * counts}, then {@code means += (sums - counts means) / totals} where totals are not 0, which is what a learning
     * rate of 1 / total, point by point, comes to.
     *
     * @param sums {@code [K, C]}
     * @param counts {@code [K]}, I32
     * @param totals {@code [K]}, I32, updated
     * @param means {@code [K, C]}, updated
     */
    default void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        throw Contract.unsupported("runningMeans");
    }

    /**
     * Settings of the features' influence on codes in one term of the correspondence loss (Hamilton et al. 2022, section 3.2).
     *
     * @param pointwise whether feature correlations are centred for each point over all points of the other image, then
     *     shifted back to their old mean ("spatial centring")
     * @param zeroClamp whether code correlations below 0 count as 0: codes are pushed apart until they are orthogonal, not
     *     opposite
     * @param stabilize whether code correlations above 0.8 count as 0.8
     * @param shift the feature correlation that neither pulls nor pushes, b
     */
    record CorrespondenceRule(boolean pointwise, boolean zeroClamp, boolean stabilize, float shift) {
        private static final float STABLE = 0.8f;
        /** The published stand-in for no bound. */
        private static final float UNBOUNDED = 9999f;

        /** Returns the least value that a correlation of codes counts as. */
        public float lowest() {
            return zeroClamp ? 0 : -UNBOUNDED;
        }

        /** Returns the greatest value that a correlation of codes counts as. */
        public float highest() {
            return stabilize ? STABLE : Float.POSITIVE_INFINITY;
        }
    }

    /**
     * Affinity of two pixels p apart and of colours c apart: {@code w1 exp(-p^2 / (2 alpha) - c^2 / (2 beta)) + w2 exp(-p^2 /
     * (2 gamma)) - shift} (Hamilton et al. 2022, supplement; the kernels of Kraehenbuehl and Koltun 2011).
     *
     * @param alpha variance of the distance, in square pixels, where colours count
     * @param beta variance of the colour
     * @param gamma variance of the distance where only it counts
     */
    record GuidanceSettings(double alpha, double beta, double gamma, double w1, double w2, double shift) {}

    /**
     * Settings of a step of Adam (Kingma and Ba 2015).
     *
     * @param beta1 decay of the mean of the gradients
     * @param beta2 decay of the mean of their squares
     * @param epsilon added to the square root of the corrected mean of squares
     */
    record AdamSettings(double learningRate, double beta1, double beta2, double epsilon) {
        /** Returns everything but the learning rate as in PyTorch. */
        public static AdamSettings of(double learningRate) {
            return new AdamSettings(learningRate, 0.9, 0.999, 1e-8);
        }

        /**
         * Returns the factors of a step.
         *
         * @param step counted from 1
         */
        public AdamRates at(int step) {
            return new AdamRates(
                    (float) beta1,
                    (float) (1 - beta1),
                    (float) beta2,
                    (float) (1 - beta2),
                    (float) (1 / Math.sqrt(1 - Math.pow(beta2, step))),
                    (float) epsilon,
                    (float) (learningRate / (1 - Math.pow(beta1, step))));
        }
    }

    /**
     * The constants of Adam's element-wise step at one step t, made of {@link AdamSettings}, in the precision of the elements.
     *
     * @param keepMean beta1, and {@code newMean} 1 - beta1
     * @param keepSquare beta2, and {@code newSquare} 1 - beta2
     * @param spread {@code 1 / sqrt(1 - beta2^t)}
     * @param step {@code rate / (1 - beta1^t)}
     */
    record AdamRates(
            float keepMean,
            float newMean,
            float keepSquare,
            float newSquare,
            float spread,
            float epsilon,
            float step) {}
}
