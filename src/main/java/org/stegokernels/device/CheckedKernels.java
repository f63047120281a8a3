package org.stegokernels.device;

import java.util.List;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/**
 * The operations of an open device, one at a time, on its own memory only, and with arguments that fit ({@link Contract}); see
 * {@link CheckedDevice}.
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
            Contract.packLinear(weight, bias);
            return kernels.packLinear(weight, bias);
        }
    }

    @Override
    public void linear(Tensor x, LinearWeights weights, Activation activation, Tensor residual, Tensor out) {
        synchronized (monitor) {
            device.require(x, residual, out);
            device.require(weights);
            Contract.linear(x, weights, residual, out);
            kernels.linear(x, weights, activation, residual, out);
        }
    }

    @Override
    public void patchEmbed(
            Tensor image, LinearWeights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        synchronized (monitor) {
            device.require(image, prefix, positions, out);
            device.require(projection);
            Contract.patchEmbed(image, projection, patch, prefix, positions, out);
            kernels.patchEmbed(image, projection, patch, prefix, positions, out);
        }
    }

    @Override
    public void bicubic(Tensor x, double scaleY, double scaleX, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.bicubic(x, scaleY, scaleX, out);
            kernels.bicubic(x, scaleY, scaleX, out);
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        synchronized (monitor) {
            device.require(x, gamma, beta, out);
            Contract.layerNorm(x, gamma, beta, out);
            kernels.layerNorm(x, gamma, beta, epsilon, out);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.gelu(x, out);
            kernels.gelu(x, out);
        }
    }

    @Override
    public void swiGlu(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.swiGlu(x, out);
            kernels.swiGlu(x, out);
        }
    }

    @Override
    public void attention(Tensor qkv, int heads, Tensor out) {
        synchronized (monitor) {
            device.require(qkv, out);
            Contract.attention(qkv, heads, out);
            kernels.attention(qkv, heads, out);
        }
    }

    @Override
    public void attentionWeights(Tensor qkv, int heads, Tensor out) {
        synchronized (monitor) {
            device.require(qkv, out);
            Contract.attentionWeights(qkv, heads, out);
            kernels.attentionWeights(qkv, heads, out);
        }
    }

    @Override
    public void slice(Tensor x, int firstRow, int firstChannel, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.slice(x, firstRow, firstChannel, out);
            kernels.slice(x, firstRow, firstChannel, out);
        }
    }

    @Override
    public void normalize(Tensor x, float epsilon, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.normalize(x, out);
            kernels.normalize(x, epsilon, out);
        }
    }

    @Override
    public void bilinear(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.bilinear(x, out);
            kernels.bilinear(x, out);
        }
    }

    @Override
    public void softmax(Tensor x, float scale, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.softmax(x, out);
            kernels.softmax(x, scale, out);
        }
    }

    @Override
    public void logSoftmax(Tensor x, float scale, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.logSoftmax(x, out);
            kernels.logSoftmax(x, scale, out);
        }
    }

    @Override
    public void argmax(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.argmax(x, out);
            kernels.argmax(x, out);
        }
    }

    @Override
    public void mirrorMean(Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            Contract.mirrorMean(x, out);
            kernels.mirrorMean(x, out);
        }
    }

    @Override
    public void clusterSums(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        synchronized (monitor) {
            device.require(points, labels, sums, counts);
            Contract.clusterSums(points, labels, sums, counts);
            kernels.clusterSums(points, labels, sums, counts);
        }
    }

    @Override
    public Lattice allocateLattice(int points, int dims) {
        synchronized (monitor) {
            device.require();
            Contract.allocateLattice(points, dims);
            return kernels.allocateLattice(points, dims);
        }
    }

    @Override
    public void buildLattice(Tensor positions, Lattice lattice) {
        synchronized (monitor) {
            device.require(positions);
            device.require(lattice);
            Contract.buildLattice(positions, lattice);
            kernels.buildLattice(positions, lattice);
        }
    }

    @Override
    public void latticeFilter(Lattice lattice, Tensor x, Tensor out) {
        synchronized (monitor) {
            device.require(x, out);
            device.require(lattice);
            Contract.latticeFilter(lattice, x, out);
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
            Contract.meanField(logits, lattices, weights, iterations, out);
            kernels.meanField(logits, lattices, weights, iterations, out);
        }
    }
}
