package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Loss of the cluster probe, row by row; rows are as short as there are clusters. */
final class AssignmentLoss {
    private final RowLanes rows;
    private final Parallel parallel;
    private final Workspace workspace;

    AssignmentLoss(RowLanes rows, Parallel parallel, Workspace workspace) {
        this.rows = rows;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /** @return the loss */
    double run(Tensor cosines, float alpha, float weight, Tensor gradCosines) {
        float[] c = CpuDevice.array(cosines);
        float[] g = CpuDevice.array(gradCosines);
        int clusters = cosines.shape().dim(-1);
        int count = cosines.shape().rows();
        float factor = -weight / count;
        float[][] scratch = workspace.workers(clusters);
        double sum = RowBlocks.sum(
                parallel,
                count,
                clusters,
                (first, length, worker) -> alpha == 0
                        ? hard(c, first, length, clusters, factor, g)
                        : soft(c, first, length, clusters, alpha, factor, scratch[worker], g));
        return -sum / count;
    }

    private static double hard(float[] c, int first, int count, int clusters, float factor, float[] g) {
        double sum = 0;
        for (int row = first * clusters; row < (first + count) * clusters; row += clusters) {
            int best = row;
            for (int i = row; i < row + clusters; i++) {
                best = c[i] > c[best] ? i : best;
                g[i] = 0;
            }
            g[best] = factor;
            sum += c[best];
        }
        return sum;
    }

    private double soft(
            float[] c, int first, int count, int clusters, float alpha, float factor, float[] scratch, float[] g) {
        rows.softmax(c, first * clusters, count, clusters, alpha, scratch, g);
        double sum = 0;
        for (int row = first * clusters; row < (first + count) * clusters; row += clusters) {
            double mean = 0;
            for (int i = row; i < row + clusters; i++) {
                mean += (double) g[i] * c[i];
            }
            for (int i = row; i < row + clusters; i++) {
                g[i] = (float) (factor * g[i] * (1 + alpha * (c[i] - mean)));
            }
            sum += mean;
        }
        return sum;
    }
}
