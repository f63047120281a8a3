package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Launch;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One launch, which is run and waited for. A kernel gets integers and floats apart, each in their order; of memory it
 * gets the number of the first element.
 */
final class TornadoLaunch implements Launch {
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
    private double least;

    TornadoLaunch(TornadoContext context, Kernel kernel) {
        this.context = context;
        this.kernel = kernel;
    }

    @Override
    public TornadoLaunch with(int value) {
        arguments[argumentCount++] = value;
        return this;
    }

    @Override
    public TornadoLaunch with(float value) {
        numbers[numberCount++] = value;
        return this;
    }

    @Override
    public TornadoLaunch with(Memory memory) {
        return with(((Block) memory).start());
    }

    @Override
    public TornadoLaunch with(Tensor tensor) {
        return with(context.memory(tensor));
    }

    @Override
    public TornadoLaunch withElements(int size) {
        return with(size);
    }

    /** Adds values after the arguments, for a kernel that has room for them; it gets where they start. */
    TornadoLaunch values(MemorySegment those) {
        values = those;
        return with(Kernel.ARGUMENTS);
    }

    @Override
    public TornadoLaunch does(double operations, double bytesMoved) {
        return does(operations, bytesMoved, bytesMoved);
    }

    @Override
    public TornadoLaunch doesByRow(double bytesMoved) {
        return does(0, bytesMoved, 0);
    }

    @Override
    public TornadoLaunch does(double operations, double bytesMoved, double leastMoved) {
        flop = operations;
        bytes = bytesMoved;
        least = leastMoved;
        return this;
    }

    @Override
    public void overRows(long rows) {
        overGroups(1, (rows + kernel.groupY() - 1) / kernel.groupY());
    }

    @Override
    public void overElements(int size) {
        overItems(size);
    }

    /** Launches items. A few items more fill the last group. */
    @Override
    public void overItems(long items, long times) {
        overGroups(kernel.isOneGroup() ? 1 : (items + kernel.groupX() - 1) / kernel.groupX(), times);
    }

    @Override
    public void overVectors(int channels, long times) {
        overItems(channels, times);
    }

    @Override
    public void inOneGroup() {
        overGroups(1, 1);
    }

    /** Goes through so many groups. */
    void overGroups(long x, long y) {
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

    /** Returns the work of the launch, which took so long. */
    KernelTime time(double seconds) {
        return new KernelTime(kernel.id(), 1, seconds, flop, bytes, least);
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
