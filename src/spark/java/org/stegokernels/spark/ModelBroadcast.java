package org.stegokernels.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.stegokernels.device.Device;
import org.stegokernels.io.Sha256;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelRegistry.ModelStore;
import org.stegokernels.stego.Stego;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

/**
 * A model that executors can load: its file, broadcast once. The demo model is on the class path of all.
 *
 * @param label what to call it
 * @param key equal for equal models alone
 * @param file null for the demo model
 */
record ModelBroadcast(String label, String key, Broadcast<ModelFile> file) implements Serializable {
    /** A word of this form that is no file is taken for the name of a registered model. */
    private static final String NAME = "[\\w-]+";
    /** At least two letters, lest the drive of a Windows path be taken for one. */
    private static final String WITH_SCHEME = "[A-Za-z][A-Za-z0-9+.-]+:.*";

    /**
     * A safetensors file.
     *
     * @param chunks its bytes, each but the last of {@link #CHUNK} bytes: an array ends at 2 GiB
     * @param metadata what it says about itself, also by a file beside it
     */
    private record ModelFile(String name, List<byte[]> chunks, Map<String, String> metadata)
            implements Serializable, ByteSource {
        private static final int CHUNK = 1 << 28;

        static ModelFile of(String name, InputStream in, Map<String, String> metadata) throws IOException {
            List<byte[]> chunks = new ArrayList<>();
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                chunks.add(chunk);
            }
            return new ModelFile(name, chunks, metadata);
        }

        @Override
        public long size() {
            return chunks.stream().mapToLong(chunk -> chunk.length).sum();
        }

        @Override
        public ByteBuffer window(long offset, int length) {
            int first = (int) (offset / CHUNK);
            int from = (int) (offset % CHUNK);
            if (length == 0 || from + length <= chunks.get(first).length) {
                byte[] chunk = length == 0 ? new byte[0] : chunks.get(first);
                return ByteBuffer.wrap(chunk, length == 0 ? 0 : from, length).slice();
            }
            ByteBuffer joined = ByteBuffer.allocate(length);
            for (long at = offset; joined.hasRemaining(); at = offset + joined.position()) {
                byte[] chunk = chunks.get((int) (at / CHUNK));
                int begin = (int) (at % CHUNK);
                joined.put(chunk, begin, Math.min(joined.remaining(), chunk.length - begin));
            }
            return joined.flip();
        }

        @Override
        public void close() {}

        String key() {
            Sha256 digest = new Sha256();
            chunks.forEach(chunk -> digest.write(chunk, 0, chunk.length));
            return digest.add(metadata.toString()).hex();
        }
    }

    /**
     * Finds a model and sends it on its way.
     *
     * @param given a file of this machine, a URI that Hadoop can read, or the name of a model that is here; null for the demo
     *     model
     * @throws ModelException if there is none, or it can't be read
     */
    static ModelBroadcast of(JavaSparkContext context, String given) {
        if (given == null || given.equals(DemoModel.NAME)) {
            return new ModelBroadcast(DemoModel.NAME, DemoModel.NAME + " " + DemoModel.bytes(), null);
        }
        ModelFile file;
        try {
            file = given.matches(WITH_SCHEME)
                    ? remote(given, context.hadoopConfiguration())
                    : local(given, find(given).orElse(java.nio.file.Path.of(given)));
        } catch (IOException e) {
            throw ByteSource.unreadable(given, null, e);
        }
        return new ModelBroadcast(given, file.key(), context.broadcast(file));
    }

    private static Optional<java.nio.file.Path> find(String given) throws IOException {
        if (!given.matches(NAME) || Files.exists(java.nio.file.Path.of(given))) {
            return Optional.empty();
        }
        ModelStore store = ModelStore.ofUser();
        if (store.has(given)) {
            return Optional.of(store.path(given));
        }
        String remedy = ModelRegistry.load().find(given).isPresent()
                ? "Run 'stego-kernels models pull " + given + "' on the machine of the driver, or add --pull."
                : "'stego-kernels models list' shows the names.";
        throw new ModelException(given, null, "there is no such model here and no such file", remedy);
    }

    private static ModelFile local(String name, java.nio.file.Path path) throws IOException {
        try (Safetensors file = Stego.open(path);
                InputStream in = Files.newInputStream(path)) {
            return ModelFile.of(name, in, Map.copyOf(file.metadata()));
        }
    }

    private static ModelFile remote(String uri, Configuration hadoop) throws IOException {
        Path path = new Path(uri);
        try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
            ModelFile file = ModelFile.of(uri, in, Map.of());
            return new ModelFile(
                    uri, file.chunks(), Map.copyOf(Safetensors.of(file).metadata()));
        }
    }

    /** @throws ModelException if it is no model */
    Stego load(Device device) {
        if (file == null) {
            return Stego.demo(device);
        }
        ModelFile bytes = file.value();
        return Stego.load(Safetensors.of(bytes).withMetadata(bytes.metadata()), device);
    }
}
