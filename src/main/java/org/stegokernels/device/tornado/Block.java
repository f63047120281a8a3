package org.stegokernels.device.tornado;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor.ElementType;

/** Elements of the machine's memory, or a part of them. */
final class Block implements Memory {
    private final TornadoContext context;
    private final ElementType type;
    private final int start;
    private final long length;
    private final String what;
    private final boolean isPart;
    private boolean closed;

    /** @param what it is for, in messages */
    Block(TornadoContext context, ElementType type, int start, long length, String what) {
        this.context = context;
        this.type = type;
        this.start = start;
        this.length = length;
        this.what = what;
        this.isPart = false;
    }

    /** Makes a part of a block, from an element on to its end. */
    Block(Block whole, int first) {
        this.context = whole.context;
        this.type = whole.type;
        this.start = whole.start() + first;
        this.length = whole.length - first;
        this.what = whole.what;
        this.isPart = true;
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
                if (!isPart) {
                    context.giveBack(this);
                }
            }
        }
    }
}
