package org.stegokernels.device.tornado;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor.ElementType;

/** Elements of the machine's memory. */
final class Block implements Memory {
    private final TornadoContext context;
    private final ElementType type;
    private final int start;
    private final long length;
    private final String what;
    private boolean closed;

    /** @param what it is for, in messages */
    Block(TornadoContext context, ElementType type, int start, long length, String what) {
        this.context = context;
        this.type = type;
        this.start = start;
        this.length = length;
        this.what = what;
    }

    ElementType type() {
        return type;
    }

    /** Returns the number of the first element. */
    int start() {
        if (closed) {
            throw new IllegalStateException(what + " is closed");
        }
        return start;
    }

    long bytes() {
        return length * type.bytes();
    }

    /** Gives the elements back to their machine. */
    void giveBackTo(Machine machine) {
        machine.giveBack(type, start, length);
    }

    @Override
    public void close() {
        synchronized (context) {
            if (!closed) {
                closed = true;
                context.giveBack(this);
            }
        }
    }
}
