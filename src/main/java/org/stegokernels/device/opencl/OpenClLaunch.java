package org.stegokernels.device.opencl;

import static org.jocl.CL.clEnqueueNDRangeKernel;
import static org.jocl.CL.clSetKernelArg;

import java.util.ArrayList;
import java.util.List;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Launch;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** One launch, which is only enqueued. Row kernels and kernels over elements have the geometry of {@code common.cl}. */
final class OpenClLaunch implements Launch {
    /** Elements in a row of an array without rows of its own. */
    private static final int WIDTH = 256;

    private final OpenClContext context;
    private final Tuning tuning;
    private final String file;
    private final String name;
    private final String options;
    private final List<Argument> arguments = new ArrayList<>();
    private boolean halves;
    private double flop;
    private double bytes;
    private double least;

    /** @param value null for local memory */
    private record Argument(long size, Pointer value) {}

    OpenClLaunch(OpenClContext context, String file, String name, String options) {
        this.context = context;
        this.tuning = context.tuning();
        this.file = file;
        this.name = name;
        this.options = options;
    }

    /** Returns the option of kernels whose activations are 16-bit floats or not. */
    static String halves(boolean are) {
        return are ? " -DHALVES=1" : "";
    }

    private OpenClLaunch set(long size, Pointer value) {
        arguments.add(new Argument(size, value));
        return this;
    }

    @Override
    public OpenClLaunch with(Memory memory) {
        return set(Sizeof.cl_mem, Pointer.to(((OpenClMemory) memory).handle()));
    }

    /** Adds a tensor; one of 16-bit floats makes those of the kernel that may be so 16-bit floats. */
    @Override
    public OpenClLaunch with(Tensor tensor) {
        halves |= tensor.type() == ElementType.F16;
        return with(context.memory(tensor));
    }

    @Override
    public OpenClLaunch with(int value) {
        return set(Integer.BYTES, Pointer.to(new int[] {value}));
    }

    @Override
    public OpenClLaunch with(float value) {
        return set(Float.BYTES, Pointer.to(new float[] {value}));
    }

    @Override
    public OpenClLaunch withElements(int size) {
        return with(elementRows(size)).with(WIDTH).with(size);
    }

    private static int elementRows(int size) {
        return (size + WIDTH - 1) / WIDTH;
    }

    /** Adds local memory of so many floats. */
    OpenClLaunch local(int floats) {
        return set((long) floats * Float.BYTES, null);
    }

    @Override
    public OpenClLaunch does(double operations, double bytesMoved) {
        return does(operations, bytesMoved, bytesMoved);
    }

    @Override
    public OpenClLaunch doesByRow(double bytesMoved) {
        return does(0, bytesMoved, 0);
    }

    @Override
    public OpenClLaunch does(double operations, double bytesMoved, double leastMoved) {
        flop = operations;
        bytes = bytesMoved;
        least = leastMoved;
        return this;
    }

    @Override
    public void overRows(long rows) {
        overGroups((rows + tuning.block() - 1) / tuning.block(), tuning.lanes());
    }

    @Override
    public void overElements(int size) {
        overRows(elementRows(size));
    }

    /** Launches items. On a CPU each item is a group of its own, else the driver chooses the groups. */
    @Override
    public void overItems(long items, long times) {
        enqueue(new long[] {items, times}, tuning.tiled() ? null : new long[] {1, 1});
    }

    @Override
    public void overVectors(int channels, long times) {
        overItems((channels + tuning.v() - 1) / tuning.v(), times);
    }

    @Override
    public void inOneGroup() {
        overGroups(1, tuning.lanes());
    }

    /** Goes through groups of {@code side} items. */
    void overGroups(long groups, int side) {
        enqueue(new long[] {groups * side}, new long[] {side});
    }

    /** Goes through groups of {@code sideX} x {@code sideY} items. */
    void overGroups(long groupsX, long groupsY, int sideX, int sideY) {
        enqueue(new long[] {groupsX * sideX, groupsY * sideY}, new long[] {sideX, sideY});
    }

    private void enqueue(long[] global, long[] local) {
        for (long size : global) {
            if (size == 0) {
                return;
            }
        }
        cl_kernel kernel = context.programs().kernel(file, name, options + halves(halves));
        context.attempt("running " + name, () -> {
            for (int i = 0; i < arguments.size(); i++) {
                clSetKernelArg(
                        kernel, i, arguments.get(i).size(), arguments.get(i).value());
            }
            cl_event event = context.profiler() == null ? null : new cl_event();
            clEnqueueNDRangeKernel(context.queue(), kernel, global.length, null, global, local, 0, null, event);
            if (event != null) {
                context.profiler().add(event, new KernelTime(name, 1, 0, flop, bytes, least));
            }
            return null;
        });
    }
}
