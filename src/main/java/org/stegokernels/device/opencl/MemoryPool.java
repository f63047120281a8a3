package org.stegokernels.device.opencl;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jocl.cl_mem;
import org.stegokernels.device.DeviceException;

/**
 * Memory of a device. What is given back is kept for the next request of about as much, up to an eighth of the device's
 * memory; what is asked for is weighed against the device's size before OpenCL is.
 */
final class MemoryPool {
    /** A kept block serves a request that fills at least this share of it. */
    private static final double LEAST_FILL = 0.8;

    private final OpenClContext context;
    private final Map<cl_mem, Long> live = new IdentityHashMap<>();
    private final Set<cl_mem> parts = Collections.newSetFromMap(new IdentityHashMap<>());
    private final TreeMap<Long, Deque<cl_mem>> kept = new TreeMap<>();
    private long liveBytes;
    private long keptBytes;
    private long countedBytes;
    private long created;

    MemoryPool(OpenClContext context) {
        this.context = context;
    }

    /** Returns the bytes asked for and not given back. */
    long allocatedBytes() {
        return countedBytes;
    }

    /** Returns how often OpenCL was asked for memory since the device was opened. */
    long created() {
        return created;
    }

    /** Counts bytes as allocated. */
    void count(long bytes) {
        countedBytes += bytes;
    }

    /**
     * Returns at least so many bytes, contents undefined.
     *
     * @param what for the message if there are not so many
     */
    cl_mem take(long bytes, String what) {
        long size = Math.max(bytes, Long.BYTES);
        Map.Entry<Long, Deque<cl_mem>> fitting = kept.ceilingEntry(size);
        if (fitting != null && size >= LEAST_FILL * fitting.getKey()) {
            long capacity = fitting.getKey();
            cl_mem memory = fitting.getValue().pop();
            if (fitting.getValue().isEmpty()) {
                kept.remove(capacity);
            }
            keptBytes -= capacity;
            liveBytes += capacity;
            live.put(memory, capacity);
            return memory;
        }
        require(size, what);
        if (liveBytes + keptBytes + size > context.limits().memory()) {
            drop();
        }
        cl_mem memory = context.create(size);
        created++;
        live.put(memory, size);
        liveBytes += size;
        return memory;
    }

    /** @throws DeviceException.OutOfMemory if so many more bytes can't be there; nothing has been touched then */
    void require(long bytes, String what) {
        Limits limits = context.limits();
        if (bytes > limits.largestBuffer()) {
            throw new DeviceException.OutOfMemory("device " + context.id() + ": " + what + " needs " + mebibytes(bytes)
                    + ", a single buffer there can have " + mebibytes(limits.largestBuffer()) + ". " + remedy());
        }
        requireTotal(bytes, what);
    }

    /** As {@link #require}, for bytes in buffers of any number. */
    void requireTotal(long bytes, String what) {
        long free = context.limits().memory() - liveBytes;
        if (bytes > free) {
            throw new DeviceException.OutOfMemory("device " + context.id() + ": " + what + " needs " + mebibytes(bytes)
                    + ", " + mebibytes(free) + " of "
                    + mebibytes(context.limits().memory()) + " are free. "
                    + remedy());
        }
    }

    private static String remedy() {
        return "Use a smaller --size or a smaller model, or --device cpu";
    }

    private static String mebibytes(long bytes) {
        return Math.max(1, bytes >> 20) + " MiB";
    }

    /**
     * @param bytes as they were counted
     */
    void giveBack(cl_mem memory, long bytes) {
        Long capacity = live.remove(memory);
        if (capacity == null) {
            // The device has been closed, and all its memory with it.
            return;
        }
        countedBytes -= bytes;
        liveBytes -= capacity;
        if (keptBytes + capacity > context.limits().memory() / 8) {
            context.release(memory);
        } else {
            kept.computeIfAbsent(capacity, size -> new ArrayDeque<>()).push(memory);
            keptBytes += capacity;
        }
    }

    /** Returns a part of a block that {@link #take} gave; it is to be given back before the block is. */
    cl_mem part(cl_mem whole, long offset, long bytes) {
        cl_mem part = context.createPart(whole, offset, bytes);
        parts.add(part);
        return part;
    }

    void giveBackPart(cl_mem part) {
        if (parts.remove(part)) {
            context.release(part);
        }
    }

    private void drop() {
        kept.values().forEach(blocks -> blocks.forEach(context::release));
        kept.clear();
        keptBytes = 0;
    }

    void close() {
        drop();
        parts.forEach(context::release);
        parts.clear();
        live.keySet().forEach(context::release);
        live.clear();
        liveBytes = 0;
        countedBytes = 0;
    }
}
