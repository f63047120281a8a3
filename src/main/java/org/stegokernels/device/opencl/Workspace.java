package org.stegokernels.device.opencl;

import org.jocl.cl_mem;

/**
 * Memory that an operation uses for itself: it grows to the largest size asked for and stays. Contents are undefined when
 * it is asked for anew.
 */
final class Workspace implements AutoCloseable {
    private final OpenClContext context;
    private final String what;
    private cl_mem memory;
    private long bytes;

    /** @param what it is for, in messages */
    Workspace(OpenClContext context, String what) {
        this.context = context;
        this.what = what;
    }

    /** Memory for so many elements of a width; earlier memory is given back if it has to grow. */
    cl_mem words(long count, int elementBytes) {
        long wanted = Math.max(1, count) * elementBytes;
        if (memory == null || bytes < wanted) {
            close();
            memory = context.pool().take(wanted, what);
            bytes = wanted;
            context.pool().count(bytes);
        }
        return memory;
    }

    cl_mem floats(long count) {
        return words(count, Float.BYTES);
    }

    cl_mem ints(long count) {
        return words(count, Integer.BYTES);
    }

    cl_mem longs(long count) {
        return words(count, Long.BYTES);
    }

    /** As it was asked for last. */
    cl_mem memory() {
        return memory;
    }

    @Override
    public void close() {
        if (memory != null) {
            context.pool().giveBack(memory, bytes);
            memory = null;
            bytes = 0;
        }
    }
}
