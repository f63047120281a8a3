package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.launch.Launcher.Memory;

/** A buffer taken from a device's pool. */
final class OpenClMemory implements Memory {
    private final OpenClContext context;
    private final long bytes;
    private final String what;
    private cl_mem handle;

    OpenClMemory(OpenClContext context, long bytes, String what) {
        this.context = context;
        this.bytes = bytes;
        this.what = what;
        this.handle = context.pool().take(bytes, what);
        context.pool().count(bytes);
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
                context.pool().giveBack(closing, bytes);
            }
        }
    }
}
