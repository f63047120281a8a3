package org.stegokernels.weights;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/**
 * The weights of one module on a device, uploaded by name from a model file and freed together. Names are those of the
 * file without the module's prefix. A weight that is not a finite number is refused: every result would be not a number.
 */
public final class DeviceWeights implements AutoCloseable {
    private static final float[] NO_ROOM = {};

    private final Safetensors file;
    private final String prefix;
    private final Device device;
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<LinearWeights> linears = new ArrayList<>();
    /** Memory that each matrix is read to: fresh memory for all of them takes longer than the reading. */
    private float[] matrix = NO_ROOM;
    /** The tensor on the device, to be packed from there. */
    private final GrowingBuffer staging;

    private DeviceWeights(Safetensors file, String prefix, Device device) {
        this.file = file;
        this.prefix = prefix;
        this.device = device;
        this.staging = new GrowingBuffer(device);
    }

    /** Loads something that holds weights; if that fails, frees what was loaded so far. */
    public interface Loader<T> {
        /** Loads what it needs, and returns the part of the model that has it. */
        T load(DeviceWeights weights);
    }

    /**
     * Runs a loader, whose result then owns the weights and closes them.
     *
     * @throws ModelException if a tensor is missing, of a wrong shape or type, or not finite
     * @throws org.stegokernels.device.DeviceException.OutOfMemory if the device is too small, before anything is done
     */
    public static <T> T load(Safetensors file, String prefix, Device device, Loader<T> loader) {
        DeviceWeights weights = new DeviceWeights(file, prefix, device);
        device.requireMemory(weights.bytes(), "model " + file.name());
        try (weights.staging) {
            T loaded = loader.load(weights);
            weights.matrix = NO_ROOM;
            return loaded;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /** Returns the bytes of the module's tensors as floats. */
    private long bytes() {
        long bytes = 0;
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                bytes += (long) Float.BYTES * file.entry(name).shape().size();
            }
        }
        return bytes;
    }

    /** Returns whether the file has any of these. */
    public boolean hasAny(List<String> names) {
        return file.hasAny(prefix, names);
    }

    /** Returns the values in the Java heap, checked. */
    public HostTensor host(String name) {
        return new HostTensor(file.entry(prefix + name).shape(), file.finiteFloats(prefix + name, NO_ROOM));
    }

    /**
     * As {@link #host}, checked to be above 0.
     *
     * @throws ModelException if a value is not
     */
    public HostTensor positive(String name) {
        HostTensor host = host(name);
        for (float value : host.values()) {
            if (!(value > 0)) {
                throw new ModelException(
                        file.name(),
                        prefix + name,
                        "it has the value " + value + ", all must be above 0",
                        "Use another file, or convert it again.");
            }
        }
        return host;
    }

    /** Uploads a tensor in the shape that it has in the file. */
    public Tensor tensor(String name) {
        HostTensor host = host(name);
        return upload(host.values(), host.shape().dims());
    }

    /** Uploads values that were computed from weights, as one more of them. */
    public Tensor upload(float[] values, int... dims) {
        Tensor tensor = device.upload(values, dims);
        tensors.add(tensor);
        return tensor;
    }

    /**
     * Packs a linear layer from {@code NAME.weight}, outputs first, and {@code NAME.bias}. The weight of a convolution becomes
     * a matrix: its inputs are channel, row and column in this order.
     */
    public LinearWeights linear(String name) {
        return linear(name, (float[]) null);
    }

    /**
     * As {@link #linear(String)}, with each output multiplied by a factor of its own, which goes into weight and bias: a
     * layer scale.
     *
     * @param scale the tensor with the factors, {@code [outputs]}; null for none
     */
    public LinearWeights linear(String name, String scale) {
        return linear(name, scale == null ? null : host(scale).values());
    }

    /** @param scale null for none */
    private LinearWeights linear(String name, float[] scale) {
        String weightName = name + ".weight";
        Shape shape = file.entry(prefix + weightName).shape();
        int outputs = shape.dim(0);
        file.require(prefix + name + ".bias", Shape.of(outputs));
        matrix = file.finiteFloats(prefix + weightName, matrix);
        float[] bias = host(name + ".bias").values();
        int inputs = shape.size() / outputs;
        if (scale != null) {
            for (int i = 0; i < shape.size(); i++) {
                matrix[i] *= scale[i / inputs];
            }
            for (int i = 0; i < outputs; i++) {
                bias[i] *= scale[i];
            }
        }
        try (Tensor onDevice = device.upload(bias, outputs)) {
            return pack(matrix, outputs, inputs, onDevice);
        }
    }

    /** Packs a linear layer without bias from a matrix {@code [N, K]} that was computed from weights, as one more of them. */
    public LinearWeights linear(HostTensor weight) {
        return pack(weight.values(), weight.shape().dim(0), weight.shape().dim(1), null);
    }

    private LinearWeights pack(float[] weight, int outputs, int inputs, Tensor bias) {
        Tensor onDevice = staging.view(outputs, inputs);
        device.write(weight, onDevice);
        LinearWeights packed = device.kernels().packLinear(onDevice, bias);
        linears.add(packed);
        return packed;
    }

    /** Frees all that was loaded. A second call does nothing. */
    @Override
    public void close() {
        tensors.forEach(Tensor::close);
        tensors.clear();
        linears.forEach(LinearWeights::close);
        linears.clear();
    }
}
