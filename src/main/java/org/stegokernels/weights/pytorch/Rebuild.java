package org.stegokernels.weights.pytorch;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;

/**
 * The functions that a checkpoint may call, which are here to describe tensors, not to run. Calls of any other function
 * are refused by name: a checkpoint that wants to call {@code os.system} is not damaged, it is hostile.
 *
 * <p>After torch/_utils.py of PyTorch.
 */
final class Rebuild {
    /** As many dimensions as a safetensors file may give a tensor. */
    private static final int MAX_RANK = 8;

    private static final String UTILS = "torch._utils.";
    private static final String FROM_TYPE = "torch._tensor._rebuild_from_type";

    /** Reasons why tensors are not plain ones, by the function that makes them. */
    private static final Map<String, String> NOT_PLAIN = Map.of(
            UTILS + "_rebuild_qtensor", "it is quantised",
            UTILS + "_rebuild_sparse_tensor", "it is sparse",
            UTILS + "_rebuild_sparse_csr_tensor", "it is sparse",
            UTILS + "_rebuild_nested_tensor", "it is nested",
            UTILS + "_rebuild_meta_tensor_no_storage", "it has no values (a meta tensor)",
            UTILS + "_rebuild_wrapper_subclass", "it is of a class of its own",
            UTILS + "_rebuild_device_tensor_from_numpy", "it was saved from a device that keeps numpy arrays",
            UTILS + "_rebuild_device_tensor_from_cpu_tensor", "it was saved from a device of its own",
            UTILS + "_rebuild_xla_tensor", "it was saved from an XLA device");

    /** Makers of plain values, which become inert objects. */
    private static final Set<String> INERT = Set.of(
            "_codecs.encode",
            "__builtin__.bytearray",
            "__builtin__.complex",
            "__builtin__.frozenset",
            "__builtin__.set",
            "builtins.bytearray",
            "builtins.complex",
            "builtins.frozenset",
            "builtins.range",
            "builtins.set",
            "builtins.slice",
            "collections.Counter",
            "collections.defaultdict",
            "collections.deque",
            "copy_reg._reconstructor",
            "copyreg._reconstructor",
            "datetime.date",
            "datetime.datetime",
            "datetime.time",
            "datetime.timedelta",
            "decimal.Decimal",
            "numpy._core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "numpy.core.multiarray._reconstruct",
            "numpy.core.multiarray.scalar",
            "numpy.dtype",
            "numpy.ndarray",
            "pathlib.PosixPath",
            "pathlib.PurePath",
            "pathlib.PurePosixPath",
            "pathlib.PureWindowsPath",
            "pathlib.WindowsPath",
            "torch.Size",
            "torch.device",
            "torch.serialization._get_layout",
            "uuid.UUID");

    private final String file;

    Rebuild(String file) {
        this.file = file;
    }

    /**
     * Returns the value of a call.
     *
     * @throws ModelException if the function is not one that a checkpoint may call, or its arguments make no sense
     */
    Object call(PythonName function, Object[] arguments) {
        String name = function.name();
        if (NOT_PLAIN.containsKey(name)) {
            return StoredTensor.refused(NOT_PLAIN.get(name));
        }
        if (INERT.contains(name)) {
            return new PythonObject(
                    name.endsWith("._reconstructor") && arguments.length > 0 && arguments[0] instanceof PythonName made
                            ? made.name()
                            : name);
        }
        return switch (name) {
            case "collections.OrderedDict" -> dictionary(arguments);
            case UTILS + "_rebuild_tensor" -> tensor(name, arguments, 4, null);
            case UTILS + "_rebuild_tensor_v2" -> tensor(name, arguments, 6, null);
            case UTILS + "_rebuild_tensor_v3" -> tensor(name, arguments, 7, 6);
            case UTILS + "_rebuild_parameter", UTILS + "_rebuild_parameter_with_state" -> parameter(name, arguments);
            case FROM_TYPE -> fromType(name, arguments, 2);
            case FROM_TYPE + "_v2" -> fromType(name, arguments, 4);
            default ->
                throw new ModelException(
                        file,
                        null,
                        "it wants to call " + Printable.quoted(name) + ", which no checkpoint of weights needs",
                        "It may be hostile. If you trust it, load it with PyTorch and save the model's state_dict"
                                + " alone.");
        };
    }

