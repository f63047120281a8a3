package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;

/**
 * One launch of a kernel: its arguments in order, then how many rows, elements or items it goes through, which starts it.
 * The results are there for later launches and for reading. Nothing is started where there is nothing to go through.
 */
public interface Launch {
    Launch with(Memory memory);

    Launch with(Tensor tensor);

    Launch with(int value);

    Launch with(float value);

    /** Adds the arguments by which a kernel over elements knows their number. */
    Launch withElements(int size);

    /**
     * Says what the launch does, for the profile.
     *
     * @param flop floating-point operations
     * @param bytes bytes read and written
     */
    Launch does(double flop, double bytes);

    /** Starts a row kernel, whose work groups share the channels of each row. */
    void overRows(long rows);

    /** Starts a kernel that was given {@link #withElements}. */
    void overElements(int size);

    /** Starts a kernel with an item for each of what is counted, as many times over in a second dimension. */
    void overItems(long items, long times);

    /** As {@link #overItems(long, long)}, once. */
    default void overItems(long items) {
        overItems(items, 1);
    }

    /** As {@link #overItems(long, long)}, for kernels whose items take a vector of channels each. */
    void overVectors(int channels, long times);

    /** Starts a kernel whose one work group goes through everything. */
    void inOneGroup();
}
