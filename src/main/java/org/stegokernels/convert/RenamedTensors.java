package org.stegokernels.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Tensors of a source under the names that this program has for them; some are several of the source's, one below the
 * other, some are computed.
 */
final class RenamedTensors implements TensorIndex {
    /** A part of a joined tensor that the source hasn't: zeros, as many as the first part has. */
    static final String ZEROS = "";

    private static final String QKV = ".attn.qkv.";

    private final TensorSource source;
    private final Map<String, String> metadata;
    /** The source's names of each; none for zeros and for what is computed. */
    private final Map<String, List<String>> parts = new LinkedHashMap<>();
    /** The source's name of the mask of a tensor, where it has one. */
    private final Map<String, String> masks = new LinkedHashMap<>();

    private final Map<String, TypedTensor> computed = new LinkedHashMap<>();

    /** @param metadata what the new file says about itself */
    RenamedTensors(TensorSource source, Map<String, String> metadata) {
        this.source = source;
        this.metadata = metadata;
    }

    /** @throws ModelException if another tensor has got that name already */
    void add(String name, String original) {
        List<String> taken = parts.put(name, List.of(original));
        if (taken != null) {
            throw new ModelException(
                    source.name(),
                    original,
                    "it would be called " + Printable.quoted(name) + ", as "
                            + Printable.quoted(taken.isEmpty() ? name : taken.get(0)) + " is",
                    "Take one of the two out of the file.");
        }
    }

    /** Joins tensors along the first dimension; {@link #ZEROS} stands for one that is not there, and is not the first. */
    void join(String name, List<String> originals) {
        parts.put(name, List.copyOf(originals));
    }

    /** Multiplies a tensor that was or will be added by another of its shape, whose values are 0 and 1. */
    void mask(String name, String original) {
        masks.put(name, original);
    }

    /** Adds a tensor that the source hasn't. */
    void compute(String name, HostTensor values) {
        parts.put(name, List.of());
        computed.put(name, TypedTensor.of(values));
    }

    /** Returns whether any tensor is masked. */
    boolean masked() {
        return !masks.isEmpty();
    }

    /**
     * Adds the biases of queries, keys and values, all zeros, where no block has one.
     *
     * @return whether that was so
     */
    boolean addZeroBiases() {
        List<String> weights = parts.keySet().stream()
                .filter(name -> name.endsWith(QKV + "weight"))
                .toList();
        boolean without = !weights.isEmpty() && parts.keySet().stream().noneMatch(name -> name.endsWith(QKV + "bias"));
        if (without) {
            weights.forEach(weight -> parts.put(sibling(weight, "weight", "bias"), List.of()));
        }
        return without;
    }

    private static String sibling(String name, String end, String other) {
        return name.substring(0, name.length() - end.length()) + other;
    }

    /** Returns the names in the source, that of a mask among them; none for zeros and for what is computed. */
    List<String> originals(String name) {
        List<String> originals = new ArrayList<>(parts.get(name));
        originals.remove(ZEROS);
        if (masks.containsKey(name)) {
            originals.add(masks.get(name));
        }
        return originals;
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public Set<String> names() {
        return parts.keySet();
    }

    @Override
    public Entry entry(String tensor) {
        if (!parts.containsKey(tensor)) {
            throw missing(tensor);
        }
        if (computed.containsKey(tensor)) {
            return new Entry(
                    tensor, computed.get(tensor).type(), computed.get(tensor).shape());
        }
        List<String> originals = parts.get(tensor);
        if (originals.isEmpty()) {
            return zeroBias(tensor);
        }
        Entry entry = originals.size() == 1 ? renamed(tensor, originals.get(0)) : joined(tensor, originals);
        String mask = masks.get(tensor);
        if (mask != null) {
            source.require(mask, entry.shape());
        }
        return entry;
    }

    private Entry renamed(String tensor, String original) {
        Entry only = source.entry(original);
        return new Entry(tensor, only.type(), only.shape());
    }

    private Entry joined(String tensor, List<String> originals) {
        Entry first = source.entry(originals.get(0));
        int[] dims = first.shape().dims();
        long rows = 0;
        for (String original : originals) {
            Entry entry = original.equals(ZEROS) ? first : source.entry(original);
            if (!entry.shape().equals(first.shape()) || entry.type() != first.type() || dims.length == 0) {
                throw source.wrongShape(
                        entry.name(), first.type() + first.shape().toString() + " as " + first.name());
            }
            rows += dims[0];
        }
        dims[0] = (int) rows;
        return new Entry(tensor, first.type(), shape(first.name(), dims, rows));
    }

    private Entry zeroBias(String tensor) {
        Entry weight = entry(sibling(tensor, "bias", "weight"));
        if (weight.shape().rank() == 0) {
            throw wrongShape(weight.name(), "[outputs, inputs]");
        }
        return new Entry(tensor, weight.type(), Shape.of(weight.shape().dim(0)));
    }

    private Shape shape(String original, int[] dims, long rows) {
        try {
            Math.toIntExact(rows);
            return Shape.of(dims);
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw source.wrongShape(original, "fewer rows");
        }
    }

    TypedTensor typed(String tensor) {
        Entry entry = entry(tensor);
        if (computed.containsKey(tensor)) {
            return computed.get(tensor);
        }
        List<TypedTensor> tensors = new ArrayList<>();
        for (String original : parts.get(tensor)) {
            tensors.add(
                    original.equals(ZEROS)
                            ? zeros(tensors.get(0).type(), tensors.get(0).shape())
                            : source.typed(original));
        }
        if (tensors.isEmpty()) {
            return zeros(entry.type(), entry.shape());
        }
        TypedTensor whole = new TypedTensor(entry.type(), entry.shape(), out -> {
            for (TypedTensor part : tensors) {
                part.content().write(out);
            }
        });
        String mask = masks.get(tensor);
        return mask == null ? whole : masked(whole, mask);
    }

    private static TypedTensor zeros(DType type, Shape shape) {
        return new TypedTensor(type, shape, out -> out.write(new byte[shape.size() * type.bytes()]));
    }

    /** Returns a tensor with zeros where a mask has them; of the bias of a layer, which is small. */
    private TypedTensor masked(TypedTensor tensor, String mask) {
        TypedTensor factors = TypeConversion.convert(source.name(), mask, source.typed(mask), DType.F32);
        if (factors.type() != DType.F32) {
            throw new ModelException(
                    source.name(), mask, "its type is " + factors.type() + ", not one of floats", "Use another file.");
        }
        int width = tensor.type().bytes();
        return new TypedTensor(tensor.type(), tensor.shape(), out -> {
            byte[] values = bytes(tensor);
            FloatBuffer each = ByteBuffer.wrap(bytes(factors))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
            for (int i = 0; i < each.limit(); i++) {
                float factor = each.get(i);
                if (factor == 0) {
                    Arrays.fill(values, i * width, (i + 1) * width, (byte) 0);
                } else if (factor != 1) {
                    throw new ModelException(
                            source.name(),
                            mask,
                            "it has the value " + factor + ", neither 0 nor 1",
                            "Use another file: this mask was never set.");
                }
            }
            out.write(values);
        });
    }

    private static byte[] bytes(TypedTensor tensor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tensor.content().write(bytes);
        return bytes.toByteArray();
    }
}
