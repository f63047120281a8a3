package org.stegokernels.convert;

import java.io.IOException;
import java.nio.file.Path;

/** Makes this program's safetensors files from checkpoints of others. */
public final class CheckpointConverter {
    private CheckpointConverter() {}

    /**
     * Converts a file. The new one appears whole or not at all.
     *
     * @param in a PyTorch checkpoint (zip or legacy), a safetensors file, or the {@code .index.json} of a sharded one
     * @param out the safetensors file to write
     * @throws org.stegokernels.weights.ModelException if the file can't be read, is damaged or hostile, or holds no model
     *     that this program knows
     * @throws IOException if the new file can't be written; the message says why and what to do
     */
    public static ConversionReport convert(Path in, Path out, ConvertOptions options) throws IOException {
        throw new UnsupportedOperationException("convert");
    }
}
