package org.stegokernels.device;

import static org.stegokernels.device.Contract.activations;
import static org.stegokernels.device.Contract.floats;
import static org.stegokernels.device.Contract.last;
import static org.stegokernels.device.Contract.rank;
import static org.stegokernels.device.Contract.require;
import static org.stegokernels.device.Contract.same;
import static org.stegokernels.device.Contract.sameRows;

import java.util.List;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The operations of an open device, one at a time, on its own memory only, and with arguments that fit; see {@link
 * CheckedDevice}. The shape rules stand here, in the words of {@link Contract}: a device may index without looking.
 */
final class CheckedKernels implements Kernels {
    private final CheckedDevice device;
    private final Object monitor;
    private final Kernels kernels;

    CheckedKernels(CheckedDevice device, Kernels kernels) {
        this.device = device;
        this.monitor = device.monitor();
        this.kernels = kernels;
    }

    @Override
    public LinearWeights packLinear(Tensor weight, Tensor bias) {
        synchronized (monitor) {
            device.require(weight, bias);
            require(floats(weight) && rank(2, weight) && weight.shape().size() > 0, "packLinear", weight);
            if (bias != null) {
                require(
                        floats(bias)
                                && bias.shape().equals(Shape.of(weight.shape().dim(0))),
                        "packLinear",
                        weight,
                        bias);
            }
            return kernels.packLinear(weight, bias);
        }
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        synchronized (monitor) {
            device.require(x, residual, out);
            device.require(weights);
            boolean fits = activations(x)
                    && activations(out)
                    && last(x) == weights.inputs()
                    && last(out) == weights.outputs()
                    && x.shape().rows() == out.shape().rows();
            if (!fits) {
                throw new IllegalArgumentException("linear: shapes don't fit: x " + x + ", weights ["
                        + weights.outputs() + ", " + weights.inputs() + "], out " + out);
            }
            if (residual != null) {
                require(floats(residual) && residual.shape().equals(out.shape()), "linear", residual, out);
            }
            kernels.linear(x, weights, activation, residual, out);
        }
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        synchronized (monitor) {
            device.require(image, prefix, positions, out);
            device.require(projection);
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
            kernels.patchEmbed(image, projection, patch, prefix, positions, out);
        }
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            resize("bicubic", x, out);
            require(scaleY > 0 && scaleX > 0, "bicubic", x, out);
            kernels.bicubic(x, scaleY, scaleX, out);
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        synchronized (monitor) {
            device.require(x, gamma, beta, out);
            require(floats(x) && activations(out) && same(x, out), "layerNorm", x, out);
            Shape channels = Shape.of(last(x));
            require(
                    floats(gamma, beta)
                            && gamma.shape().equals(channels)
                            && beta.shape().equals(channels),
                    "layerNorm",
                    x,
                    gamma,
                    beta);
            kernels.layerNorm(x, gamma, beta, epsilon, out);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            sameRows("gelu", x, out);
            kernels.gelu(x, out);
        }
    }

