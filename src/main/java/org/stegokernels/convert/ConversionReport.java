package org.stegokernels.convert;

import java.nio.file.Path;
import java.util.List;
import org.stegokernels.vit.Architecture;

/**
 * The outcome of a conversion.
 *
 * @param source the file that was read
 * @param target the file that was written
 * @param format of the source, for people: {@code PyTorch zip}, {@code PyTorch legacy}, {@code safetensors}, ...
 * @param names whose names the tensors had, for people: {@code DINO}, {@code Hugging Face DINOv2}, {@code STEGO}, ...
 * @param sha256 of the source, in hexadecimal; of sharded files, of the index
 * @param backbone the transformer's measures
 * @param stego whether the new file is a STEGO model, else a vision transformer
 * @param written how many tensors the new file has
 * @param bytes length of the new file
 * @param dropped what was left out, and why
 * @param notes what else a person should know: what was joined, renamed or is unknown
 */
public record ConversionReport(
        Path source,
        Path target,
        String format,
        String names,
        String sha256,
        Architecture backbone,
        boolean stego,
        int written,
        long bytes,
        List<Dropped> dropped,
        List<String> notes) {

    /**
     * Tensors that were left out.
     *
     * @param reason for people
     * @param tensors their names in the source
     */
    public record Dropped(String reason, List<String> tensors) {
        public Dropped {
            tensors = List.copyOf(tensors);
        }
    }

    public ConversionReport {
        dropped = List.copyOf(dropped);
        notes = List.copyOf(notes);
    }
}
