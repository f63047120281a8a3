package org.stegokernels.device.cpu;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** The processor this program runs on: buffers are Java arrays, kernels run at once on all threads. */
final class CpuDevice implements Device {
    private final String id;
    private final Lanes lanes;
    private final Parallel parallel;
    private final CpuKernels kernels;
    private final TrainingKernels training;
    private final Set<CpuBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long allocatedBytes;

    CpuDevice(String id, Lanes lanes, Device.Options options) {
        this.id = id;
        this.lanes = lanes;
        int threads =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        this.parallel = new Parallel(threads);
        this.kernels = new CpuKernels(this, lanes, parallel);
        this.training = kernels.training(lanes);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String description() {
        return lanes.description() + ", " + parallel.threads() + (parallel.threads() == 1 ? " thread" : " threads");
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
        try {
            CpuBuffer buffer = new CpuBuffer(this, type, shape.size());
            live.add(buffer);
            allocatedBytes += (long) shape.size() * type.bytes();
            return new Tensor(shape, buffer);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(type.toString() + shape, (long) shape.size() * type.bytes(), e);
        }
    }

    static DeviceException outOfMemory(String what, long bytes, OutOfMemoryError cause) {
        return new DeviceException(
                "out of memory: " + what + " needs " + (bytes >> 20) + " MiB, the Java heap is limited to "
                        + (Runtime.getRuntime().maxMemory() >> 20)
                        + " MiB. Give it more with -Xmx, or use a smaller --size",
                cause);
    }

    void released(CpuBuffer buffer) {
        if (live.remove(buffer)) {
            allocatedBytes -= (long) buffer.length() * buffer.type().bytes();
        }
    }

    /** Accounts for memory that is not in a buffer: packed weights, lattices, workspace. */
    void account(long bytes) {
        allocatedBytes += bytes;
    }

    @Override
    public boolean gainsByBatches() {
        return false;
    }

    static float[] array(Tensor tensor) {
        return ((CpuBuffer) tensor.buffer()).floats();
    }

    static int[] intArray(Tensor tensor) {
        return ((CpuBuffer) tensor.buffer()).ints();
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        System.arraycopy(source, 0, array(tensor), 0, tensor.shape().size());
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        System.arraycopy(source, 0, intArray(tensor), 0, tensor.shape().size());
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        System.arraycopy(array(tensor), 0, target, 0, tensor.shape().size());
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        System.arraycopy(intArray(tensor), 0, target, 0, tensor.shape().size());
    }

    @Override
    public float[] values(Tensor tensor, float[] target) {
        return array(tensor);
    }

    @Override
    public void copy(Tensor from, Tensor to, int first) {
        System.arraycopy(array(from), 0, array(to), first, from.shape().size());
    }

    @Override
    public long allocatedBytes() {
        return allocatedBytes + kernels.workspaceBytes();
    }

    @Override
    public void close() {
        parallel.close();
        List.copyOf(live).forEach(Tensor.Buffer::close);
    }
}
