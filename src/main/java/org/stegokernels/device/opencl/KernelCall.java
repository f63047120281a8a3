package org.stegokernels.device.opencl;

import static org.jocl.CL.clEnqueueNDRangeKernel;
import static org.jocl.CL.clSetKernelArg;

import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** One launch: arguments in the kernel's order, then {@link #run}, which only enqueues. */
final class KernelCall {
    private final OpenClContext context;
    private final String name;
    private final cl_kernel kernel;
    private int argument;
    private double flop;
    private double bytes;

    KernelCall(OpenClContext context, String file, String name, String options) {
        this.context = context;
        this.name = name;
        this.kernel = context.programs().kernel(file, name, options);
    }

    private KernelCall set(long size, Pointer value) {
        context.attempt("preparing " + name, () -> clSetKernelArg(kernel, argument++, size, value));
        return this;
    }

    KernelCall with(Tensor tensor) {
        return with(OpenClBuffer.memory(tensor));
    }

    KernelCall with(cl_mem memory) {
        return set(Sizeof.cl_mem, Pointer.to(memory));
    }

    KernelCall with(int value) {
        return set(Integer.BYTES, Pointer.to(new int[] {value}));
    }

    KernelCall with(float value) {
        return set(Float.BYTES, Pointer.to(new float[] {value}));
    }

    /** Local memory of so many floats. */
    KernelCall local(int floats) {
        return set((long) floats * Float.BYTES, null);
    }

    /** What it does, for the profile. */
    KernelCall does(double operations, double bytesMoved) {
        flop = operations;
        bytes = bytesMoved;
        return this;
    }

    /** Items of one dimension. On a CPU each is a group of its own, else the driver chooses the groups. */
    void run(long items) {
        enqueue(new long[] {items}, context.tuning().tiled() ? null : new long[] {1});
    }

    /** The same in two dimensions. */
    void run(long itemsX, long itemsY) {
        enqueue(new long[] {itemsX, itemsY}, context.tuning().tiled() ? null : new long[] {1, 1});
    }

    /** Groups of {@code side} items. */
    void runGroups(long groups, int side) {
        enqueue(new long[] {groups * side}, new long[] {side});
    }

    /** Groups of {@code sideX} x {@code sideY} items. */
    void runGroups(long groupsX, long groupsY, int sideX, int sideY) {
        enqueue(new long[] {groupsX * sideX, groupsY * sideY}, new long[] {sideX, sideY});
    }

    private void enqueue(long[] global, long[] local) {
        for (long size : global) {
            if (size == 0) {
                return;
            }
        }
        context.attempt("running " + name, () -> {
            cl_event event = context.profiler() == null ? null : new cl_event();
            clEnqueueNDRangeKernel(context.queue(), kernel, global.length, null, global, local, 0, null, event);
            if (event != null) {
                context.profiler().add(event, name, flop, bytes);
            }
            return null;
        });
    }
}
