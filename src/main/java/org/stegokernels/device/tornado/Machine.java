package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.stegokernels.device.DeviceException;
import org.stegokernels.tensor.Tensor.ElementType;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * One of TornadoVM's devices with its memory and its compiled kernels. Memory is one array of floats and one of
 * integers, tensors are parts of them; see the package's documentation. Methods may be called from several threads.
 */
final class Machine {
    private static final Map<ElementType, Integer> FIRST_CAPACITY =
            Map.of(ElementType.F32, 1 << 24, ElementType.I32, 1 << 22);

    private final TornadoDevice device;
    private final String id;
    private final boolean relaxed;
    private final Map<ElementType, FreeList> free = new EnumMap<>(ElementType.class);
    private final Map<ElementType, TornadoNativeArray> arrays = new EnumMap<>(ElementType.class);
    private Program program;
    /** Kernels compiled for memory that has grown since. */
    private int compiledBefore;

    private int users;

    /**
     * @param id for messages
     * @param relaxed as in {@link Program}
     */
    Machine(TornadoDevice device, String id, boolean relaxed) {
        this.device = device;
        this.id = id;
        this.relaxed = relaxed;
    }

    /** Counts another device as opened on this machine. */
    synchronized void enter() {
        users++;
        if (program == null) {
            for (ElementType type : FIRST_CAPACITY.keySet()) {
                free.put(type, new FreeList(FIRST_CAPACITY.get(type)));
                arrays.put(type, newArray(type));
            }
            load();
        }
    }

    /**
     * Counts one of them as closed. Memory that has grown is given back with the last of them; kernels stay compiled
     * without.
     */
    synchronized void leave() {
        users--;
        if (users == 0 && free.entrySet().stream().anyMatch(Machine::hasGrown)) {
            program.close();
            program = null;
            arrays.clear();
            free.clear();
        }
    }

    private static boolean hasGrown(Map.Entry<ElementType, FreeList> list) {
        return list.getValue().capacity() > FIRST_CAPACITY.get(list.getKey());
    }

    private TornadoNativeArray newArray(ElementType type) {
        int capacity = free.get(type).capacity();
        return type == ElementType.F32 ? new FloatArray(capacity) : new IntArray(capacity);
    }

    private void load() {
        program = new Program(
                device, relaxed, (FloatArray) arrays.get(ElementType.F32), (IntArray) arrays.get(ElementType.I32));
    }

    /** Returns how often a kernel was compiled so far. */
    synchronized int compilations() {
        return compiledBefore + program.compiled().size();
    }

    /** Elements of an array, taken or free. */
    synchronized long capacity(ElementType type) {
        return free.get(type).capacity();
    }

    /** Elements that are free. */
    synchronized long free(ElementType type) {
        return free.get(type).total();
    }

    /** As in {@link Program}. */
    synchronized long reportedBytes() {
        return program.reportedBytes();
    }

    synchronized boolean hasRun(Kernel kernel) {
        return program.compiled().contains(kernel);
    }

    /** Returns the bytes of the largest single array. */
    long largest() {
        // TornadoVM refuses an array of just this size.
        return Math.min(device.getMaxAllocMemory() - 1, (long) Integer.MAX_VALUE * Float.BYTES);
    }

    /**
     * Takes so many elements, contents undefined.
     *
     * @param what for the message if there are not so many
     * @return where they start
     */
    synchronized int take(ElementType type, long length, String what) {
        FreeList list = free.get(type);
        int start = list.take(length);
        if (start < 0) {
            grow(type, FreeList.aligned(length) - list.freeAtEnd(), what);
            start = list.take(length);
        }
        return start;
    }

    /** Makes an array longer beforehand, unless as many elements are free. */
    synchronized void reserve(ElementType type, long length, String what) {
        FreeList list = free.get(type);
        if (list.total() < length) {
            grow(type, length - list.freeAtEnd(), what);
        }
    }

    synchronized void giveBack(ElementType type, int start, long length) {
        if (program != null) {
            free.get(type).giveBack(start, length);
        }
    }

    /** Makes an array longer by so many elements or more: twice as long if there is room, so that it happens seldom. */
    private void grow(ElementType type, long more, String what) {
        long before = free.get(type).capacity();
        long most = largest() / type.bytes() / FreeList.ALIGNMENT * FreeList.ALIGNMENT - FreeList.ALIGNMENT;
        if (before + more > most) {
            throw new DeviceException.OutOfMemory("device " + id + ": " + what + " needs "
                    + mebibytes(more * type.bytes()) + " more than the " + mebibytes(before * type.bytes())
                    + " there are, and "
                    + "there can be " + mebibytes(most * type.bytes())
                    + ". Use a smaller --size or a smaller model, or --device cpu");
        }
        long larger = Math.min(most, Math.max(2 * before, before + more));
        Map<ElementType, TornadoNativeArray> old = new EnumMap<>(arrays);
        Program oldProgram = program;
        old.values().forEach(array -> oldProgram.fetch(array, 0, array.getSize()));
        oldProgram.close();
        compiledBefore += oldProgram.compiled().size();
        free.get(type).grow((int) larger);
        for (ElementType each : FIRST_CAPACITY.keySet()) {
            arrays.put(each, newArray(each));
            MemorySegment from = old.get(each).getSegment();
            arrays.get(each).getSegment().asSlice(0, from.byteSize()).copyFrom(from);
        }
        load();
        program.add(oldProgram.kernels());
    }

    static String mebibytes(long bytes) {
        return Math.max(1, bytes >> 20) + " MiB";
    }

    /** As in {@link Program}. */
    synchronized double run(TornadoLaunch call, boolean profiled) {
        return program.run(call, profiled);
    }

    /** Copies from the device. */
    synchronized void read(ElementType type, int start, MemorySegment target, int length) {
        TornadoNativeArray array = arrays.get(type);
        program.fetch(array, start, length);
        long bytes = (long) length * type.bytes();
        MemorySegment.copy(array.getSegment(), (long) start * type.bytes(), target, 0, bytes);
    }
}
