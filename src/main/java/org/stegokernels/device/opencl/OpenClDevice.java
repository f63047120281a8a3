package org.stegokernels.device.opencl;

import java.util.List;
import org.jocl.Pointer;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.launch.LaunchedKernels;
import org.stegokernels.device.launch.LaunchedTrainingKernels;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** An OpenCL device: kernels are enqueued in order, and only reading waits for them. */
final class OpenClDevice implements Device {
    private final OpenClContext context;
    private final String description;
    private final Kernels kernels;
    private final TrainingKernels training;

    OpenClDevice(OpenClRuntime.Found found, Limits limits, Tuning tuning, Device.Options options) {
        this.context = new OpenClContext(found, limits, tuning, options);
        this.description = found.info().description();
        OwnOperations own = new OwnOperations(
                new Linear(context),
                new Product(context, tuning),
                new Attention(context),
                new Bicubic(context),
                new TopK(context),
                tables -> new PermutohedralLattice(context, tables));
        this.kernels = new LaunchedKernels(context, own);
        this.training = new LaunchedTrainingKernels(context, own);
    }

    /** Returns the pool, for tests, which count what is in it. */
    MemoryPool pool() {
        return context.pool();
    }

    /** Returns how often the host has waited for the device, for tests. */
    long waits() {
        return context.waits();
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
        return new Tensor(shape, new OpenClBuffer(context, type, shape.size(), "a tensor " + type + shape));
    }

    /** Guards before a buffer take it that devices let one begin after 512 bytes: none known asks for more. */
    @Override
    public Tensor part(Tensor whole, int first, ElementType type, Shape shape) {
        return new Tensor(shape, new OpenClBuffer((OpenClBuffer) whole.buffer(), first, type));
    }

    @Override
    public ElementType activationType() {
        boolean halves =
                precision() == Precision.FP16 && context.tuning().matrix().multiplies(Precision.FP16);
        return halves ? ElementType.F16 : ElementType.F32;
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        context.write(Pointer.to(source), context.memory(tensor), bytes(tensor));
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        context.write(Pointer.to(source), context.memory(tensor), bytes(tensor));
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        context.read(context.memory(tensor), 0, bytes(tensor), Pointer.to(target));
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        context.read(context.memory(tensor), 0, bytes(tensor), Pointer.to(target));
    }

    @Override
    public void copy(Tensor from, Tensor to, int first) {
        context.copy(context.memory(from), context.memory(to), (long) first * Float.BYTES, bytes(from));
    }

    private static long bytes(Tensor tensor) {
        return (long) tensor.shape().size() * tensor.type().bytes();
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
    public void close() {
        context.close();
    }
}
