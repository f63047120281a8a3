package org.stegokernels.device;

import java.util.List;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * A processor with its memory. A device opened by {@link Devices} may be used by several threads: each call, also of its
 * {@link Kernels}, waits until those before it have returned. Work may run asynchronously, {@link #read} waits for what
 * it reads. Closing a device frees all that is still allocated on it. A call on what is closed throws {@link
 * IllegalStateException}; closing again, a device or what was on it, does nothing. What one device allocated is refused by
 * all others.
 */
public interface Device extends AutoCloseable {
    /** Returns the name it was opened by: {@code cpu}, {@code opencl:0}. */
    String id();

    /** Returns a description of the device in words. */
    String description();

    /**
     * Returns the object whose monitor is held by each call. A caller that needs several calls in one piece, as they share memory for
     * intermediate results, holds it meanwhile.
     */
    default Object monitor() {
        return this;
    }

    /** Returns the operations, which compute on tensors of this device. */
    Kernels kernels();

    /**
     * Returns the operations that only training, neighbours and mini-batch clusters need.
     *
     * @throws DeviceException if this device has none of them
     */
    default TrainingKernels training() {
        throw new DeviceException("device " + id() + " can't train: use --device cpu");
    }

    /**
     * Returns new memory, zeroed.
     *
     * @throws DeviceException if the device has not enough memory; the message gives the size asked for and the size
     *     there
     */
    Tensor allocate(ElementType type, Shape shape);

    /**
     * Returns a part of a buffer as a tensor of its own, so that there are elements before it: a guard zone. Closing either
     * closes both.
     *
     * @param whole as {@link #allocate} returned it
     * @param first the element it begins at, a multiple of 128
     * @param type of the part: that of the whole, or {@link #activationType} in words
     * @return null if a tensor of this device begins where its buffer does
     */
    default Tensor part(Tensor whole, int first, ElementType type, Shape shape) {
        return null;
    }

    /**
     * Returns the type of a network's activations, which its layers pass to each other: {@link ElementType#F16} if the layers that
     * read them would round them to as much. {@link Kernels} says which tensors may be of it; {@link Kernels#slice} makes floats
     * of them for the host.
     */
    default ElementType activationType() {
        return ElementType.F32;
    }

    /** Returns whether several images in one batch take less time than one after the other, as where one leaves processors idle. */
    default boolean gainsByBatches() {
        return true;
    }

    /** Returns new float memory, zeroed. */
    default Tensor allocate(int... dims) {
        return allocate(ElementType.F32, Shape.of(dims));
    }

    /** Returns new float memory holding a copy of {@code values}, whose length is the shape's size. */
    default Tensor upload(float[] values, int... dims) {
        Tensor tensor = allocate(dims);
        write(values, tensor);
        return tensor;
    }

    /** Returns new integer memory holding a copy of {@code values}, whose length is the shape's size. */
    default Tensor upload(int[] values, int... dims) {
        Tensor tensor = allocate(ElementType.I32, Shape.of(dims));
        write(values, tensor);
        return tensor;
    }

    /**
     * Copies the first {@code shape().size()} values of {@code source} into an {@link ElementType#F32} tensor.
     *
     * @throws IllegalArgumentException if the source is shorter than the tensor, or the types differ
     */
    void write(float[] source, Tensor tensor);

    /** As the other, for an {@link ElementType#I32} tensor. */
    void write(int[] source, Tensor tensor);

    /**
     * Copies an {@link ElementType#F32} tensor into the start of {@code target}.
     *
     * @throws IllegalArgumentException if the target is shorter than the tensor, or the types differ
     */
    void read(Tensor tensor, float[] target);

    /** As the other, for an {@link ElementType#I32} tensor. */
    void read(Tensor tensor, int[] target);

    /**
     * Copies an {@link ElementType#F32} tensor into a part of another, on the device.
     *
     * @param to does not share its memory
     * @param first the element of {@code to} that the first of {@code from} goes to
     * @throws IllegalArgumentException if the part does not lie within {@code to}, or a tensor is not of floats
     */
    void copy(Tensor from, Tensor to, int first);

    /**
     * Returns the values of an {@link ElementType#F32} tensor at the start of an array, to be read only: the tensor's own memory
     * where that is a Java array, else a copy.
     *
     * @param target gets the copy if it is long enough
     * @return valid until the tensor or the target is changed
     */
    default float[] values(Tensor tensor, float[] target) {
        float[] values =
                target.length < tensor.shape().size() ? new float[tensor.shape().size()] : target;
        read(tensor, values);
        return values;
    }

    /** Returns a host copy of an {@link ElementType#F32} tensor. */
    default float[] floats(Tensor tensor) {
        float[] values = new float[tensor.shape().size()];
        read(tensor, values);
        return values;
    }

    /** Returns a host copy of an {@link ElementType#I32} tensor. */
    default int[] ints(Tensor tensor) {
        int[] values = new int[tensor.shape().size()];
        read(tensor, values);
        return values;
    }

    /**
     * Returns whether so many more bytes can be had; a caller that will need a lot calls this first, and fails before work has
     * begun.
     *
     * @param what for the message
     * @throws DeviceException.OutOfMemory if not; the message gives both sizes
     */
    default void requireMemory(long bytes, String what) {}

    /** Returns the precision of linear layers. */
    default Precision precision() {
        return Precision.FP32;
    }

    /** Waits until all work given to the device is done. */
    default void finish() {}

    /**
     * Returns the time of each kernel since the device was opened, longest first; empty unless it was opened to be profiled and can
     * tell.
     */
    default List<KernelTime> kernelTimes() {
        return List.of();
    }

    /** Returns the bytes allocated and not yet freed: buffers, packed weights, lattices and workspace. */
    long allocatedBytes();

    /**
     * Examines the guard zones of all live buffers; does nothing if the device was opened without them. {@link Devices} gives
     * them to every device.
     *
     * @throws DeviceException naming the buffer that was overrun
     */
    default void checkGuards() {}

    @Override
    void close();

    /** The precision of a device's arithmetic. Sums are 32-bit floats in any case. */
    enum Precision {
        /** 32-bit floats. */
        FP32,
        /** Weights of linear layers, and what they are multiplied with, in 16 bits: half the memory, about three digits. */
        FP16,
        /**
         * Operands of linear layers and of attention with 10 bits after the point, where matrix units take such; 32-bit floats
         * elsewhere. Range and memory are those of 32-bit floats.
         */
        TF32,
        /** 32-bit floats, with arithmetic relaxed as the device's compiler sees fit: no infinities, no NaN, rounding of its own. */
        FAST
    }

    /**
     * The time of one kernel on a device since it was opened.
     *
     * @param kernel its name
     * @param calls how often it ran
     * @param seconds time on the device, waiting not counted
     * @param flop floating-point operations, 0 if it does too few to matter
     * @param bytes bytes read and written if every operand moves once
     * @param least those of them that would move too if work row by row were done where products, attention and filters load
     *     or store the rows
     */
    record KernelTime(String kernel, long calls, double seconds, double flop, double bytes, double least) {
        /** Returns the sum of two times of one kernel. */
        public KernelTime plus(KernelTime other) {
            return new KernelTime(
                    kernel,
                    calls + other.calls,
                    seconds + other.seconds,
                    flop + other.flop,
                    bytes + other.bytes,
                    least + other.least);
        }

        /** Returns the bytes of tensors that move once each. */
        public static double bytes(Tensor... tensors) {
            double bytes = 0;
            for (Tensor tensor : tensors) {
                bytes += (double) tensor.shape().size() * tensor.type().bytes();
            }
            return bytes;
        }
    }

    /**
     * A device that could be opened.
     *
     * @param id the name to ask for it by: {@code cpu}, {@code cpu:scalar}, {@code opencl:0}
     * @param description what it is, in words: vector width and threads, or the vendor's name
     * @param rank how eagerly {@code auto} takes it: the highest rank wins (a GPU 200, the vectorised CPU kernels 100,
     *     anything emulated below that)
     */
    record Info(String id, String description, int rank) {}

    /**
     * Settings for opening a device.
     *
     * @param threads worker threads of a CPU device; 0 means one for each available processor
     * @param guards whether every buffer lies between guard zones that {@link Device#checkGuards()} examines; used by
     *     {@code verify} and the tests
     * @param profile whether {@link Device#kernelTimes()} is wanted; costs a little time for each kernel
     * @param precision of linear layers; a device that does not offer it can't be opened
     */
    record Options(int threads, boolean guards, boolean profile, Precision precision) {
        /** The options where none are given: all processors, no guard zones, no profile, FP32. */
        public static final Options DEFAULT = new Options(0, false);

        /** Makes options without a profile, in FP32. */
        public Options(int threads, boolean guards) {
            this(threads, guards, false, Precision.FP32);
        }

        /** Returns these options with another precision. */
        public Options withPrecision(Precision other) {
            return new Options(threads, guards, profile, other);
        }

        /** Returns these options with or without a profile. */
        public Options withProfile(boolean wanted) {
            return new Options(threads, guards, wanted, precision);
        }

        /**
         * Checks the number of threads.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Options {
            if (threads < 0) {
                throw new IllegalArgumentException("threads must be 0 (all) or more, not " + threads);
            }
        }
    }

    /**
     * Memory for intermediate results of changing size: it grows to the largest size asked for and stays, so that a
     * thousand images allocate no more than the largest of them.
     */
    public static final class GrowingBuffer implements AutoCloseable {
        private final Device device;
        private final ElementType type;
        private Tensor memory;

        /** Makes a buffer of floats, without memory yet. */
        public GrowingBuffer(Device device) {
            this(device, ElementType.F32);
        }

        /** Makes a buffer without memory yet. */
        public GrowingBuffer(Device device, ElementType type) {
            this.device = device;
            this.type = type;
        }

        /**
         * Returns the memory under a shape; contents are undefined. Earlier views share it, and are closed if it has to grow.
         *
         * @throws DeviceException if the device has not enough memory; the buffer is empty then, and usable
         */
        public Tensor view(int... dims) {
            int size = Shape.of(dims).size();
            if (memory == null || memory.shape().size() < size) {
                close();
                memory = device.allocate(type, Shape.of(size));
            }
            return memory.view(dims);
        }

        /** Frees the memory; a later {@link #view} takes new. */
        @Override
        public void close() {
            if (memory != null) {
                memory.close();
                memory = null;
            }
        }
    }
}
