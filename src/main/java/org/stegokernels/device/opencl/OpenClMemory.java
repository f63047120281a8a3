package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.launch.Launcher.Memory;

/** A buffer taken from a device's pool, or a part of one. */
final class OpenClMemory implements Memory {
    private final OpenClContext context;
    private final long bytes;
    private final String what;
    private final boolean isPart;
    private cl_mem handle;

    OpenClMemory(OpenClContext context, long bytes, String what) {
        this.context = context;
        this.bytes = bytes;
        this.what = what;
        this.isPart = false;
        this.handle = context.pool().take(bytes, what);
        context.pool().count(bytes);
    }

    /** Makes a part of a buffer, from an offset in bytes on to its end; it is to be closed before the buffer. */
    OpenClMemory(OpenClMemory whole, long offset) {
        this.context = whole.context;
        this.bytes = whole.bytes - offset;
        this.what = whole.what;
        this.isPart = true;
        this.handle = context.pool().part(whole.handle(), offset, bytes);
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
