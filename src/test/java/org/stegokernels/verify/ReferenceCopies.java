package org.stegokernels.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/** Copies of the reference vectors with something changed. */
public final class ReferenceCopies {
    /** The folder of the originals. */
    public static final Path ORIGINAL = Path.of("kernels", "reference");

    private ReferenceCopies() {}

    /** Copies all files into an empty folder. */
    public static void copyAll(Path target) throws IOException {
        try (Stream<Path> files = Files.list(ORIGINAL)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    /** Writes {@code NAME.safetensors} with tensors removed, replaced or added. */
    public static void write(Path target, String name, Consumer<Map<String, TypedTensor>> change) throws IOException {
        String fileName = name + ".safetensors";
        try (Safetensors original = Safetensors.open(ORIGINAL.resolve(fileName))) {
            Map<String, TypedTensor> tensors = new LinkedHashMap<>();
            original.names().forEach(tensor -> tensors.put(tensor, original.typed(tensor)));
            change.accept(tensors);
            SafetensorsWriter.writeTyped(target.resolve(fileName), tensors, original.metadata());
        }
    }
}
