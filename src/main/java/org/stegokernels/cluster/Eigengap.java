package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.stegokernels.device.Device;
import org.stegokernels.knn.NeighborGraph;

/**
 * Gaps in the spectrum of the graph of nearest neighbours (von Luxburg 2007, section 8.3). With k groups of points that
 * hardly touch, the first k eigenvalues of its normalised Laplacian are near 0 and the next is not.
 */
final class Eigengap {
    /** Points of a graph, whose eigenvalues take time with the third power. */
    private static final int PART = 1000;
    /** Graphs that the mean is taken over: in a single one, chance decides between numbers that are nearly as good. */
    private static final int MAX_PARTS = 4;
    /** Neighbours of a point as a part of the graph's points, and at least: the graph must hold together in a group. */
    private static final double NEIGHBOURS = 0.02;

    private static final int LEAST_NEIGHBOURS = 7;
    /** Makes all eigenvalues positive. */
    private static final double SHIFT = 2;

    private Eigengap() {}

    /**
     * Returns the distance from each eigenvalue of the Laplacian to the next: {@code [k]} from the k-th smallest to the one
     * after it, mean over random parts of the points, which are disjoint; {@code [0]} is unused.
     *
     * @param points {@code [n, C]}, of any length but 0, which are compared by the cosine
     */
    static double[] gaps(Device device, float[] points, int channels, SplittableRandom random) {
        int count = points.length / channels;
        int[] order = IntStream.range(0, count).toArray();
        Sample.shuffle(order, random);
        int parts = Math.max(1, Math.min(MAX_PARTS, count / PART));
        int size = Math.min(PART, count / parts);
        DMatrixRMaj[] graphs = new DMatrixRMaj[parts];
        for (int part = 0; part < parts; part++) {
            float[] own = new float[size * channels];
            for (int i = 0; i < size; i++) {
                System.arraycopy(points, order[part * size + i] * channels, own, i * channels, channels);
            }
            graphs[part] = shiftedAffinity(device, own, channels);
        }
        double[][] spectra = Arrays.stream(graphs)
                .parallel()
                .map(Eigengap::descendingEigenvalues)
                .toArray(double[][]::new);
        double[] gaps = new double[size];
        for (double[] spectrum : spectra) {
            for (int k = 1; k < size; k++) {
                gaps[k] += (spectrum[k - 1] - spectrum[k]) / parts;
            }
        }
        return gaps;
    }

    /**
     * Returns {@code 2 I + D^-1/2 A D^-1/2}, 3 less the normalised Laplacian: EJML finds eigenvalues only if not too many
     * are 0. Two points are joined if one is a neighbour of the other.
     */
    private static DMatrixRMaj shiftedAffinity(Device device, float[] points, int channels) {
        int count = points.length / channels;
        int wanted = 1 + Math.max(LEAST_NEIGHBOURS, (int) Math.round(NEIGHBOURS * count));
        NeighborGraph near = NeighborGraph.build(device, points, channels, wanted);
        DMatrixRMaj affinity = new DMatrixRMaj(count, count);
        double[] degrees = new double[count];
        for (int i = 0; i < count; i++) {
            for (int n = 1; n < near.neighbours(); n++) {
                int other = near.indices()[i * near.neighbours() + n];
                affinity.data[i * count + other] += 0.5;
                affinity.data[other * count + i] += 0.5;
                degrees[i] += 0.5;
                degrees[other] += 0.5;
            }
        }
        for (int i = 0; i < affinity.data.length; i++) {
            affinity.data[i] /= Math.sqrt(degrees[i / count] * degrees[i % count]);
        }
        for (int i = 0; i < count; i++) {
            affinity.data[i * count + i] += SHIFT;
        }
        return affinity;
    }

    private static double[] descendingEigenvalues(DMatrixRMaj symmetric) {
        int count = symmetric.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(count, false, true);
        if (!eigen.decompose(symmetric)) {
            throw new ArithmeticException("the eigenvalues of the graph of neighbours were not found");
        }
        return IntStream.range(0, count)
                .mapToDouble(i -> -eigen.getEigenvalue(i).getReal())
                .sorted()
                .map(negative -> -negative)
                .toArray();
    }
}
