package org.stegokernels.convert;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;

/**
 * Tensors of a source without what wrappers of PyTorch put into their names: activation checkpointing, {@code
 * torch.compile}, FSDP and DeepSpeed wherever they stand, {@code DataParallel} around single blocks.
 */
final class UnwrappedNames implements TensorSource {
    private static final Pattern WRAPPER =
            Pattern.compile("(?<![^.])(?:_checkpoint_wrapped_module|_orig_mod|_fsdp_wrapped_module|_forward_module)\\."
                    + "|(?<=\\.\\d{1,4}\\.)module\\.");

    private final TensorSource source;
    /** The source's name of each tensor. */
    private final Map<String, String> originals;

    private UnwrappedNames(TensorSource source, Map<String, String> originals) {
        this.source = source;
        this.originals = originals;
    }

    /**
     * Returns the source itself if no name has a wrapper in it.
     *
     * @throws ModelException if two tensors differ in their wrappers only
     */
    static TensorSource of(TensorSource source) {
        Map<String, String> originals = new LinkedHashMap<>();
        boolean wrapped = false;
        for (String name : source.names()) {
            String bare = WRAPPER.matcher(name).replaceAll("");
            wrapped |= !bare.equals(name);
            String other = originals.put(bare, name);
            if (other != null) {
                throw new ModelException(
                        source.name(),
                        name,
                        "without wrappers of PyTorch its name is that of " + Printable.quoted(other),
                        "Take one of the two out of the file.");
            }
        }
        return wrapped ? new UnwrappedNames(source, originals) : source;
    }

    private String original(String tensor) {
        return originals.getOrDefault(tensor, tensor);
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Map<String, String> metadata() {
        return source.metadata();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(originals.keySet());
    }

    @Override
    public Entry entry(String tensor) {
        Entry entry = source.entry(original(tensor));
        return new Entry(tensor, entry.type(), entry.shape());
    }

    @Override
    public TypedTensor typed(String tensor) {
        return source.typed(original(tensor));
    }

    @Override
    public void close() {
        source.close();
    }
}
