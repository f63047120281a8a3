package org.stegokernels.device.opencl;

import java.util.List;
import org.jocl.Pointer;
import org.stegokernels.device.Contract;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Precision;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/** An OpenCL device: kernels are enqueued in order, and only reading waits for them. */
final class OpenClDevice implements Device {
    private final OpenClContext context;
    private final String description;
    private final boolean guards;
    private final OpenClKernels kernels;
    private final OpenClTrainingKernels training;

    OpenClDevice(OpenClRuntime.Found found, Limits limits, Tuning tuning, DeviceOptions options) {
        this.context = new OpenClContext(found, limits, tuning, options);
        this.description = found.info().description();
        this.guards = options.guards();
        RowKernels rows = new RowKernels(context);
        this.kernels = new OpenClKernels(context, rows);
        this.training = new OpenClTrainingKernels(context, rows);
    }

    /** For tests, which count what is in it. */
    MemoryPool pool() {
        return context.pool();
    }

    @Override
    public Object monitor() {
        return context;
    }

    @Override
    public String id() {
        return context.id();
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public TrainingKernels training() {
        return training;
    }

    @Override
    public Tensor allocate(ElementType type, Shape shape) {
        context.requireAlive();
        return new Tensor(shape, new OpenClBuffer(context, type, shape.size(), guards, "a tensor " + type + shape));
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        write(Pointer.to(source), source.length, tensor, ElementType.F32);
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        write(Pointer.to(source), source.length, tensor, ElementType.I32);
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        read(tensor, Pointer.to(target), target.length, ElementType.F32);
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        read(tensor, Pointer.to(target), target.length, ElementType.I32);
    }

    private void write(Pointer source, int length, Tensor tensor, ElementType type) {
        long bytes = bytes(length, tensor, type);
        context.write(source, OpenClBuffer.memory(tensor), bytes);
    }

    private void read(Tensor tensor, Pointer target, int length, ElementType type) {
        long bytes = bytes(length, tensor, type);
        context.read(OpenClBuffer.memory(tensor), 0, bytes, target);
    }

    private static long bytes(int length, Tensor tensor, ElementType type) {
        Contract.copy(length, tensor, type);
        return (long) tensor.shape().size() * type.bytes();
    }

    @Override
    public void requireMemory(long bytes, String what) {
        context.requireAlive();
        context.pool().requireTotal(bytes, what);
    }

    @Override
    public Precision precision() {
        return context.precision();
    }

    @Override
    public void finish() {
        context.finish();
    }

    @Override
    public List<KernelTime> kernelTimes() {
        return context.profiler() == null
                ? List.of()
                : context.attempt("profiling", () -> context.profiler().times());
    }

    @Override
    public long allocatedBytes() {
        return context.pool().allocatedBytes();
    }

    @Override
    public void checkGuards() {
        for (OpenClBuffer buffer : context.pool().buffers()) {
            if (!buffer.guardIntact()) {
                throw new DeviceException("device " + id() + ": a kernel wrote behind the end of a buffer of "
                        + buffer.length() + " " + buffer.type() + " elements");
            }
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
