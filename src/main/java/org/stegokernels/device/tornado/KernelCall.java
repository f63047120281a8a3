package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import org.stegokernels.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One launch: arguments in the kernel's order, integers and floats counted separately; then how many items, rows or groups,
 * which runs it and waits for it.
 */
final class KernelCall {
    private final TornadoContext context;
    private final Kernel kernel;
    private final int[] arguments = new int[Kernel.ARGUMENTS];
    private final float[] numbers = new float[Kernel.ARGUMENTS];
    private int argumentCount;
    private int numberCount;
    private MemorySegment values = MemorySegment.NULL;
    private int groupsX;
    private int groupsY;
    private double flop;
    private double bytes;

    KernelCall(TornadoContext context, Kernel kernel) {
        this.context = context;
        this.kernel = kernel;
    }

    KernelCall with(int value) {
        arguments[argumentCount++] = value;
        return this;
    }

    KernelCall with(float value) {
        numbers[numberCount++] = value;
        return this;
    }

    /** The kernel gets where its memory starts. */
    KernelCall with(Tensor tensor) {
        return with(TornadoBuffer.start(tensor));
    }

    /** Values behind the arguments, for a kernel that has room for them; it gets where they start. */
    KernelCall values(MemorySegment those) {
        values = those;
        return with(Kernel.ARGUMENTS);
    }

    /** What it does, for the profile. */
    KernelCall does(double operations, double bytesMoved) {
        flop = operations;
        bytes = bytesMoved;
        return this;
    }

    /** So many items of one dimension, or a few more that fill the last group. */
    void items(long items) {
        items(items, 1);
    }

    /** So many items of the first dimension for each of the second. */
    void items(long items, long times) {
        groups((items + kernel.groupX() - 1) / kernel.groupX(), times);
    }

    /** As many groups as a row kernel needs for so many rows. */
    void rows(long rows) {
        groups(1, (rows + kernel.groupY() - 1) / kernel.groupY());
    }

    /** So many groups. */
    void groups(long x, long y) {
        if (x > 0 && y > 0) {
            groupsX = Math.toIntExact(x);
            groupsY = Math.toIntExact(y);
            context.run(this);
        }
    }

    Kernel kernel() {
        return kernel;
    }

    int groupsX() {
        return groupsX;
    }

    int groupsY() {
        return groupsY;
    }

    double flop() {
        return flop;
    }

    double bytes() {
        return bytes;
    }

    /** Puts the arguments where the kernel reads them. */
    void copyTo(IntArray integers, FloatArray floats) {
        for (int i = 0; i < argumentCount; i++) {
            integers.set(i, arguments[i]);
        }
        for (int i = 0; i < numberCount; i++) {
            floats.set(i, numbers[i]);
        }
        if (values.byteSize() > 0) {
            MemorySegment room = kernel.roomForInts() > 0 ? integers.getSegment() : floats.getSegment();
            room.asSlice((long) Kernel.ARGUMENTS * Integer.BYTES).copyFrom(values);
        }
    }
}
