package org.stegokernels.stego;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The directions in which points vary most (Pearson 1901), strongest first. Each direction's sign is chosen so that its
 * largest entry is positive: the same points give the same picture.
 *
 * @param mean {@code [C]}
 * @param axes {@code [K][C]}, of length 1
 * @param deviations standard deviation of the points along each axis, {@code [K]}
 */
record PrincipalComponents(double[] mean, double[][] axes, double[] deviations) {
    /**
     * Finds the directions of points.
     *
     * @param points {@code [N, C]}
     * @param channels C
     * @param count how many directions, K, at most C
     * @throws IllegalArgumentException if there is no point, or {@code count} is larger than C
     */
    static PrincipalComponents of(float[] points, int channels, int count) {
        int rows = points.length / channels;
        if (rows == 0 || count > channels) {
            throw new IllegalArgumentException(
                    count + " principal components of " + rows + " points in " + channels + " dimensions");
        }
        double[] mean = mean(points, channels, rows);
        DMatrixRMaj centered = new DMatrixRMaj(rows, channels);
        for (int i = 0; i < points.length; i++) {
            centered.data[i] = points[i] - mean[i % channels];
        }
        DMatrixRMaj covariance = new DMatrixRMaj(channels, channels);
        CommonOps_DDRM.multInner(centered, covariance);
        CommonOps_DDRM.divide(covariance, rows);
        return strongest(mean, covariance, count);
    }

    private static double[] mean(float[] points, int channels, int rows) {
        double[] mean = new double[channels];
        for (int i = 0; i < points.length; i++) {
            mean[i % channels] += points[i];
        }
        for (int c = 0; c < channels; c++) {
            mean[c] /= rows;
        }
        return mean;
    }

    private static PrincipalComponents strongest(double[] mean, DMatrixRMaj covariance, int count) {
        int channels = covariance.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(channels, true, true);
        if (!eigen.decompose(covariance)) {
            throw new ArithmeticException("the eigenvectors of the features' covariance were not found");
        }
        Integer[] order = new Integer[channels];
        for (int i = 0; i < channels; i++) {
            order[i] = i;
        }
        Arrays.sort(
                order,
                (a, b) -> Double.compare(
                        eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()));
        double[][] axes = new double[count][];
        double[] deviations = new double[count];
        for (int k = 0; k < count; k++) {
            axes[k] = oriented(eigen.getEigenVector(order[k]).data);
            deviations[k] = Math.sqrt(Math.max(0, eigen.getEigenvalue(order[k]).getReal()));
        }
        return new PrincipalComponents(mean, axes, deviations);
    }

    private static double[] oriented(double[] axis) {
        double largest = 0;
        for (double entry : axis) {
            largest = Math.abs(entry) > Math.abs(largest) ? entry : largest;
        }
        double[] oriented = axis.clone();
        if (largest < 0) {
            for (int i = 0; i < oriented.length; i++) {
                oriented[i] = -oriented[i];
            }
        }
        return oriented;
    }

    /** Returns the coordinates along the axes of the point that begins at {@code from}. */
    double[] project(float[] points, int from) {
        double[] coordinates = new double[axes.length];
        for (int k = 0; k < axes.length; k++) {
            for (int c = 0; c < mean.length; c++) {
                coordinates[k] += axes[k][c] * (points[from + c] - mean[c]);
            }
        }
        return coordinates;
    }
}
