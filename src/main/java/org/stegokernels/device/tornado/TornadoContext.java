package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.launch.Launcher;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.exceptions.TornadoMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/** The memory that an open device has taken of its machine, and the calls of its kernels. */
final class TornadoContext implements Launcher {
    private final String id;
    private final Machine machine;
    private final Precision precision;
    private final Map<Kernel, KernelTime> times;
    private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long allocatedBytes;
    private boolean closed;
    private String failure;

    TornadoContext(String id, Machine machine, Device.Options options) {
        this.id = id;
        this.machine = machine;
        this.precision = options.precision();
        this.times = options.profile() ? new EnumMap<>(Kernel.class) : null;
        attempt("opening it", () -> {
            machine.enter();
            return null;
        });
    }

    String id() {
        return id;
    }

    Machine machine() {
        return machine;
    }

    Precision precision() {
        return precision;
    }

    /** Returns the bytes taken and not given back. */
    long allocatedBytes() {
        return allocatedBytes;
    }

    /** Makes sure that there is so much more. */
    void requireMemory(long bytes, String what) {
        attempt("making room for " + what, () -> {
            machine.reserve(ElementType.F32, bytes / Float.BYTES, what);
            return null;
        });
    }

    /** @param what for the message if there is not so much */
    Block take(ElementType type, long length, String what) {
        int start = attempt("making room for " + what, () -> machine.take(type, length, what));
        Block block = new Block(this, type, start, length, what);
        live.add(block);
        allocatedBytes += block.bytes();
        return block;
    }

    void giveBack(Block block) {
        if (live.remove(block)) {
            allocatedBytes -= block.bytes();
            block.giveBackTo(machine);
        }
    }

    /** Runs something of TornadoVM; an error of its ends this context. */
    <T> T attempt(String what, Supplier<T> something) {
        requireAlive();
        try {
            return something.get();
        } catch (DeviceException | IllegalArgumentException e) {
            throw e;
        } catch (TornadoOutOfMemoryException | TornadoMemoryException e) {
            failure = what;
            throw new DeviceException.OutOfMemory(
                    "device " + id + " failed at " + what + ": " + reason(e) + " Use a smaller --size, or --device cpu",
                    e);
        } catch (RuntimeException | TornadoInternalError e) {
            failure = what;
            throw new DeviceException.Lost(
                    "device " + id + " failed at " + what + ": " + reason(e)
                            + ". The device can't be used any more by this run; start again, or use --device cpu",
                    e);
        }
    }

    /** Returns the message of an error of TornadoVM's, without its colours and its stack. */
    private static String reason(Throwable e) {
        return String.valueOf(e.getMessage())
                .replaceAll("\\e\\[[0-9;]*m", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("Stacktrace"))
                .collect(Collectors.joining(" "));
    }

    /** @throws DeviceException.Lost after an error */
    void requireAlive() {
        if (failure != null) {
            throw new DeviceException.Lost(
                    "device " + id + " was given up after it failed at " + failure + "; open it again");
        }
        if (closed) {
            throw new IllegalStateException("device " + id + " is closed");
        }
    }

    @Override
    public TornadoLaunch launch(String family, String kernel) {
        return call(Kernel.of(kernel));
    }

    TornadoLaunch call(Kernel kernel) {
        return new TornadoLaunch(this, kernel);
    }

    @Override
    public Memory allocate(ElementType type, long count, String what) {
        return take(type, count, what);
    }

    @Override
    public Memory memory(Tensor tensor) {
        return TornadoBuffer.memory(tensor);
    }

    @Override
    public void fill(Memory memory, long count, float value) {
        fill(((Block) memory).start(), count, value);
    }

    @Override
    public void fill(Memory memory, long count, int value) {
        fill(((Block) memory).start(), count, value);
    }

    @Override
    public int readInt(Memory memory, int at) {
        int[] word = new int[1];
        read(ElementType.I32, ((Block) memory).start() + at, MemorySegment.ofArray(word), 1);
        return word[0];
    }

    @Override
    public int vectorLength() {
        return 1;
    }

    /** Returns a copy of the first {@code count} floats. */
    Block copy(Block from, long count, String what) {
        Block copy = take(ElementType.F32, count, what);
        copy(from, count, copy.start());
        return copy;
    }

    /** Copies the first {@code count} floats to elements from {@code start} on. */
    void copy(Block from, long count, int start) {
        call(Kernel.COPY_FLOATS)
                .with(from)
                .with(Math.toIntExact(count))
                .with(start)
                .overItems(count);
    }

    /** Runs a kernel for {@link TornadoLaunch}, and waits for it. */
    void run(TornadoLaunch call) {
        Kernel kernel = call.kernel();
        boolean profiled = times != null;
        double seconds = attempt("running " + kernel.id(), () -> {
            try {
                return machine.run(call, profiled);
            } catch (RuntimeException | TornadoInternalError e) {
                if (machine.hasRun(kernel)) {
                    throw e;
                }
                throw new DeviceException.KernelBuild(
                        "device " + id + ": TornadoVM can't compile kernel " + kernel.id() + ": " + reason(e), e);
            }
        });
        if (profiled) {
            times.merge(kernel, call.time(seconds), KernelTime::plus);
        }
    }

    List<KernelTime> kernelTimes() {
        return times == null
                ? List.of()
                : times.values().stream()
                        .sorted(Comparator.comparingDouble(KernelTime::seconds).reversed())
                        .toList();
    }

    /** Sets elements from {@code start} on. */
    void fill(int start, long count, float value) {
        call(Kernel.FILL_FLOATS)
                .with(start)
                .with(Math.toIntExact(count))
                .with(value)
                .does(0, (double) count * Float.BYTES)
                .overItems(count);
    }

    /** As the other, for integers. */
    void fill(int start, long count, int value) {
        call(Kernel.FILL_INTS)
                .with(start)
                .with(Math.toIntExact(count))
                .with(value)
                .does(0, (double) count * Integer.BYTES)
                .overItems(count);
    }

    /**
     * Copies values to the device, as many at a time as a call has room for.
     *
     * @param values of that type
     */
    void write(ElementType type, int start, MemorySegment values, int count) {
        boolean floats = type == ElementType.F32;
        Kernel many = floats ? Kernel.WRITE_MANY_FLOATS : Kernel.WRITE_MANY_INTS;
        int most = floats ? many.roomForFloats() : many.roomForInts();
        Kernel few = floats ? Kernel.WRITE_SOME_FLOATS : Kernel.WRITE_SOME_INTS;
        int fewest = floats ? few.roomForFloats() : few.roomForInts();
        for (int done = 0; done < count; done += most) {
            int some = Math.min(count - done, most);
            call(some <= fewest ? few : many)
                    .with(start + done)
                    .with(some)
                    .values(values.asSlice((long) done * type.bytes(), (long) some * type.bytes()))
                    .overItems(some);
        }
    }

    /** Copies values to the host. */
    void read(ElementType type, int start, MemorySegment target, int count) {
        attempt("copying from it", () -> {
            machine.read(type, start, target, count);
            return null;
        });
    }

    void close() {
        if (!closed) {
            List.copyOf(live).forEach(this::giveBack);
            closed = true;
            machine.leave();
        }
    }
}
