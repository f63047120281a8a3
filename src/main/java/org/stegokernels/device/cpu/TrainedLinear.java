package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.Tensor;

/**
 * Linear layer with weights that change at each step, and its backward. Products with the weights pack them anew each
 * time, which is nothing beside the product. The gradient of the weights sums over all rows: rows are cut into chunks,
 * a number that depends on shapes alone, each with a sum of its own, and these are added in order.
 */
final class TrainedLinear {
    /** Rows multiplied at a time: both operands stay in the level-2 cache. */
    private static final int STEP = 256;

    private static final int CHUNKS = 16;

    private final Gemm gemm;
    private final Tiles tiles;
    private final RowLanes rows;
    private final Parallel parallel;
    private final Workspace workspace;

    TrainedLinear(Gemm gemm, Tiles tiles, RowLanes rows, Parallel parallel, Workspace workspace) {
        this.gemm = gemm;
        this.tiles = tiles;
        this.rows = rows;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void forward(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        PackedLinear packed = gemm.pack(
                null,
                CpuDevice.array(weight),
                bias == null ? null : CpuDevice.array(bias),
                outputs,
                inputs,
                workspace.shared(gemm.panelFloats(outputs, inputs)));
        float[] added = residual == null ? null : CpuDevice.array(residual);
        gemm.linear(
                new Gemm.Product(CpuDevice.array(x), packed, activation, added, CpuDevice.array(out), 0),
                x.shape().rows());
    }

    void gradient(Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        if (gradX != null) {
            inputGradient(weight, gradOut, gradX);
        }
        if (gradWeight != null) {
            weightGradient(CpuDevice.array(x), gradOut, gradWeight);
        }
        if (gradBias != null) {
            biasGradient(CpuDevice.array(gradOut), gradOut.shape().rows(), gradBias);
        }
    }

    private void inputGradient(Tensor weight, Tensor gradOut, Tensor gradX) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        int padded = tiles.columns(inputs);
        float[] panels = workspace.shared(padded * outputs);
        tiles.pack(CpuDevice.array(weight), 0, outputs, inputs, panels, 0);
        PackedLinear transposed = new PackedLinear(null, panels, new float[padded], inputs, outputs);
        gemm.linear(
                new Gemm.Product(
                        CpuDevice.array(gradOut), transposed, Activation.NONE, null, CpuDevice.array(gradX), 0),
                gradOut.shape().rows());
    }

    private void weightGradient(float[] x, Tensor gradOut, Tensor gradWeight) {
        int outputs = gradWeight.shape().dim(0);
        int inputs = gradWeight.shape().dim(1);
        int count = gradOut.shape().rows();
        int height = tiles.rows(outputs);
        int width = tiles.columns(inputs);
        int size = height * width;
        int chunk = Math.max(STEP, (count + CHUNKS - 1) / CHUNKS);
        int chunks = (count + chunk - 1) / chunk;
        float[] g = CpuDevice.array(gradOut);
        float[] sums = workspace.shared(chunks * size);
        float[][] scratch = workspace.workers(tiles.size(outputs, STEP) + STEP * width);
        parallel.forEach(chunks, (index, worker) -> {
            float[] own = scratch[worker];
            int panels = tiles.size(outputs, STEP);
            int last = Math.min(count, (index + 1) * chunk);
            Arrays.fill(sums, index * size, (index + 1) * size, 0f);
            for (int first = index * chunk; first < last; first += STEP) {
                int depth = Math.min(STEP, last - first);
                tiles.packColumns(g, first * outputs, outputs, depth, outputs, own, 0);
                tiles.pack(x, first * inputs, depth, inputs, own, panels);
                tiles.multiply(own, 0, depth, height, own, panels, depth, width, sums, index * size, width);
            }
        });
        addUp(sums, chunks, size, width, gradWeight);
    }

    private void addUp(float[] sums, int chunks, int size, int width, Tensor gradWeight) {
        float[] out = CpuDevice.array(gradWeight);
        int inputs = gradWeight.shape().dim(1);
        RowBlocks.forEach(parallel, gradWeight.shape().dim(0), inputs * Math.max(1, chunks), (first, count, worker) -> {
            Arrays.fill(out, first * inputs, (first + count) * inputs, 0f);
            for (int row = first; row < first + count; row++) {
                for (int chunk = 0; chunk < chunks; chunk++) {
                    rows.add(sums, chunk * size + row * width, inputs, out, row * inputs);
                }
            }
        });
    }

    private void biasGradient(float[] g, int count, Tensor gradBias) {
        int outputs = gradBias.shape().dim(0);
        int chunk = Math.max(STEP, (count + CHUNKS - 1) / CHUNKS);
        int chunks = (count + chunk - 1) / chunk;
        float[] sums = workspace.shared(chunks * outputs);
        parallel.forEach(chunks, (index, worker) -> {
            Arrays.fill(sums, index * outputs, (index + 1) * outputs, 0f);
            for (int row = index * chunk; row < Math.min(count, (index + 1) * chunk); row++) {
                rows.add(g, row * outputs, outputs, sums, index * outputs);
            }
        });
        float[] out = CpuDevice.array(gradBias);
        Arrays.fill(out, 0, outputs, 0f);
        for (int index = 0; index < chunks; index++) {
            rows.add(sums, index * outputs, outputs, out, 0);
        }
    }
}
