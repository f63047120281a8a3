package org.stegokernels.device;

import java.util.List;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Any device as {@link Devices} opens it: operations take turns, are refused once it is closed, and are given nothing
 * that lies on another device; guard zones lie around each buffer, if asked for. Closing it waits for the operation that runs.
 */
final class CheckedDevice implements Device {
    private final Device device;
    private final Object monitor;
    private final Kernels kernels;
    /** Null without guards. */
    private final GuardZones guards;

    /** Null until it is asked for: most runs don't train. */
    private TrainingKernels training;

    private boolean closed;

    CheckedDevice(Device device, boolean guarded) {
        this.device = device;
        this.guards = guarded ? new GuardZones(device) : null;
        this.monitor = device.monitor();
        this.kernels = new CheckedKernels(this, device.kernels());
    }

    /**
     * Called with the monitor held.
     *
     * @param tensors each may be null
     * @throws IllegalStateException if the device or a tensor is closed
     * @throws IllegalArgumentException if a tensor is on another device
     */
    void require(Tensor... tensors) {
        if (closed) {
            throw new IllegalStateException("device " + id() + " is closed");
        }
        for (Tensor tensor : tensors) {
            requireOwn(tensor == null ? monitor : tensor.buffer().owner(), tensor);
        }
    }

    void require(LinearWeights weights) {
        requireOwn(weights.owner(), "a linear layer");
    }

    void require(Lattice lattice) {
        requireOwn(lattice.owner(), "a lattice");
    }

    private void requireOwn(Object owner, Object what) {
        if (owner != monitor) {
            throw new IllegalArgumentException("device " + id() + " was given " + what + " of another device");
        }
    }

    @Override
    public Object monitor() {
        return monitor;
    }

    @Override
    public String id() {
        return device.id();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public TrainingKernels training() {
        synchronized (monitor) {
            if (training == null) {
                training = new CheckedTrainingKernels(this, device.training());
            }
            return training;
        }
    }

    @Override
    public Tensor allocate(ElementType type, Shape shape) {
        synchronized (monitor) {
            require();
            if (type == ElementType.F16 && activationType() != type) {
                throw new IllegalArgumentException("device " + id() + " has no tensors of 16-bit floats");
            }
            return guards == null ? device.allocate(type, shape) : guards.allocate(type, shape);
        }
    }

    @Override
    public ElementType activationType() {
        return device.activationType();
    }

    @Override
    public boolean gainsByBatches() {
        return device.gainsByBatches();
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        synchronized (monitor) {
            require(tensor);
            Contract.copy(source.length, tensor, ElementType.F32);
            device.write(source, tensor);
        }
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        synchronized (monitor) {
            require(tensor);
            Contract.copy(source.length, tensor, ElementType.I32);
            device.write(source, tensor);
        }
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        synchronized (monitor) {
            require(tensor);
            Contract.copy(target.length, tensor, ElementType.F32);
            device.read(tensor, target);
        }
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        synchronized (monitor) {
            require(tensor);
            Contract.copy(target.length, tensor, ElementType.I32);
            device.read(tensor, target);
        }
    }

    @Override
    public float[] values(Tensor tensor, float[] target) {
        synchronized (monitor) {
            require(tensor);
            Contract.copy(tensor.shape().size(), tensor, ElementType.F32);
            return device.values(tensor, target);
        }
    }

    @Override
    public void copy(Tensor from, Tensor to, int first) {
        synchronized (monitor) {
            require(from, to);
            Contract.part(from, to, first);
            device.copy(from, to, first);
        }
    }

    @Override
    public void requireMemory(long bytes, String what) {
        synchronized (monitor) {
            require();
            device.requireMemory(bytes, what);
        }
    }

    @Override
    public Precision precision() {
        return device.precision();
    }

    @Override
    public void finish() {
        synchronized (monitor) {
            require();
            device.finish();
        }
    }

    @Override
    public List<KernelTime> kernelTimes() {
        synchronized (monitor) {
            require();
            return device.kernelTimes();
        }
    }

    @Override
    public long allocatedBytes() {
        synchronized (monitor) {
            return closed ? 0 : device.allocatedBytes() - (guards == null ? 0 : guards.bytes());
        }
    }

    @Override
    public void checkGuards() {
        synchronized (monitor) {
            require();
            if (guards != null) {
                guards.check();
            }
        }
    }

    @Override
    public void close() {
        synchronized (monitor) {
            if (!closed) {
                closed = true;
                device.close();
            }
        }
    }
}
