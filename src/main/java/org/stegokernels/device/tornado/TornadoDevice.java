package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
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

/** A device of TornadoVM's: each kernel is run and waited for. */
final class TornadoDevice implements Device {
    private final TornadoContext context;
    private final String description;
    private final Kernels kernels;
    private final TrainingKernels training;

    TornadoDevice(String id, String description, Machine machine, Device.Options options) {
        this.context = new TornadoContext(id, machine, options);
        this.description = description;
        OwnOperations own = new OwnOperations(
                new Linear(context),
                new Product(context),
                new Attention(context),
                new Bicubic(context),
                new TopK(context),
                tables -> new PermutohedralLattice(context, tables));
        this.kernels = new LaunchedKernels(context, own);
        this.training = new LaunchedTrainingKernels(context, own);
    }

    /** Returns the machine, for tests, which count what is compiled. */
    Machine machine() {
        return context.machine();
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
        return new Tensor(shape, new TornadoBuffer(context, type, shape.size(), "a tensor " + type + shape));
    }

    @Override
    public Tensor part(Tensor whole, int first, ElementType type, Shape shape) {
        return new Tensor(shape, new TornadoBuffer((TornadoBuffer) whole.buffer(), first));
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        write(MemorySegment.ofArray(source), tensor);
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        write(MemorySegment.ofArray(source), tensor);
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        read(tensor, MemorySegment.ofArray(target));
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        read(tensor, MemorySegment.ofArray(target));
    }

    @Override
    public void copy(Tensor from, Tensor to, int first) {
        int start = Math.addExact(TornadoBuffer.memory(to).start(), first);
        context.copy(TornadoBuffer.memory(from), from.shape().size(), start);
    }

    private void write(MemorySegment source, Tensor tensor) {
        int start = TornadoBuffer.memory(tensor).start();
        context.write(tensor.type(), start, source, tensor.shape().size());
    }

    private void read(Tensor tensor, MemorySegment target) {
        int start = TornadoBuffer.memory(tensor).start();
        context.read(tensor.type(), start, target, tensor.shape().size());
    }

    @Override
    public void requireMemory(long bytes, String what) {
        context.requireMemory(bytes, what);
    }

    @Override
    public Precision precision() {
        return context.precision();
    }

    @Override
    public List<KernelTime> kernelTimes() {
        return context.kernelTimes();
    }

    @Override
    public long allocatedBytes() {
        return context.allocatedBytes();
    }

    @Override
    public void close() {
        context.close();
    }
}
