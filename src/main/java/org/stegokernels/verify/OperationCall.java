package org.stegokernels.verify;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.stegokernels.device.DeviceException;
import org.stegokernels.tensor.Shape;
import org.stegokernels.verify.Operation.Argument;
import org.stegokernels.verify.Operation.Kind;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TensorIndex;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/** An operation with its arguments: what one request to a program says, or one exported case. */
final class OperationCall {
    /** End the names of the elements that lie right before a tensor and right behind it. */
    private static final String BEFORE = ".before.guard";

    private static final String GUARD = ".guard";

    /** Tensors lie in a request by name, each between its guards. */
    private static final Comparator<String> AS_IN_MEMORY = Comparator.comparing(OperationCall::tensor)
            .thenComparing(name -> !name.endsWith(BEFORE))
            .thenComparing(name -> name.endsWith(GUARD));

    private final Operation operation;
    private final Method method;
    private final Object[] arguments;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, Operand> operands = new LinkedHashMap<>();
    /** The tensors to be answered with. */
    private final Map<String, Operand> written = new LinkedHashMap<>();
    /** Values of the names in the operation's shapes. */
    private final Map<String, Double> sizes = new HashMap<>();

    /**
     * A tensor's elements in the Java heap.
     *
     * @param values a {@code float[]} or {@code int[]}, which may be longer than the tensor
     * @param first where in there it begins
     */
    record Operand(Shape shape, Object values, int first) {
        /** Elements before and behind a tensor that go with it, if there are so many: its guards. */
        private static final int AROUND = 64;

        boolean isFloat() {
            return values instanceof float[];
        }

        private int length() {
            return values instanceof float[] floats ? floats.length : ((int[]) values).length;
        }

        private int before() {
            return Math.min(AROUND, first);
        }

        private int behind() {
            return Math.min(AROUND, length() - end());
        }

        private int end() {
            return first + shape.size();
        }

        private TypedTensor typed() {
            return typed(shape, first);
        }

        private TypedTensor guardBefore() {
            return typed(Shape.of(before()), first - before());
        }

        private TypedTensor guardBehind() {
            return typed(Shape.of(behind()), end());
        }

        private TypedTensor typed(Shape part, int from) {
            return new TypedTensor(isFloat() ? DType.F32 : DType.I32, part, out -> {
                ByteBuffer bytes =
                        ByteBuffer.allocate(part.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                if (values instanceof float[] floats) {
                    bytes.asFloatBuffer().put(floats, from, part.size());
                } else {
                    bytes.asIntBuffer().put((int[]) values, from, part.size());
                }
                out.write(bytes.array());
            });
        }

        private void take(Safetensors from, String name, int at) {
            int size = from.entry(name).shape().size();
            System.arraycopy(isFloat() ? from.floats(name) : from.ints(name), 0, values, at, size);
        }
    }

    /**
     * Describes a call of a method of {@link org.stegokernels.device.Kernels} or {@link
     * org.stegokernels.device.TrainingKernels}.
     *
     * @param opened returns what a tensor, packed weights or a lattice stands for: operands, null where one is absent
     */
    OperationCall(Method method, Object[] arguments, Function<Object, List<Operand>> opened) {
        this.operation = Operations.named(method.getName());
        this.method = method;
        this.arguments = arguments;
        List<Object> values = new ArrayList<>();
        for (Object argument : arguments) {
            flatten(argument, opened, values);
        }
        int at = 0;
        for (Argument argument : operation.arguments()) {
            if (argument.kind() == Kind.LIST) {
                for (int i = 0; i < (int) values.get(at); i++) {
                    put(argument, argument.name() + "." + i, (Operand) values.get(at + 1 + i));
                }
                at += 1 + (int) values.get(at);
            } else if (argument.kind().isTensor()) {
                put(argument, argument.name(), (Operand) values.get(at++));
            } else {
                parameters.put(argument.name(), String.valueOf(values.get(at++)));
            }
        }
        if (at != values.size()) {
            throw new IllegalArgumentException(
                    operation.name() + " is called with " + values.size() + " values and described with " + at);
        }
        parameters.forEach((name, value) -> sizes.put(name, number(value)));
    }

    private static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Adds an argument as the operation's description counts them: settings one by one, a list after its length. */
    private static void flatten(Object argument, Function<Object, List<Operand>> opened, List<Object> values) {
        if (argument == null || argument instanceof Operand) {
            values.add(argument);
        } else if (argument instanceof float[] numbers) {
            values.add(new Operand(Shape.of(numbers.length), numbers, 0));
        } else if (argument instanceof List<?> list) {
            values.add(list.size());
            list.forEach(member -> flatten(member, opened, values));
        } else if (argument instanceof Record settings) {
            for (RecordComponent component : settings.getClass().getRecordComponents()) {
                try {
                    values.add(component.getAccessor().invoke(settings));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("a record's components can be read", e);
                }
            }
        } else if (argument instanceof Number || argument instanceof Boolean || argument instanceof Enum) {
            values.add(argument);
        } else {
            values.addAll(opened.apply(argument));
        }
    }

