package org.stegokernels.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The device memory of one check. Outputs start as NaN (or the smallest integer), so that an element a kernel forgets
 * shows; inputs must be unchanged at the end; all is freed when the scope closes.
 */
final class CheckScope implements AutoCloseable {
    /** Outputs start with it in a second run, of either sign; no result is so large. */
    private static final float ANOTHER = 3e38f;

    private final Device device;
    /** Outputs start with it, and with its negative. */
    private final float unwritten;

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Deque<Input> inputs = new ArrayDeque<>();
    private final List<Tensor> outputs = new ArrayList<>();

    private record Input(Tensor tensor, Object values) {}

    private CheckScope(Device device, float unwritten) {
        this.device = device;
        this.unwritten = unwritten;
    }

    /** Runs a check with memory of its own, and examines guard zones and inputs after it. */
    static Comparison run(Device device, Checks.Body body) throws Exception {
        return run(device, body, Float.NaN);
    }

    private static Comparison run(Device device, Checks.Body body, float unwritten) throws Exception {
        try (CheckScope scope = new CheckScope(device, unwritten)) {
            Comparison comparison = body.run(scope);
            scope.requireUntouched();
            return comparison.in(device.precision());
        }
    }

    /**
     * Runs a check twice, and compares the bits of what comes out: guard zones hold other numbers in each run, and outputs start
     * with one, so a kernel that reads outside of a buffer or what it has not written shows, as one whose sums come in no fixed
     * order.
     *
     * @param body draws the same in each run
     */
    static Comparison runTwice(Device device, Supplier<Checks.Body> body) throws Exception {
        List<Object> first = new ArrayList<>();
        List<Object> second = new ArrayList<>();
        Comparison comparison = run(device, kept(body.get(), first));
        run(device, kept(body.get(), second), ANOTHER);
        if (!comparison.passed() || Arrays.deepEquals(first.toArray(), second.toArray())) {
            return comparison;
        }
        throw new DeviceException("the same input gives other bits in a second run: the kernel reads outside of a"
                + " buffer or what it has not written, or its result hangs on the order of its threads");
    }

    /** Returns a check that also keeps what came out of it. */
    private static Checks.Body kept(Checks.Body body, List<Object> results) {
        return scope -> {
            Comparison comparison = body.run(scope);
            for (Tensor output : scope.outputs) {
                results.add(
                        output.type() == ElementType.F32
                                ? bits(scope.device.floats(output))
                                : scope.device.ints(output));
            }
            return comparison;
        };
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
        return bits;
    }

    Device device() {
        return device;
    }

    Kernels kernels() {
        return device.kernels();
    }

    TrainingKernels training() {
        return device.training();
    }

    /** Uploads what a kernel may read but not write. */
    Tensor input(float[] values, int... dims) {
        Tensor tensor = owned(device.upload(values, dims));
        inputs.add(new Input(tensor, values.clone()));
        return tensor;
    }

    /** Uploads what a kernel may read but not write. */
    Tensor input(HostTensor tensor) {
        return input(tensor.values(), tensor.shape().dims());
    }

    /** Uploads integers that a kernel may read but not write. */
    Tensor input(int[] values, int... dims) {
        Tensor tensor = owned(device.upload(values, dims));
        inputs.add(new Input(tensor, values.clone()));
        return tensor;
    }

    /** Uploads what a kernel works on in place. */
    Tensor inOut(float[] values, int... dims) {
        return writable(device.upload(values, dims));
    }

    /** Uploads integers that a kernel works on in place. */
    Tensor inOut(int[] values, int... dims) {
        return writable(device.upload(values, dims));
    }

    /** Takes memory that a kernel must fill completely. */
    Tensor output(int... dims) {
        float[] values = new float[Shape.of(dims).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 2 == 0 ? unwritten : -unwritten;
        }
        return writable(device.upload(values, dims));
    }

    /** Takes memory for integers that a kernel must fill completely. */
    Tensor intOutput(int... dims) {
        int[] values = new int[Shape.of(dims).size()];
        Arrays.fill(values, unwritten == ANOTHER ? Integer.MAX_VALUE : Integer.MIN_VALUE);
        return writable(device.upload(values, dims));
    }

    private Tensor writable(Tensor tensor) {
        outputs.add(tensor);
        return owned(tensor);
    }

    /**
     * Packs a linear layer.
     *
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}, or null for none
     */
    LinearWeights linear(float[] weight, float[] bias, int inputs, int outputs) {
        Tensor biasTensor = bias == null ? null : input(bias, outputs);
        return owned(kernels().packLinear(input(weight, outputs, inputs), biasTensor));
    }

    /** Adds something to be closed with this scope. */
    <T extends AutoCloseable> T owned(T resource) {
        owned.push(resource);
        return resource;
    }

    /**
     * Examines guard zones and inputs.
     *
     * @throws DeviceException if a kernel wrote where it must not
     */
    private void requireUntouched() {
        device.checkGuards();
        for (Input input : inputs) {
            boolean same = input.tensor().type() == ElementType.F32
                    ? Arrays.equals(device.floats(input.tensor()), (float[]) input.values())
                    : Arrays.equals(device.ints(input.tensor()), (int[]) input.values());
            if (!same) {
                throw new DeviceException("a kernel changed its input " + input.tensor());
            }
        }
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                failure = new DeviceException("could not free memory of a check: " + e.getMessage(), e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
