package org.stegokernels.device.tornado;

import org.stegokernels.tensor.ElementType;

/**
 * Memory that an operation uses for itself: it grows to the largest size asked for and stays. Contents are undefined when
 * it is asked for anew.
 */
final class Workspace implements AutoCloseable {
    private final TornadoContext context;
    private final ElementType type;
    private final String what;
    private TornadoContext.Block block;

    /** @param what it is for, in messages */
    Workspace(TornadoContext context, ElementType type, String what) {
        this.context = context;
        this.type = type;
        this.what = what;
    }

    static Workspace floats(TornadoContext context, String what) {
        return new Workspace(context, ElementType.F32, what);
    }

    static Workspace ints(TornadoContext context, String what) {
        return new Workspace(context, ElementType.I32, what);
    }

    /** Where so many elements start; earlier ones are given back if there have to be more. */
    int take(long count) {
        if (block == null || block.length() < count) {
            close();
            block = context.take(type, Math.max(1, count), 0, what);
        }
        return block.start();
    }

    /** As it was asked for last. */
    int start() {
        return block.start();
    }

    boolean isClosed() {
        return block == null;
    }

    @Override
    public void close() {
        if (block != null) {
            context.giveBack(block);
            block = null;
        }
    }
}