    @Override
    public void swiGlu(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            boolean fits = activations(x, out)
                    && x.shape().rank() == out.shape().rank()
                    && last(x) == 2 * last(out)
                    && x.shape().rows() == out.shape().rows();
            require(fits, "swiGlu", x, out);
            kernels.swiGlu(x, out);
        }
    }

    @Override
    public void rope(Tensor cos, Tensor sin, Tensor qkv) {
        synchronized (monitor) {
            device.require(cos, sin, qkv);
            boolean fits = floats(cos, sin)
                    && activations(qkv)
                    && rank(2, cos, sin)
                    && rank(3, qkv)
                    && last(cos) > 0
                    && cos.shape().equals(sin.shape())
                    && cos.shape().dim(0) <= qkv.shape().dim(1)
                    && last(qkv) % (3 * 2 * last(cos)) == 0;
            require(fits, "rope", cos, sin, qkv);
            kernels.rope(cos, sin, qkv);
        }
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        synchronized (monitor) {
            device.require(qkv, out);
            boolean fits = activations(qkv, out)
                    && rank(3, qkv, out)
                    && heads > 0
                    && last(qkv) == 3 * last(out)
                    && last(out) % heads == 0
                    && qkv.shape().rows() == out.shape().rows()
                    && qkv.shape().dim(0) == out.shape().dim(0);
            require(fits, "attention with " + heads + " heads", qkv, out);
            kernels.attention(qkv, heads, out);
        }
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        synchronized (monitor) {
            device.require(qkv, out);
            boolean fits = activations(qkv)
                    && floats(out)
                    && rank(3, qkv)
                    && rank(4, out)
                    && heads > 0
                    && last(qkv) % (3 * heads) == 0
                    && out.shape().dim(0) == qkv.shape().dim(0)
                    && out.shape().dim(1) == heads
                    && out.shape().dim(2) <= qkv.shape().dim(1)
                    && last(out) == qkv.shape().dim(1);
            require(fits, "attentionWeights with " + heads + " heads", qkv, out);
            kernels.attentionWeights(qkv, heads, out);
        }
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            boolean fits = activations(x)
                    && floats(out)
                    && rank(3, x, out)
                    && x.shape().dim(0) == out.shape().dim(0)
                    && firstRow >= 0
                    && firstChannel >= 0
                    && firstRow + out.shape().dim(1) <= x.shape().dim(1)
                    && firstChannel + last(out) <= last(x);
            require(fits, "slice at row " + firstRow + ", channel " + firstChannel, x, out);
            kernels.slice(x, firstRow, firstChannel, out);
        }
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            sameRows("normalize", x, out);
            kernels.normalize(x, epsilon, out);
        }
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            resize("bilinear", x, out);
            kernels.bilinear(x, out);
        }
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            sameRows("softmax", x, out);
            kernels.softmax(x, scale, out);
        }
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            sameRows("logSoftmax", x, out);
            kernels.logSoftmax(x, scale, out);
        }
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            boolean fits = floats(x)
                    && out.type() == ElementType.I32
                    && last(x) > 0
                    && x.shape().rows() == out.shape().size();
            require(fits, "argmax", x, out);
            kernels.argmax(x, out);
        }
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            require(rank(4, x) && rank(3, out) && floats(x, out), "mirrorMean", x, out);
            Shape half = Shape.of(x.shape().dim(1), x.shape().dim(2), x.shape().dim(3));
            require(x.shape().dim(0) == 2 && out.shape().equals(half), "mirrorMean", x, out);
            kernels.mirrorMean(x, out);
        }
    }

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        synchronized (monitor) {
            device.require(points, labels, sums, counts);
            boolean fits = floats(points, sums)
                    && rank(2, points, sums)
                    && labels.type() == ElementType.I32
                    && counts.type() == ElementType.I32
                    && last(points) == last(sums)
                    && labels.shape().equals(Shape.of(points.shape().dim(0)))
                    && counts.shape().equals(Shape.of(sums.shape().dim(0)));
            require(fits, "clusterSums", points, labels, sums, counts);
            kernels.clusterSums(points, labels, sums, counts);
        }
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        synchronized (monitor) {
            device.require();
            if (points < 1 || dims < 1) {
                throw new IllegalArgumentException("allocateLattice: needs points and dimensions, not " + points
                        + " points in " + dims + " dimensions");
            }
            return kernels.allocateLattice(points, dims);
        }
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        synchronized (monitor) {
            device.require(positions);
            device.require(lattice);
            boolean fits = floats(positions) && positions.shape().equals(Shape.of(lattice.points(), lattice.dims()));
            require(fits, "buildLattice for " + lattice.points() + " points in " + lattice.dims() + "-d", positions);
            kernels.buildLattice(positions, lattice);
        }
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            device.require(lattice);
            sameRows("latticeFilter", x, out);
            require(rank(2, x) && x.shape().dim(0) == lattice.points(), "latticeFilter", x, out);
            kernels.latticeFilter(lattice, x, out);
        }
    }

    @Override
    public void meanField(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        synchronized (monitor) {
            device.require(logits, out);
            for (Lattice lattice : lattices) {
                device.require(lattice);
            }
            sameRows("meanField", logits, out);
            boolean fits = rank(2, logits)
                    && iterations >= 0
                    && lattices.size() == weights.length
                    && lattices.stream()
                            .allMatch(lattice ->
                                    lattice.points() == logits.shape().dim(0));
            require(fits, "meanField", logits, out);
            kernels.meanField(logits, lattices, weights, iterations, out);
        }
    }

    private static void resize(String name, Tensor x, Tensor out) {
        boolean fits = floats(x, out)
                && rank(4, x, out)
                && x.shape().dim(0) == out.shape().dim(0)
                && last(x) == last(out)
                && (x.shape().size() > 0 || out.shape().size() == 0);
        require(fits, name, x, out);
    }
}
