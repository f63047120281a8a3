package org.stegokernels.device.launch;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** A device that launches kernels, in the order in which they are started, on memory of its own. */
public interface Launcher {
    /**
     * Begins a launch.
     *
     * @param family the operation that the kernel belongs to: the name of the file where kernels lie in files
     * @param kernel the kernel's name
     */
    Launch launch(String family, String kernel);

    /**
     * Takes memory, contents undefined.
     *
     * @param what for the message if there is not so much
     * @throws org.stegokernels.device.DeviceException.OutOfMemory if the device has not enough
     */
    Memory allocate(ElementType type, long count, String what);

    /** Returns the memory of a tensor that this device allocated. */
    Memory memory(Tensor tensor);

    /** Sets the first {@code count} elements of float memory. */
    void fill(Memory memory, long count, float value);

    /** Sets the first {@code count} elements of integer memory. */
    void fill(Memory memory, long count, int value);

    /** Waits for all launches so far, and reads one integer. */
    int readInt(Memory memory, int at);

    /** Floats that a kernel loads at once: rows that are read again and again are padded to whole vectors. */
    int vectorLength();

    /**
     * Axes that a pass of a lattice's blur goes along, 1 or 2. With 2 ({@code blur_pair}) values move half as often, which a
     * GPU gains by; processors wait for rows far apart, of which there are 9 instead of 6.
     */
    default int blurAxes() {
        return 1;
    }

    /** Memory on a device that launches kernels: a tensor's, or that of a {@link Workspace}. Only its device knows where it is. */
    interface Memory extends AutoCloseable {
        /** Gives the memory back; closing twice is harmless. */
        @Override
        void close();
    }

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
         * @param bytes bytes read and written, each operand once
         * @param least those of them that would move too if this were part of its neighbours, as {@link KernelTime#least} has it
         */
        Launch does(double flop, double bytes, double least);

        /** As {@link #does(double, double, double)}, for work that has to be a launch of its own. */
        Launch does(double flop, double bytes);

        /** As {@link #does(double, double, double)}, for work row by row, which a launch before or after it could do too. */
        Launch doesByRow(double bytes);

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

    /**
     * Memory that an operation uses for itself: it grows to the largest size asked for and stays. Contents are undefined when
     * it is asked for anew.
     */
    public static final class Workspace implements AutoCloseable {
        private final Launcher launcher;
        private final ElementType type;
        private final String what;
        private Memory memory;
        private long capacity;

        private Workspace(Launcher launcher, ElementType type, String what) {
            this.launcher = launcher;
            this.type = type;
            this.what = what;
        }

        /** @param what it is for, in messages */
        public static Workspace floats(Launcher launcher, String what) {
            return new Workspace(launcher, ElementType.F32, what);
        }

        /** @param what it is for, in messages */
        public static Workspace ints(Launcher launcher, String what) {
            return new Workspace(launcher, ElementType.I32, what);
        }

        /** Returns memory for so many elements; earlier memory is given back if it has to grow. */
        public Memory take(long count) {
            if (memory == null || capacity < count) {
                close();
                capacity = Math.max(1, count);
                memory = launcher.allocate(type, capacity, what);
            }
            return memory;
        }

        /**
         * Returns the memory that was taken last.
         *
         * @throws IllegalStateException if there is none, or it is closed
         */
        public Memory memory() {
            if (memory == null) {
                throw new IllegalStateException(what + " is closed");
            }
            return memory;
        }

        @Override
        public void close() {
            if (memory != null) {
                memory.close();
                memory = null;
            }
        }
    }
}
