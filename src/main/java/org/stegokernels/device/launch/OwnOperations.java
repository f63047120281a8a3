package org.stegokernels.device.launch;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;

/**
 * The operations whose launches differ from device to device: how they are tiled, packed or sorted is the device's own.
 */
public record OwnOperations(
        Linear linear, Product product, Attention attention, Bicubic bicubic, TopK topK, Lattices lattices) {

    /** Linear layers: {@code out = activation(x W^T + b + residual)}. */
    public interface Linear {
        /** Copies weights into the layout that this device multiplies best. */
        LinearWeights pack(Weights weights, String what);

        /** Makes weights that change at each step ready for {@link #run}, until the next call. */
        LinearWeights view(Weights weights);

        /**
         * Computes a layer.
         *
         * @param x {@code [rows, K]}
         * @param weights of {@link #pack} or {@link #view}
         * @param residual null for none
         */
        void run(
                Memory x,
                int rows,
                LinearWeights weights,
                Activation activation,
                Memory residual,
                RowMap map,
                Memory out);
    }

    /**
     * Weights in memory: that of output n and input k at {@code n outputStride + k inputStride}.
     *
     * @param bias {@code [outputs]}, or null for none
     */
    public record Weights(Memory memory, int outputStride, int inputStride, Memory bias, int inputs, int outputs) {
        /** Returns weights {@code [outputs, inputs]}, as PyTorch stores them. */
        static Weights of(Memory memory, Memory bias, int inputs, int outputs) {
            return new Weights(memory, inputs, 1, bias, inputs, outputs);
        }

        /** As {@link #of(Memory, Memory, int, int)}, of tensors; the bias may be null. */
        static Weights of(Launcher launcher, Tensor weight, Tensor bias) {
            return of(
                    launcher.memory(weight),
                    bias == null ? null : launcher.memory(bias),
                    weight.shape().dim(1),
                    weight.shape().dim(0));
        }

        /** Returns weights {@code [inputs, outputs]}. */
        static Weights transposed(Memory memory, int inputs, int outputs) {
            return new Weights(memory, 1, outputs, null, inputs, outputs);
        }
    }

    /**
     * The destination of rows: row r goes to {@code r + (r / period + 1) skip}, on top of row {@code r % period} of the
     * residual. The rows of a patch embedding leave room for a prefix before each image and share its positions.
     */
    public record RowMap(int period, int skip) {
        /** Maps each row to its own place. */
        static RowMap same(int rows) {
            return new RowMap(rows, 0);
        }
    }

    /** Several products of matrices at once: {@code out = factor * left * right}. */
    public interface Product {
        /** Lays a right operand out, for {@link #multiply}; the next call may use the same memory. */
        void pack(Sizes sizes, Right right);

        /** Multiplies with what was packed last. */
        void multiply(Sizes sizes, Left left, double factor, Out out);

        /** Multiplies. */
        default void run(Sizes sizes, Left left, Right right, double factor, Out out) {
            pack(sizes, right);
            multiply(sizes, left, factor, out);
        }

        /**
         * Sizes of products.
         *
         * @param depth steps of each, but of the last one what is left of {@code total}
         */
        record Sizes(int batch, int rows, int columns, int depth, int total) {
            /** Products that are all of one depth. */
            public static Sizes of(int batch, int rows, int columns, int depth) {
                return new Sizes(batch, rows, columns, depth, Math.multiplyExact(batch, depth));
            }

            /** Returns the number of floating-point operations. */
            public double flop() {
                return 2.0 * rows * columns * total;
            }

            /** Returns the bytes of the operands and the results. */
            public double bytes() {
                return ((double) total * (rows + columns) + (double) batch * rows * columns) * Float.BYTES;
            }
        }

        /**
         * The layout of the left operand: its strides from product to product, row to row, and step to step of the
         * depth.
         */
        record Left(Memory memory, int batch, int row, int depth) {}

        /**
         * The layout of the right operand: its first element, and the strides from product to product, step to step and
         * column to column.
         */
        record Right(Memory memory, int first, int batch, int depth, int column) {}

        /**
         * The layout of results, row by row without gaps: the first element, and the stride from product to product.
         *
         * @param accumulate whether they are added to what is there
         */
        record Out(Memory memory, int first, int batch, boolean accumulate) {}
    }

    /** As {@link org.stegokernels.device.Kernels#attention}. */
    @FunctionalInterface
    public interface Attention {
        void run(Tensor qkv, int heads, Tensor out);
    }

    /** As {@link org.stegokernels.device.Kernels#bicubic}. */
    @FunctionalInterface
    public interface Bicubic {
        void run(Tensor x, double scaleY, double scaleX, Tensor out);
    }

    /** As {@link org.stegokernels.device.TrainingKernels#topK}, over outputs that hold -infinity and -1. */
    @FunctionalInterface
    public interface TopK {
        void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices);
    }

    /** The building of lattices: vertices are found by hashing, by sorting, as suits the device. */
    @FunctionalInterface
    public interface Lattices {
        /** Returns a builder of one lattice, with the memory that it needs; {@link LatticeTables#floats} gives it. */
        Builder builder(LatticeTables tables);

        /** Finds the vertices of a lattice. */
        interface Builder {
            /**
             * Calls {@link LatticeTables#reserve} and fills corner vertices, corner weights, starts and neighbours.
             *
             * @param positions {@code [points, dims]}
             * @return {@code [points * corners]} I32: the entries of each vertex, rising
             */
            Memory build(Tensor positions);
        }
    }
}
