package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_BUFFER_CREATE_TYPE_REGION;
import static org.jocl.CL.CL_CONTEXT_PLATFORM;
import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_QUEUE_PROFILING_ENABLE;
import static org.jocl.CL.clCreateBuffer;
import static org.jocl.CL.clCreateCommandQueue;
import static org.jocl.CL.clCreateContext;
import static org.jocl.CL.clCreateSubBuffer;
import static org.jocl.CL.clEnqueueCopyBuffer;
import static org.jocl.CL.clEnqueueFillBuffer;
import static org.jocl.CL.clEnqueueReadBuffer;
import static org.jocl.CL.clEnqueueWriteBuffer;
import static org.jocl.CL.clFinish;
import static org.jocl.CL.clReleaseCommandQueue;
import static org.jocl.CL.clReleaseContext;
import static org.jocl.CL.clReleaseMemObject;

import java.util.function.Supplier;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_buffer_region;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.launch.Launcher;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.io.UserCache;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * One device's context and its in-order queue: the only class that enqueues. Whatever OpenCL reports as an error
 * becomes a {@link org.stegokernels.device.DeviceException}, and closes the context: after an error nothing on a device
 * can be relied upon, so no later call touches it.
 */
final class OpenClContext implements Launcher, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OpenClContext.class.getName());
    private static final int WORD = Integer.BYTES;

    private final String id;
    private final cl_device_id device;
    private final Limits limits;
    private final Tuning tuning;
    private final Precision precision;
    private final Programs programs;
    private final MemoryPool pool;
    private final Profiler profiler;
    private cl_context context;
    private cl_command_queue queue;
    private String failure;
    private long waits;

    OpenClContext(OpenClRuntime.Found found, Limits limits, Tuning tuning, Device.Options options) {
        this.id = found.info().id();
        this.device = found.device();
        this.limits = limits;
        this.tuning = tuning;
        this.pool = new MemoryPool(this);
        this.programs = new Programs(
                this,
                found.keepsPrograms()
                        ? null
                        : new BinaryCache(UserCache.folder().resolve("opencl")));
        this.precision = options.precision();
        this.profiler = options.profile() ? new Profiler() : null;
        attempt("opening it", () -> {
            cl_context_properties properties = new cl_context_properties();
            properties.addProperty(CL_CONTEXT_PLATFORM, found.platform());
            context = clCreateContext(properties, 1, new cl_device_id[] {device}, null, null, null);
            queue = newQueue(options.profile() ? CL_QUEUE_PROFILING_ENABLE : 0);
            return null;
        });
    }

    /** Makes the call that OpenCL 2 renamed; 1.2 devices have no other. */
    @SuppressWarnings("deprecation")
    private cl_command_queue newQueue(long properties) {
        return clCreateCommandQueue(context, device, properties, null);
    }

    String id() {
        return id;
    }

    Limits limits() {
        return limits;
    }

    Tuning tuning() {
        return tuning;
    }

    Precision precision() {
        return precision;
    }

    cl_device_id device() {
        return device;
    }

    cl_context context() {
        return context;
    }

    Programs programs() {
        return programs;
    }

    MemoryPool pool() {
        return pool;
    }

    /** Returns null unless the device was opened to be profiled. */
    Profiler profiler() {
        return profiler;
    }

    /** Runs OpenCL calls; an error of theirs ends this context. */
    <T> T attempt(String what, Supplier<T> calls) {
        requireAlive();
        try {
            return calls.get();
        } catch (CLException e) {
            long allocated = pool.allocatedBytes();
            failure = what;
            closeQuietly();
            throw Errors.of(id, what, e, allocated, limits.memory());
        }
    }

    /**
     * Closes all after an error: a driver that has failed once may fail again, and the first failure is the one to
     * tell.
     */
    private void closeQuietly() {
        try {
            close();
        } catch (CLException e) {
            LOG.log(System.Logger.Level.DEBUG, "device " + id + " could not be closed in order", e);
        }
    }

    /** @throws DeviceException.Lost after an error */
    void requireAlive() {
        if (failure != null) {
            throw new DeviceException.Lost(
                    "device " + id + " was given up after it failed at " + failure + "; open it again");
        }
        if (queue == null && context != null) {
            throw new IllegalStateException("device " + id + " is closed");
        }
    }

    cl_mem create(long bytes) {
        return attempt(
                "allocating " + bytes + " bytes", () -> clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, null, null));
    }

    /** @param offset in bytes, as the device aligns its buffers */
    cl_mem createPart(cl_mem whole, long offset, long bytes) {
        return attempt(
                "taking " + bytes + " bytes of a buffer",
                () -> clCreateSubBuffer(
                        whole,
                        CL_MEM_READ_WRITE,
                        CL_BUFFER_CREATE_TYPE_REGION,
                        new cl_buffer_region(offset, bytes),
                        null));
    }

    void release(cl_mem memory) {
        if (context != null) {
            clReleaseMemObject(memory);
        }
    }

    /** Fills words {@code from} to {@code to - 1} with a bit pattern. */
    void fill(OpenClMemory memory, int pattern, long from, long to) {
        if (from < to) {
            attempt("filling memory", () -> {
                clEnqueueFillBuffer(
                        queue,
                        memory.handle(),
                        Pointer.to(new int[] {pattern}),
                        WORD,
                        from * WORD,
                        (to - from) * WORD,
                        0,
                        null,
                        null);
                return null;
            });
        }
    }

    /** Fills memory with zeros. */
    void clear(OpenClMemory memory) {
        fill(memory, 0, 0, memory.bytes() / WORD);
    }

    /** Copies from the host, and returns when the host's memory may be changed again. */
    void write(Pointer source, Memory memory, long bytes) {
        if (bytes > 0) {
            waits++;
            attempt(
                    "copying to it",
                    () -> clEnqueueWriteBuffer(queue, handle(memory), true, 0, bytes, source, 0, null, null));
        }
    }

    /** Waits for all that was enqueued, then copies to the host. */
    void read(Memory memory, long offset, long bytes, Pointer target) {
        if (bytes > 0) {
            waits++;
            attempt(
                    "copying from it",
                    () -> clEnqueueReadBuffer(queue, handle(memory), true, offset, bytes, target, 0, null, null));
        }
    }

    /** Copies within the device. */
    void copy(Memory from, Memory to, long offset, long bytes) {
        if (bytes > 0) {
            attempt(
                    "copying memory",
                    () -> clEnqueueCopyBuffer(queue, handle(from), handle(to), 0, offset, bytes, 0, null, null));
        }
    }

    private static cl_mem handle(Memory memory) {
        return ((OpenClMemory) memory).handle();
    }

    /** Begins the launch of a row kernel, or of one that is built like row kernels. */
    @Override
    public OpenClLaunch launch(String family, String kernel) {
        return new OpenClLaunch(this, family, kernel, tuning.rowOptions());
    }

    @Override
    public Memory allocate(ElementType type, long count, String what) {
        requireAlive();
        return new OpenClMemory(this, type, count, what);
    }

    @Override
    public Memory memory(Tensor tensor) {
        return ((OpenClBuffer) tensor.buffer()).memory();
    }

    @Override
    public void fill(Memory memory, long count, float value) {
        fill((OpenClMemory) memory, Float.floatToRawIntBits(value), 0, count);
    }

    @Override
    public void fill(Memory memory, long count, int value) {
        fill((OpenClMemory) memory, value, 0, count);
    }

    @Override
    public int readInt(Memory memory, int at) {
        int[] word = new int[1];
        read(memory, (long) at * Integer.BYTES, Integer.BYTES, Pointer.to(word));
        return word[0];
    }

    @Override
    public int vectorLength() {
        return tuning.v();
    }

    @Override
    public int blurAxes() {
        return tuning.tiled() ? 2 : 1;
    }

    void finish() {
        waits++;
        attempt("waiting for it", () -> clFinish(queue));
    }

    /** Returns how often the host has waited for what was enqueued. */
    long waits() {
        return waits;
    }

    /** Returns the queue, for {@link OpenClLaunch} within {@link #attempt}. */
    cl_command_queue queue() {
        return queue;
    }

    @Override
    public void close() {
        if (queue == null) {
            return;
        }
        try {
            if (profiler != null) {
                profiler.close();
            }
            programs.close();
            pool.close();
        } finally {
            cl_command_queue closing = queue;
            queue = null;
            clReleaseCommandQueue(closing);
            clReleaseContext(context);
        }
    }
}
