package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The symmetric normalisation of a permutohedral lattice ({@link Lattice}; Kraehenbuehl and Koltun 2011): ones are
 * filtered, and one over the root of the result becomes part of the weights. Steps, in this order: splatOnes, blurOnes
 * (once for each axis), norms, foldSplat, foldSlice.
 *
 * <p>Launch: items of one dimension, {@link Memory#GROUP} in a group, one for each vertex, point or entry.
 */
public final class LatticeNorm {
    private LatticeNorm() {}

    /**
     * Computes {@code values[v]} = sum of the weights that splat into v; the last one, where there is no vertex, is 0.
     *
     * <p>starts {@code [vertices + 1]}, members, weights {@code [entries]}, values {@code [vertices + 1]}.
     */
    public static void splatOnes(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int starts = args.get(0);
        int members = args.get(1);
        int weights = args.get(2);
        int count = args.get(3);
        int values = args.get(4);
        int v = context.globalIdx;
        if (v < count) {
            float sum = 0;
            if (v < count - 1) {
                int last = ints.get(starts + v + 1);
                for (int i = ints.get(starts + v); i < last; i++) {
                    sum += floats.get(weights + ints.get(members + i));
                }
            }
            floats.set(values + v, sum);
        }
    }

    /** Computes {@code out[v] = values[v] + (values[before] + values[after]) / 2} along one axis. */
    public static void blurOnes(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int tables = args.get(1);
        int axis = args.get(2);
        int count = args.get(3);
        int out = args.get(4);
        int neighbours = tables + axis * 2 * (count - 1);
        int v = context.globalIdx;
        if (v < count) {
            float sum = 0;
            if (v < count - 1) {
                float before = floats.get(values + ints.get(neighbours + 2 * v));
                float after = floats.get(values + ints.get(neighbours + 2 * v + 1));
                sum = floats.get(values + v) + 0.5f * (before + after);
            }
            floats.set(out + v, sum);
        }
    }

    /** Computes {@code norm[p] = 1 / sqrt(L(1) + 1e-20)}. */
    public static void norms(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int vertices = args.get(0);
        int weights = args.get(1);
        int values = args.get(2);
        int points = args.get(3);
        int corners = args.get(4);
        float gain = numbers.get(0);
        int norm = args.get(5);
        int p = context.globalIdx;
        if (p < points) {
            float sum = 0;
            for (int e = p * corners; e < (p + 1) * corners; e++) {
                sum += floats.get(weights + e) * floats.get(values + ints.get(vertices + e));
            }
            floats.set(norm + p, 1 / TornadoMath.sqrt(sum * gain + 1e-20f));
        }
    }

    /** Gathers the points and weights that splat into each vertex, in the order of members. */
    public static void foldSplat(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int members = args.get(0);
        int weights = args.get(1);
        int norm = args.get(2);
        int entries = args.get(3);
        int corners = args.get(4);
        int splatPoints = args.get(5);
        int splatWeights = args.get(6);
        int i = context.globalIdx;
        if (i < entries) {
            int e = ints.get(members + i);
            int point = e / corners;
            ints.set(splatPoints + i, point);
            floats.set(splatWeights + i, floats.get(weights + e) * floats.get(norm + point));
        }
    }

    /** Computes {@code weights *= norm * gain}: what slicing multiplies by. */
    public static void foldSlice(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int norm = args.get(0);
        int entries = args.get(1);
        int corners = args.get(2);
        float gain = numbers.get(0);
        int weights = args.get(3);
        int e = context.globalIdx;
        if (e < entries) {
            floats.set(weights + e, floats.get(weights + e) * (floats.get(norm + e / corners) * gain));
        }
    }
}
