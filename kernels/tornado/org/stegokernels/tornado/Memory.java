package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The work of other devices' drivers with memory: filling it and copying to it.
 *
 * <p>Launch: items of one dimension, {@link #GROUP} in a group, one an element.
 */
public final class Memory {
    public static final int GROUP = 256;

    private Memory() {}

    /** Reads and writes both arrays, for TornadoVM to see that kernels will; it is never asked to. */
    public static void ownMemory(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        if (args.get(0) != 0) {
            floats.set(0, floats.get(0) + 1);
            ints.set(0, ints.get(0) + 1);
        }
    }

    /** Computes {@code out[0..count-1] = value}. */
    public static void fillFloats(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int out = args.get(0);
        int count = args.get(1);
        float value = numbers.get(0);
        int i = context.globalIdx;
        if (i < count) {
            floats.set(out + i, value);
        }
    }

    /** As the other, for integers. */
    public static void fillInts(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int out = args.get(0);
        int count = args.get(1);
        int value = args.get(2);
        int i = context.globalIdx;
        if (i < count) {
            ints.set(out + i, value);
        }
    }

    /** Computes {@code out[i] = x[i]}. */
    public static void copyFloats(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int count = args.get(1);
        int out = args.get(2);
        int i = context.globalIdx;
        if (i < count) {
            floats.set(out + i, floats.get(x + i));
        }
    }

    /** Computes {@code out[i] = values[i]}, which stand after the other numbers, from number {@code values} on. */
    public static void writeFloats(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int out = args.get(0);
        int count = args.get(1);
        int values = args.get(2);
        int i = context.globalIdx;
        if (i < count) {
            floats.set(out + i, numbers.get(values + i));
        }
    }

    /** As above for integers, which stand after the other arguments. */
    public static void writeInts(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int out = args.get(0);
        int count = args.get(1);
        int values = args.get(2);
        int i = context.globalIdx;
        if (i < count) {
            ints.set(out + i, args.get(values + i));
        }
    }
}
