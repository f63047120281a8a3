package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Gaussian filter over a permutohedral lattice ({@link Lattice}), symmetrically normalised: splat, blur along each axis
 * with (1/2, 1, 1/2), slice. Norm and gain are part of the weights.
 *
 * <p>The row after the last vertex is zero: the neighbour where there is none.
 *
 * <p>Launch: row kernels over vertices or points ({@link Rows}).
 */
public final class LatticeFilter {
    private LatticeFilter() {}

    /**
     * Computes {@code values[v] = sum of weight * x[point]} over what splats into v.
     *
     * <p>x {@code [points, channels]}, starts {@code [vertices + 1]}, splatPoints, splatWeights {@code [entries]},
     * values {@code [vertices + 1, channels]}; rows = vertices + 1.
     */
    public static void splat(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int starts = args.get(1);
        int splatPoints = args.get(2);
        int splatWeights = args.get(3);
        int rows = args.get(4);
        int channels = args.get(5);
        int values = args.get(6);
        int v = context.globalIdy;
        if (v < rows) {
            int first = ints.get(starts + v);
            int last = first;
            if (v < rows - 1) {
                last = ints.get(starts + v + 1);
            }
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float sum = 0;
                for (int i = first; i < last; i++) {
                    sum += floats.get(splatWeights + i) * floats.get(x + ints.get(splatPoints + i) * channels + c);
                }
                floats.set(values + v * channels + c, sum);
            }
        }
    }

    /**
     * Computes {@code out[v] = values[v] + (values[before] + values[after]) / 2} along one axis.
     *
     * <p>neighbours {@code [axes, vertices, 2]}; rows = vertices + 1.
     */
    public static void blur(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int axis = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        int out = args.get(5);
        int neighbours = args.get(1) + axis * 2 * (rows - 1);
        int v = context.globalIdy;
        if (v < rows - 1) {
            int before = values + ints.get(neighbours + 2 * v) * channels;
            int after = values + ints.get(neighbours + 2 * v + 1) * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float own = floats.get(values + v * channels + c);
                floats.set(out + v * channels + c, own + 0.5f * (floats.get(before + c) + floats.get(after + c)));
            }
        } else if (v == rows - 1) {
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                floats.set(out + v * channels + c, 0.0f);
            }
        }
    }

    /**
     * Computes {@code out[p]} = sum over its corners.
     *
     * <p>values {@code [vertices + 1, width]}, vertices, weights {@code [points, corners]}, out {@code [points,
     * channels]}; rows = points.
     */
    public static void sliceRows(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int vertices = args.get(1);
        int weights = args.get(2);
        int rows = args.get(3);
        int corners = args.get(4);
        int width = args.get(5);
        int channels = args.get(6);
        int out = args.get(7);
        int p = context.globalIdy;
        if (p < rows) {
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float sum = 0;
                for (int e = p * corners; e < (p + 1) * corners; e++) {
                    sum += floats.get(weights + e) * floats.get(values + ints.get(vertices + e) * width + c);
                }
                floats.set(out + p * channels + c, sum);
            }
        }
    }
}
