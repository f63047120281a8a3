package org.stegokernels.device;

import java.util.Arrays;
import java.util.List;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The shape rules of {@link Kernels}, one method an operation. {@link CheckedKernels} calls it before the operation of any
 * device, which may then index without looking.
 */
final class Contract {
    private Contract() {}

    /** Returns what an operation throws on a device that lacks it. */
    static UnsupportedOperationException unsupported(String operation) {
        return new UnsupportedOperationException("this device has no operation " + operation);
    }

    static void require(boolean condition, String operation, Tensor... tensors) {
        if (!condition) {
            throw new IllegalArgumentException(operation + ": shapes don't fit: " + Arrays.toString(tensors));
        }
    }

    /** That a host array has as many elements as a tensor, or more, of the same type. */
    static void copy(int length, Tensor tensor, ElementType type) {
        if (length < tensor.shape().size() || tensor.type() != type) {
            throw new IllegalArgumentException("host array of " + length + " " + type + " for tensor " + tensor);
        }
    }

    private static int last(Tensor tensor) {
        return tensor.shape().rank() == 0 ? -1 : tensor.shape().dim(-1);
    }

    private static boolean floats(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.type() != ElementType.F32) {
                return false;
            }
        }
        return true;
    }

    static boolean rank(int rank, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.shape().rank() != rank) {
                return false;
            }
        }
        return true;
    }

    private static void sameRows(String operation, Tensor x, Tensor out) {
        require(floats(x, out) && x.shape().rank() >= 1 && x.shape().equals(out.shape()), operation, x, out);
    }

    static void packLinear(Tensor weight, Tensor bias) {
        require(floats(weight) && rank(2, weight) && weight.shape().size() > 0, "packLinear", weight);
        if (bias != null) {
            require(floats(bias) && bias.shape().equals(Shape.of(weight.shape().dim(0))), "packLinear", weight, bias);
        }
    }

    static void linear(Tensor x, LinearWeights weights, Tensor residual, Tensor out) {
        boolean fits = floats(x, out)
                && last(x) == weights.inputs()
                && last(out) == weights.outputs()
                && x.shape().rows() == out.shape().rows();
        if (!fits) {
            throw new IllegalArgumentException("linear: shapes don't fit: x " + x + ", weights [" + weights.outputs()
                    + ", " + weights.inputs() + "], out " + out);
        }
        if (residual != null) {
            require(floats(residual) && residual.shape().equals(out.shape()), "linear", residual, out);
        }
    }

    static void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        String name = "patchEmbed";
        require(patch > 0 && rank(4, image) && rank(2, prefix, positions) && rank(3, out), name, image, out);
        Shape shape = image.shape();
        int channels = projection.outputs();
        int patches = (shape.dim(2) / patch) * (shape.dim(3) / patch);
        boolean fits = floats(image, prefix, positions, out)
                && shape.dim(2) % patch == 0
                && shape.dim(3) % patch == 0
                && projection.inputs() == shape.dim(1) * patch * patch
                && last(prefix) == channels
                && positions.shape().equals(Shape.of(patches, channels))
                && out.shape().equals(Shape.of(shape.dim(0), prefix.shape().dim(0) + patches, channels));
        require(fits, name, image, prefix, positions, out);
    }

    static void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        resize("bicubic", x, out);
        require(scaleY > 0 && scaleX > 0, "bicubic", x, out);
    }

    static void bilinear(Tensor x, Tensor out) {
        resize("bilinear", x, out);
    }

    private static void resize(String name, Tensor x, Tensor out) {
        boolean fits = floats(x, out)
                && rank(4, x, out)
                && x.shape().dim(0) == out.shape().dim(0)
                && last(x) == last(out)
                && (x.shape().size() > 0 || out.shape().size() == 0);
        require(fits, name, x, out);
    }

    static void layerNorm(Tensor x, Tensor gamma, Tensor beta, Tensor out) {
        sameRows("layerNorm", x, out);
        Shape channels = Shape.of(last(x));
        require(
                floats(gamma, beta)
                        && gamma.shape().equals(channels)
                        && beta.shape().equals(channels),
                "layerNorm",
                x,
                gamma,
                beta);
    }

    static void gelu(Tensor x, Tensor out) {
        sameRows("gelu", x, out);
    }

    static void swiGlu(Tensor x, Tensor out) {
        boolean fits = floats(x, out)
                && x.shape().rank() >= 1
                && x.shape().rank() == out.shape().rank()
                && last(x) == 2 * last(out)
                && x.shape().rows() == out.shape().rows();
        require(fits, "swiGlu", x, out);
    }

    static void normalize(Tensor x, Tensor out) {
        sameRows("normalize", x, out);
    }

    static void softmax(Tensor x, Tensor out) {
        sameRows("softmax", x, out);
    }

    static void logSoftmax(Tensor x, Tensor out) {
        sameRows("logSoftmax", x, out);
    }

    static void attention(Tensor qkv, int heads, Tensor out) {
        boolean fits = floats(qkv, out)
                && rank(3, qkv, out)
                && heads > 0
                && last(qkv) == 3 * last(out)
                && last(out) % heads == 0
                && qkv.shape().rows() == out.shape().rows()
                && qkv.shape().dim(0) == out.shape().dim(0);
        require(fits, "attention with " + heads + " heads", qkv, out);
    }

    static void attentionWeights(Tensor qkv, int heads, Tensor out) {
        boolean fits = floats(qkv, out)
                && rank(3, qkv)
                && rank(4, out)
                && heads > 0
                && last(qkv) % (3 * heads) == 0
                && out.shape().dim(0) == qkv.shape().dim(0)
                && out.shape().dim(1) == heads
                && out.shape().dim(2) <= qkv.shape().dim(1)
                && last(out) == qkv.shape().dim(1);
        require(fits, "attentionWeights with " + heads + " heads", qkv, out);
    }

    static void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        boolean fits = floats(x, out)
                && rank(3, x, out)
                && x.shape().dim(0) == out.shape().dim(0)
                && firstRow >= 0
                && firstChannel >= 0
                && firstRow + out.shape().dim(1) <= x.shape().dim(1)
                && firstChannel + last(out) <= last(x);
        require(fits, "slice at row " + firstRow + ", channel " + firstChannel, x, out);
    }

    static void argmax(Tensor x, Tensor out) {
        boolean fits = floats(x)
                && out.type() == ElementType.I32
                && last(x) > 0
                && x.shape().rows() == out.shape().size();
        require(fits, "argmax", x, out);
    }

    static void mirrorMean(Tensor x, Tensor out) {
        require(rank(4, x) && rank(3, out) && floats(x, out), "mirrorMean", x, out);
        Shape half = Shape.of(x.shape().dim(1), x.shape().dim(2), x.shape().dim(3));
        require(x.shape().dim(0) == 2 && out.shape().equals(half), "mirrorMean", x, out);
    }

    static void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        boolean fits = floats(points, sums)
                && rank(2, points, sums)
                && labels.type() == ElementType.I32
                && counts.type() == ElementType.I32
                && last(points) == last(sums)
                && labels.shape().equals(Shape.of(points.shape().dim(0)))
                && counts.shape().equals(Shape.of(sums.shape().dim(0)));
        require(fits, "clusterSums", points, labels, sums, counts);
    }

    static void allocateLattice(int points, int dims) {
        if (points < 1 || dims < 1) {
            throw new IllegalArgumentException("allocateLattice: needs points and dimensions, not " + points
                    + " points in " + dims + " dimensions");
        }
    }

    static void buildLattice(Tensor positions, Lattice lattice) {
        boolean fits = floats(positions) && positions.shape().equals(Shape.of(lattice.points(), lattice.dims()));
        require(fits, "buildLattice for " + lattice.points() + " points in " + lattice.dims() + "-d", positions);
    }

    static void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        sameRows("latticeFilter", x, out);
        require(rank(2, x) && x.shape().dim(0) == lattice.points(), "latticeFilter", x, out);
    }

    static void meanField(
            Tensor logits, List<? extends Lattice> lattices, float[] weights, int iterations, Tensor out) {
        sameRows("meanField", logits, out);
        boolean fits = rank(2, logits)
                && iterations >= 0
                && lattices.size() == weights.length
                && lattices.stream()
                        .allMatch(lattice -> lattice.points() == logits.shape().dim(0));
        require(fits, "meanField", logits, out);
    }
}
