package org.stegokernels.convert;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;

/** Tensors of a source under the names that this program has for them; some are several of the source's, one below the other. */
final class RenamedTensors implements TensorIndex {
    private static final String QKV = ".attn.qkv.";

    private final TensorSource source;
    private final Map<String, String> metadata;
    private final Map<String, List<String>> parts = new LinkedHashMap<>();

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
                    "it would be called " + Printable.quoted(name) + ", as " + Printable.quoted(taken.get(0)) + " is",
                    "Take one of the two out of the file.");
        }
    }

    /** Joins tensors along the first dimension. */
    void join(String name, List<String> originals) {
        parts.put(name, List.copyOf(originals));
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

    /** Returns the names in the source; none for zeros. */
    List<String> originals(String name) {
        return parts.get(name);
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
        List<Entry> entries = parts.get(tensor).stream().map(source::entry).toList();
        if (entries.isEmpty()) {
            return zeroBias(tensor);
        }
        Entry first = entries.get(0);
        if (entries.size() == 1) {
            return new Entry(tensor, first.type(), first.shape());
        }
        int[] dims = first.shape().dims();
        long rows = 0;
        for (Entry entry : entries) {
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
        List<TypedTensor> tensors = new ArrayList<>();
        for (String original : parts.get(tensor)) {
            tensors.add(source.typed(original));
        }
        if (tensors.isEmpty()) {
            return new TypedTensor(
                    entry.type(),
                    entry.shape(),
                    out -> out.write(
                            new byte[entry.shape().size() * entry.type().bytes()]));
        }
        return new TypedTensor(entry.type(), entry.shape(), (OutputStream out) -> {
            for (TypedTensor part : tensors) {
                part.content().write(out);
            }
        });
    }
}
