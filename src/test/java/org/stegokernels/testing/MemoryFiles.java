package org.stegokernels.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/** Model files made up in memory, to be changed before they are read. */
public final class MemoryFiles {
    private MemoryFiles() {}

    /** The tensors of a file, under the same names, in a map that may be changed. */
    public static Map<String, TypedTensor> tensors(Safetensors file) {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        file.names().forEach(name -> tensors.put(name, file.typed(name)));
        return tensors;
    }

    /** Zeros of a shape. */
    public static TypedTensor zeros(int... dims) {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        return TypedTensor.of(HostTensor.of(new float[size], dims));
    }

    public static Safetensors file(Map<String, TypedTensor> tensors, Map<String, String> metadata) {
        return Safetensors.of("made-up.safetensors", ByteBuffer.wrap(bytes(tensors, metadata)));
    }

    /** The bytes of such a file. */
    public static byte[] bytes(Map<String, TypedTensor> tensors, Map<String, String> metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SafetensorsWriter.writeTyped(out, tensors, metadata);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
