package org.stegokernels.convert;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.stegokernels.weights.DType;

/**
 * How to convert.
 *
 * @param type of all floating-point tensors in the new file: F32, F16 or BF16; empty keeps each as it is
 * @param heads attention heads, whatever the file says; empty leaves them to the file and what stands beside it
 * @param notes further metadata of the new file, for instance {@code licence}
 * @param progress told how far it has got
 */
public record ConvertOptions(Optional<DType> type, OptionalInt heads, Map<String, String> notes, Progress progress) {

    /** Keeps the types, adds nothing, tells nobody. */
    public static final ConvertOptions DEFAULT =
            new ConvertOptions(Optional.empty(), OptionalInt.empty(), Map.of(), (done, total) -> {});

    /** Told how far a conversion has got. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param done bytes so far
         * @param total bytes to read, first for the digest and then for the tensors
         */
        void bytes(long done, long total);
    }

    public ConvertOptions {
        if (type.isPresent()
                && !Map.of(DType.F32, 0, DType.F16, 0, DType.BF16, 0).containsKey(type.get())) {
            throw new IllegalArgumentException("weights are F32, F16 or BF16, not " + type.get());
        }
        notes = Map.copyOf(notes);
    }

    public ConvertOptions withType(DType wanted) {
        return new ConvertOptions(Optional.of(wanted), heads, notes, progress);
    }

    public ConvertOptions withHeads(int wanted) {
        return new ConvertOptions(type, OptionalInt.of(wanted), notes, progress);
    }

    public ConvertOptions withNotes(Map<String, String> wanted) {
        return new ConvertOptions(type, heads, wanted, progress);
    }

    public ConvertOptions withProgress(Progress wanted) {
        return new ConvertOptions(type, heads, notes, wanted);
    }
}