    /** Makes a dictionary. Python 2 gives the items here, as a list of pairs; Python 3 puts them in later. */
    private Object dictionary(Object[] arguments) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (arguments.length > 0) {
            for (Object pair : argument(List.class, "collections.OrderedDict", arguments, 0)) {
                Object key = pair instanceof List<?> list && list.size() == 2 ? list.get(0) : null;
                if (!(key instanceof String)) {
                    throw wrong("collections.OrderedDict");
                }
                map.put(key, ((List<?>) pair).get(1));
            }
        }
        return map;
    }

    private StoredTensor parameter(String name, Object[] arguments) {
        return argument(StoredTensor.class, name, arguments, 0);
    }

    /** Rebuilds a tensor of a subclass: {@code (function, class, arguments, state)}; the class is ignored. */
    private Object fromType(String name, Object[] arguments, int count) {
        if (arguments.length < count) {
            throw wrong(name);
        }
        int inner = count == 2 ? 1 : 2;
        PythonName function = argument(PythonName.class, name, arguments, 0);
        if (function.name().startsWith(FROM_TYPE)) {
            throw wrong(name);
        }
        return call(function, argument(Object[].class, name, arguments, inner));
    }

    /**
     * Rebuilds from {@code (storage, offset, size, strides, requires_grad, hooks, ...)}.
     *
     * @param typeAt which argument is the type of the elements; null if the storage tells
     */
    private StoredTensor tensor(String name, Object[] arguments, int least, Integer typeAt) {
        if (arguments.length < least) {
            throw wrong(name);
        }
        TensorStorage storage = argument(TensorStorage.class, name, arguments, 0);
        long offset = number(name, arguments[1]);
        Object[] size = argument(Object[].class, name, arguments, 2);
        Object[] strides = argument(Object[].class, name, arguments, 3);
        if (typeAt != null) {
            return StoredTensor.refused("its elements are "
                    + argument(PythonName.class, name, arguments, typeAt).name());
        }
        if (storage.type() == null) {
            return StoredTensor.refused("its elements are of the type " + storage.typeName());
        }
        if (arguments.length > 6 && arguments[6] instanceof Map<?, ?> bits && bits.containsValue(Boolean.TRUE)) {
            return StoredTensor.refused("it is a conjugate or negative view of another");
        }
        if (size.length != strides.length || size.length > MAX_RANK) {
            throw wrong(name);
        }
        StoredTensor tensor = new StoredTensor(storage, shape(name, size), numbers(name, strides), offset, null);
        if (tensor.end() > storage.elements()) {
            return StoredTensor.refused("it reaches beyond the " + storage.elements() + " elements of its storage");
        }
        if (tensor.shape().size() > storage.elements()) {
            return StoredTensor.refused(
                    "it has " + tensor.shape().size() + " elements, but its storage has " + storage.elements());
        }
        return tensor;
    }

    private Shape shape(String name, Object[] size) {
        long[] dims = numbers(name, size);
        try {
            return Shape.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray());
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new ModelException(
                    file,
                    null,
                    "a tensor has the shape " + Arrays.toString(dims),
                    "Tensors have up to 2^31-1 elements.",
                    e);
        }
    }

    private long[] numbers(String name, Object[] values) {
        long[] numbers = new long[values.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(name, values[i]);
        }
        return numbers;
    }

    private long number(String name, Object value) {
        boolean whole = value instanceof Integer || value instanceof Long;
        if (whole && ((Number) value).longValue() >= 0) {
            return ((Number) value).longValue();
        }
        throw wrong(name);
    }

    private <T> T argument(Class<T> type, String name, Object[] arguments, int index) {
        if (index >= arguments.length || !type.isInstance(arguments[index])) {
            throw wrong(name);
        }
        return type.cast(arguments[index]);
    }

    private ModelException wrong(String name) {
        return PyTorchCheckpoint.damaged(
                file, "its pickle is damaged: " + name + " gets arguments that make no sense", null);
    }
}
