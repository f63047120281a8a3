package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor.ElementType;

/** A buffer taken from a device's pool, or a part of one. */
final class OpenClMemory implements Memory {
    private static final int WORD = Integer.BYTES;

    private final OpenClContext context;
    private final ElementType type;
    private final long bytes;
    private final String what;
    private final boolean isPart;
    private cl_mem handle;

    /** Takes memory for so many elements, in whole words. */
    OpenClMemory(OpenClContext context, ElementType type, long count, String what) {
        this.context = context;
        this.type = type;
        this.bytes = (count * type.bytes() + WORD - 1) / WORD * WORD;
        this.what = what;
        this.isPart = false;
        this.handle = context.pool().take(bytes, what);
        context.pool().count(bytes);
    }

    /** Makes a part of a buffer, from an offset in bytes on to its end; it is to be closed before the buffer. */
    OpenClMemory(OpenClMemory whole, long offset, ElementType type) {
        this.context = whole.context;
        this.type = type;
        this.bytes = whole.bytes - offset;
        this.what = whole.what;
        this.isPart = true;
        this.handle = context.pool().part(whole.handle(), offset, bytes);
    }

    ElementType type() {
        return type;
    }

    long bytes() {
        return bytes;
    }

    cl_mem handle() {
        if (handle == null) {
            throw new IllegalStateException(what + " is closed");
        }
        return handle;
    }

    @Override
    public void close() {
        synchronized (context) {
            if (handle != null) {
                cl_mem closing = handle;
                handle = null;
                if (isPart) {
                    context.pool().giveBackPart(closing);
                } else {
                    context.pool().giveBack(closing, bytes);
                }
            }
        }
    }
}
