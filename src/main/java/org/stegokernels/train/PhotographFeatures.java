package org.stegokernels.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.Sha256;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/**
 * Features of whole photographs, one file each, so that another labelled photograph costs no more than its own. What a file gives back
 * has the bits of what was computed.
 */
final class PhotographFeatures {
    private static final String FEATURES = "features";

    private final Path folder;
    private final String what;
    private final DType type;

    /**
     * @param folder null to keep nothing
     * @param what all but the photograph that the features depend on
     */
    PhotographFeatures(Path folder, String what, DType type) {
        this.folder = folder;
        this.what = what;
        this.type = type;
    }

    /** Computes the features of a photograph. */
    @FunctionalInterface
    interface Source {
        Patches of(Path photograph) throws IOException;
    }

    /**
     * Returns the features of a photograph, computed if they aren't there.
     *
     * @throws IOException if the photograph can't be read or the features can't be kept
     */
    Patches get(Path photograph, Source source) throws IOException {
        Path file = folder == null ? null : folder.resolve(key(photograph) + ".safetensors");
        if (file != null && Files.isRegularFile(file)) {
            try (Safetensors kept = Safetensors.open(file)) {
                Shape shape = kept.entry(FEATURES).shape();
                return new Patches(shape.dim(0), shape.dim(1), kept.floats(FEATURES));
            } catch (ModelException | IndexOutOfBoundsException e) {
                // Damaged: computed again, and replaced.
            }
        }
        Patches computed = source.of(photograph);
        float[] values = computed.values();
        short[] halves = null;
        if (type == DType.F16) {
            halves = new short[values.length];
            HalfFloat.narrow(values, 0, halves, 0, values.length);
            HalfFloat.widen(halves, 0, values, 0, values.length);
        }
        if (file != null) {
            write(file, computed, halves);
        }
        return computed;
    }

    private void write(Path file, Patches patches, short[] halves) throws IOException {
        int count = patches.rows() * patches.columns();
        Shape shape = Shape.of(patches.rows(), patches.columns(), patches.values().length / count);
        ByteBuffer bytes = ByteBuffer.allocate(shape.size() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        if (halves == null) {
            bytes.asFloatBuffer().put(patches.values());
        } else {
            bytes.asShortBuffer().put(halves);
        }
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put(FEATURES, new TypedTensor(type, shape, out -> out.write(bytes.array())));
        Files.createDirectories(file.getParent());
        AtomicFile.write(file, out -> SafetensorsWriter.writeTyped(out, tensors, Map.of("of", what)));
    }

    private String key(Path photograph) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(photograph, BasicFileAttributes.class);
            Sha256 digest = new Sha256();
            digest.add(what + "/" + type.name().toLowerCase(Locale.ROOT) + "/"
                    + photograph.toAbsolutePath().normalize() + "/" + attributes.size() + "/"
                    + attributes.lastModifiedTime().toMillis());
            return digest.hex().substring(0, 32);
        } catch (IOException e) {
            throw FileErrors.reading(photograph, e);
        }
    }
}
