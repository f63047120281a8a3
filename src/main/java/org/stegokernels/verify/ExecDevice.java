package org.stegokernels.verify;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.verify.OperationCall.Operand;

/**
 * A device that has its operations computed elsewhere, call by call. Its memory is the Java heap; each call carries all it
 * needs, weights and positions too, so nothing is kept on the other side.
 */
final class ExecDevice implements Device {
    private final String id;
    private final String description;
    private final Exchange exchange;
    private final Object kernels;
    private final Set<Memory> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long allocatedBytes;

    /** Computes operations. */
    interface Exchange extends AutoCloseable {
        /**
         * Computes an operation: what it writes is in its operands then.
         *
         * @throws UnsupportedOperationException if it has no such operation
         * @throws org.stegokernels.device.DeviceException if there is no answer, or none that can be right
         */
        void compute(OperationCall call);

        @Override
        void close();
    }

    ExecDevice(String id, String description, Exchange exchange) {
        this.id = id;
        this.description = description;
        this.exchange = exchange;
        InvocationHandler calls = this::call;
        this.kernels = Proxy.newProxyInstance(
                ExecDevice.class.getClassLoader(), new Class<?>[] {Kernels.class, TrainingKernels.class}, calls);
    }

    /** Answers a method of {@link Kernels} or {@link TrainingKernels}. */
    private Object call(Object self, Method method, Object[] arguments) throws ReflectiveOperationException {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        switch (method.getName()) {
            case "packLinear" -> {
                return new PackedLinear(copy((Tensor) arguments[0]), copy((Tensor) arguments[1]));
            }
            case "allocateLattice" -> {
                return new PlacedLattice(Shape.of((int) arguments[0], (int) arguments[1]));
            }
            case "buildLattice" -> {
                PlacedLattice lattice = (PlacedLattice) arguments[1];
                read((Tensor) arguments[0], (float[]) lattice.positions.values());
                compute(method, lattice, lattice.vertices);
            }
            default -> compute(method, arguments);
        }
        return null;
    }

    private void compute(Method method, Object... arguments) {
        exchange.compute(new OperationCall(method, arguments, this::opened));
    }

    private List<Operand> opened(Object argument) {
        if (argument instanceof Tensor tensor) {
            return List.of(operand(tensor));
        }
        if (argument instanceof PackedLinear weights) {
            return Arrays.asList(weights.weight, weights.bias);
        }
        return List.of(((PlacedLattice) argument).positions);
    }

    /** Returns the memory of one of this device's tensors. */
    static Operand operand(Tensor tensor) {
        HeapBuffer buffer = (HeapBuffer) tensor.buffer();
        return new Operand(tensor.shape(), buffer.array, buffer.first);
    }

    private Operand copy(Tensor tensor) {
        return tensor == null ? null : new Operand(tensor.shape(), floats(tensor), 0);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Kernels kernels() {
        return (Kernels) kernels;
    }

    @Override
    public TrainingKernels training() {
        return (TrainingKernels) kernels;
    }

    @Override
    public Tensor allocate(ElementType type, Shape shape) {
        return new Tensor(shape, new HeapBuffer(type, shape.size()));
    }

    @Override
    public Tensor part(Tensor whole, int first, ElementType type, Shape shape) {
        return new Tensor(shape, new HeapBuffer((HeapBuffer) whole.buffer(), first));
    }

    @Override
    public void write(float[] source, Tensor tensor) {
        write((Object) source, tensor);
    }

    @Override
    public void write(int[] source, Tensor tensor) {
        write((Object) source, tensor);
    }

    @Override
    public void read(Tensor tensor, float[] target) {
        read(tensor, (Object) target);
    }

    @Override
    public void read(Tensor tensor, int[] target) {
        read(tensor, (Object) target);
    }

    @Override
    public void copy(Tensor from, Tensor to, int first) {
        Operand source = operand(from);
        Operand target = operand(to);
        System.arraycopy(
                source.values(),
                source.first(),
                target.values(),
                target.first() + first,
                from.shape().size());
    }

    private static void write(Object source, Tensor tensor) {
        Operand operand = operand(tensor);
        System.arraycopy(
                source, 0, operand.values(), operand.first(), tensor.shape().size());
    }

    private static void read(Tensor tensor, Object target) {
        Operand operand = operand(tensor);
        System.arraycopy(
                operand.values(), operand.first(), target, 0, tensor.shape().size());
    }

    @Override
    public long allocatedBytes() {
        return allocatedBytes;
    }

    @Override
    public void close() {
        List.copyOf(live).forEach(Memory::close);
        exchange.close();
    }

    /** Something that takes memory of the device until it is closed. */
    private class Memory implements AutoCloseable {
        private final String name;
        private final long bytes;

        Memory(String name, long elements) {
            this.name = name;
            this.bytes = elements * Integer.BYTES;
            live.add(this);
            allocatedBytes += bytes;
        }

        public Object owner() {
            if (!live.contains(this)) {
                throw new IllegalStateException("the " + name + " is closed");
            }
            return ExecDevice.this;
        }

        @Override
        public void close() {
            synchronized (ExecDevice.this) {
                if (live.remove(this)) {
                    allocatedBytes -= bytes;
                }
            }
        }
    }

    private final class HeapBuffer extends Memory implements Tensor.Buffer {
        private final Object array;
        private final int first;
        /** Null unless this is a part. */
        private final HeapBuffer whole;

        HeapBuffer(ElementType type, int length) {
            super("tensor", length);
            this.array = type == ElementType.F32 ? new float[length] : new int[length];
            this.first = 0;
            this.whole = null;
        }

        /** Makes a part of a buffer, from an element on to its end; closing it closes the buffer. */
        HeapBuffer(HeapBuffer whole, int first) {
            super("tensor", 0);
            this.array = whole.array;
            this.first = first;
            this.whole = whole;
        }

        @Override
        public ElementType type() {
            return array instanceof float[] ? ElementType.F32 : ElementType.I32;
        }

        @Override
        public int length() {
            return (array instanceof float[] floats ? floats.length : ((int[]) array).length) - first;
        }

        @Override
        public void close() {
            super.close();
            if (whole != null) {
                whole.close();
            }
        }
    }

    /** Weights as they came: they go along with each call. */
    final class PackedLinear extends Memory implements Kernels.LinearWeights {
        private final Operand weight;
        /** Null for none. */
        private final Operand bias;

        PackedLinear(Operand weight, Operand bias) {
            super(
                    "linear layer",
                    weight.shape().size() + (bias == null ? 0 : bias.shape().size()));
            this.weight = weight;
            this.bias = bias;
        }

        Operand weight() {
            return weight;
        }

        Operand bias() {
            return bias;
        }

        @Override
        public int inputs() {
            return weight.shape().dim(1);
        }

        @Override
        public int outputs() {
            return weight.shape().dim(0);
        }
    }

    /** The positions that a lattice was built over last: they go along with each call. */
    final class PlacedLattice extends Memory implements Kernels.Lattice {
        private final Operand positions;
        private final Operand vertices = new Operand(Shape.of(1), new int[1], 0);

        PlacedLattice(Shape shape) {
            super("lattice", shape.size());
            this.positions = new Operand(shape, new float[shape.size()], 0);
        }

        Operand positions() {
            return positions;
        }

        @Override
        public int points() {
            return positions.shape().dim(0);
        }

        @Override
        public int dims() {
            return positions.shape().dim(1);
        }

        @Override
        public int vertices() {
            return ((int[]) vertices.values())[0];
        }
    }
}
