package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

/** One file of reference vectors. Whatever is asked for and absent, or of another rank, is a {@link ModelException}. */
final class ReferenceFile implements AutoCloseable {
    private final String name;
    private final Safetensors tensors;

    ReferenceFile(String name, Safetensors tensors) {
        this.name = name;
        this.tensors = tensors;
    }

    /** Returns the file's name without its ending: the first part of the names of its checks. */
    String name() {
        return name;
    }

    /** Returns the file itself, for classes that load a model from it. */
    Safetensors safetensors() {
        return tensors;
    }

    Set<String> names() {
        return tensors.names();
    }

    /** Reads a tensor of any floating-point type and requires its rank. */
    HostTensor tensor(String tensor, int rank) {
        return new HostTensor(shape(tensor, rank), floats(tensor));
    }

    float[] floats(String tensor) {
        return tensors.floats(tensor);
    }

    double[] doubles(String tensor) {
        return tensors.doubles(tensor);
    }

    int[] ints(String tensor) {
        return tensors.ints(tensor);
    }

    byte[] bytes(String tensor) {
        return tensors.bytes(tensor);
    }

    Shape shape(String tensor, int rank) {
        Shape shape = tensors.entry(tensor).shape();
        if (shape.rank() != rank) {
            throw unusable(tensor, "its shape is " + shape + ", expected " + rank + " dimensions");
        }
        return shape;
    }

    /** Reads {@code [B, C, H, W]} as {@code [B, H, W, C]}. */
    HostTensor channelsLast(String tensor) {
        return TensorLayout.channelsLast(tensor(tensor, 4));
    }

    /** Reads {@code [C, H, W]} as {@code [H * W, C]}. */
    HostTensor pixels(String tensor) {
        HostTensor planes = tensor(tensor, 3);
        Shape shape = planes.shape();
        int size = shape.dim(1) * shape.dim(2);
        return new HostTensor(
                Shape.of(size, shape.dim(0)), TensorLayout.transposed(planes.values(), 1, shape.dim(0), size));
    }

    String metadata(String key) {
        String value = tensors.metadata().get(key);
        if (value == null) {
            throw unusable(null, "its metadata lack \"" + key + "\"");
        }
        return value;
    }

    /** Returns a list of integers separated by commas, at least one. */
    List<Integer> metadataInts(String key) {
        String list = metadata(key);
        if (!list.matches("\\d{1,9}(,\\d{1,9})*")) {
            throw unusable(null, "its metadata \"" + key + "\" is not a list of numbers: " + list);
        }
        return Stream.of(list.split(",")).map(Integer::valueOf).toList();
    }

    double metadataDouble(String key) {
        return number(key, metadata(key));
    }

    double metadataDouble(String key, double ifAbsent) {
        String value = tensors.metadata().get(key);
        return value == null ? ifAbsent : number(key, value);
    }

    private double number(String key, String value) {
        try {
            return Double.parseDouble(value.trim());
        } catch (NumberFormatException e) {
            throw unusable(null, "its metadata \"" + key + "\" is not a number: " + value);
        }
    }

    /**
     * Returns the cases a file holds: the distinct values of group 1 among the tensor names that match.
     *
     * @throws ModelException if there are none
     */
    SortedSet<String> cases(Pattern pattern) {
        SortedSet<String> cases = new TreeSet<>();
        for (String tensor : tensors.names()) {
            Matcher matcher = pattern.matcher(tensor);
            if (matcher.matches()) {
                cases.add(matcher.group(1));
            }
        }
        if (cases.isEmpty()) {
            throw unusable(null, "no tensor is named like " + pattern);
        }
        return cases;
    }

    private ModelException unusable(String tensor, String reason) {
        return new ModelException(tensors.name(), tensor, reason, "Use a whole set of reference vectors.");
    }

    @Override
    public void close() {
        tensors.close();
    }
}