    private void put(Argument argument, String name, Operand operand) {
        if (operand == null) {
            return;
        }
        measure(argument, operand.shape());
        Operand other = operands.get(argument.mayBe());
        boolean same = other != null && other.values() == operand.values();
        if (same && written.containsKey(argument.mayBe())) {
            parameters.put("alias", name + "=" + argument.mayBe());
            return;
        }
        if (same) {
            operands.remove(argument.mayBe());
            parameters.put("alias", argument.mayBe() + "=" + name);
        }
        operands.put(name, operand);
        if (argument.kind().isWritten()) {
            written.put(name, operand);
        }
    }

    /** Binds the names in an argument's shape. */
    private void measure(Argument argument, Shape shape) {
        sizes.putIfAbsent("E", (double) shape.size());
        List<String> names = argument.shape();
        int dots = names.indexOf("...");
        int more = shape.rank() - names.size();
        double rows = 1;
        for (int i = 0; dots >= 0 && i <= more; i++) {
            rows *= shape.dim(dots + i);
        }
        sizes.putIfAbsent("R", rows);
        for (int i = 0; i < names.size(); i++) {
            String[] factors = names.get(i).split(" ");
            int dim = i == dots ? 0 : shape.dim(dots >= 0 && i > dots ? i + more : i);
            int times = factors.length == 1 ? 1 : Integer.parseInt(factors[0]);
            sizes.putIfAbsent(factors[factors.length - 1], (double) dim / times);
        }
        if (argument.name().equals("positions") && names.get(1).equals("d")) {
            sizes.merge("D", shape.dim(1) + 1.0, Double::sum);
        }
    }

    Operation operation() {
        return operation;
    }

    /** Returns the method that was called, and below what it was called with. */
    Method method() {
        return method;
    }

    Object[] arguments() {
        return arguments;
    }

    /** Returns the values of the names in the operation's shapes, and of its parameters. */
    Map<String, Double> sizes() {
        return sizes;
    }

    Map<String, Operand> operands() {
        return operands;
    }

    /** Returns the request as a safetensors file, each tensor between its guards. */
    byte[] request() {
        Map<String, String> metadata = new TreeMap<>(parameters);
        metadata.put("protocol", ExecProcess.PROTOCOL);
        metadata.put("operation", operation.name());
        return file(operands, metadata);
    }

    /** Returns what a program that is right would answer, from the values that the written tensors hold now. */
    byte[] reply(Map<String, String> metadata) {
        return file(written, metadata);
    }

    private static byte[] file(Map<String, Operand> operands, Map<String, String> metadata) {
        SortedMap<String, TypedTensor> tensors = new TreeMap<>(AS_IN_MEMORY);
        operands.forEach((name, operand) -> {
            tensors.put(name, operand.typed());
            if (operand.before() > 0) {
                tensors.put(name + BEFORE, operand.guardBefore());
            }
            if (operand.behind() > 0) {
                tensors.put(name + GUARD, operand.guardBehind());
            }
        });
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            SafetensorsWriter.writeTyped(bytes, tensors, metadata);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be written to", e);
        }
        return bytes.toByteArray();
    }

    /** Returns the bytes that the written tensors and their guards take. */
    long replyBytes() {
        return written.values().stream()
                .mapToLong(operand ->
                        (operand.shape().size() + (long) operand.before() + operand.behind()) * Integer.BYTES)
                .sum();
    }

    /** Returns the tensor that a name belongs to: its own, or that of its guards. */
    private static String tensor(String name) {
        for (String end : List.of(BEFORE, GUARD)) {
            if (name.endsWith(end)) {
                return name.substring(0, name.length() - end.length());
            }
        }
        return name;
    }

    /**
     * Takes the written tensors from a reply, and the guards that it has.
     *
     * @throws DeviceException if one is absent or of another type or shape, or there is one that was not asked for
     * @throws org.stegokernels.weights.ModelException if the reply can't be read
     */
    void take(Safetensors reply) {
        for (String name : reply.names()) {
            if (!written.containsKey(tensor(name))) {
                throw new DeviceException("it answered with \"" + name + "\", which is none of " + written.keySet());
            }
        }
        written.forEach((name, operand) -> take(reply, name, operand));
    }

    private static void take(Safetensors reply, String name, Operand operand) {
        Set<String> there = reply.names();
        if (!there.contains(name)) {
            throw new DeviceException("its answer lacks \"" + name + "\", it has only " + there);
        }
        require(reply.entry(name), operand.shape(), operand.isFloat());
        operand.take(reply, name, operand.first());
        if (there.contains(name + BEFORE)) {
            require(reply.entry(name + BEFORE), Shape.of(operand.before()), operand.isFloat());
            operand.take(reply, name + BEFORE, operand.first() - operand.before());
        }
        if (there.contains(name + GUARD)) {
            require(reply.entry(name + GUARD), Shape.of(operand.behind()), operand.isFloat());
            operand.take(reply, name + GUARD, operand.end());
        }
    }

    private static void require(TensorIndex.Entry entry, Shape shape, boolean isFloat) {
        DType type = isFloat ? DType.F32 : DType.I32;
        if (entry.type() != type || !entry.shape().equals(shape)) {
            throw new DeviceException("it answered with \"" + entry.name() + "\" as " + entry.type() + entry.shape()
                    + ", expected " + type + shape);
        }
    }

    @Override
    public String toString() {
        return operation.name() + parameters;
    }
}
