package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Memory that an operation uses for itself: it grows to the largest size asked for and stays. Contents are undefined when
 * it is asked for anew.
 */
public final class Workspace implements AutoCloseable {
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

    /** Memory for so many elements; earlier memory is given back if it has to grow. */
    public Memory take(long count) {
        if (memory == null || capacity < count) {
            close();
            capacity = Math.max(1, count);
            memory = launcher.allocate(type, capacity, what);
        }
        return memory;
    }

    /**
     * The memory that was taken last.
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
