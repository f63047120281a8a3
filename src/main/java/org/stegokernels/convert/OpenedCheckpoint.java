package org.stegokernels.convert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.pytorch.PyTorchCheckpoint;

/**
 * A file to be converted, opened by what its first bytes say, not by its name.
 *
 * @param format for people
 * @param tensors closed with this
 * @param settings plain values that the file keeps under a key; see {@link PyTorchCheckpoint#settings}
 */
record OpenedCheckpoint(String format, TensorSource tensors, Function<String, Map<String, Object>> settings)
        implements AutoCloseable {
    private static final int LENGTH_BYTES = 8;

    /** @throws ModelException if it can't be read, is damaged, or of no known format */
    static OpenedCheckpoint open(Path path) {
        ByteSource source = ByteSource.open(path);
        if (startsWith(source, 0, '{')) {
            try {
                source.close();
            } catch (IOException e) {
                throw ByteSource.unreadable(source.name(), null, e);
            }
            ShardedSafetensors sharded = ShardedSafetensors.open(path);
            return new OpenedCheckpoint("safetensors in " + sharded.shards() + " files", sharded, key -> Map.of());
        }
        return of(source);
    }

    /** Opens a source, which belongs to the result from then on, also if this fails. */
    static OpenedCheckpoint of(ByteSource source) {
        if (PyTorchCheckpoint.isOne(source)) {
            PyTorchCheckpoint checkpoint = PyTorchCheckpoint.of(source);
            return new OpenedCheckpoint(checkpoint.format(), checkpoint, checkpoint::settings);
        }
        if (startsWith(source, LENGTH_BYTES, '{')) {
            return new OpenedCheckpoint("safetensors", Safetensors.of(source), key -> Map.of());
        }
        ModelException unknown = new ModelException(
                source.name(),
                null,
                "it is neither a PyTorch checkpoint nor a safetensors file nor the index of one",
                "Give the file with the weights: .pth, .pt, .ckpt, .bin, .safetensors or .safetensors.index.json.");
        source.closeAfter(unknown);
        throw unknown;
    }

    private static boolean startsWith(ByteSource source, int offset, char first) {
        return source.size() > offset
                && source.reading(null, () -> source.window(offset, 1).get(0)) == first;
    }

    @Override
    public void close() {
        tensors.close();
    }
}
