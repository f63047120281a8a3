package org.stegokernels.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** Features in a complete, memory-mapped file; made by {@link FeatureFileBuilder}. Safe for use from many threads. */
final class FeatureFile implements FeatureStore {
    /** Halves converted at a time: enough to forget the call, few enough to stay in the level-1 cache. */
    private static final int CHUNK = 4096;

    private static final ThreadLocal<short[]> CHUNKS = ThreadLocal.withInitial(() -> new short[CHUNK]);

    private final FeatureLayout layout;
    private final Path file;
    private final FileChannel channel;
    private final long length;
    private final ShortBuffer[] halves;
    private final FloatBuffer[] singles;
    private final MappedByteBuffer[] labels;
    private final float[] embeddings;

    private FeatureFile(FeatureLayout layout, SafetensorsWriter.Head head, FileChannel channel, Path file)
            throws IOException {
        this.layout = layout;
        this.file = file;
        this.channel = channel;
        this.length = head.length();
        int shards = layout.shards();
        boolean half = layout.dtype() == DType.F16;
        halves = new ShortBuffer[half ? shards : 0];
        singles = new FloatBuffer[half ? 0 : shards];
        labels = new MappedByteBuffer[layout.labelled() ? shards : 0];
        for (int shard = 0; shard < shards; shard++) {
            long images = layout.imagesIn(shard);
            ByteBuffer features = map(
                    channel,
                    head.positions().get(FeatureLayout.features(shard)),
                    images * layout.values() * layout.dtype().bytes());
            if (half) {
                halves[shard] = features.asShortBuffer();
            } else {
                singles[shard] = features.asFloatBuffer();
            }
            if (layout.labelled()) {
                labels[shard] =
                        map(channel, head.positions().get(FeatureLayout.labels(shard)), images * layout.pixels());
            }
        }
        int count = Math.multiplyExact(layout.images(), layout.channels());
        embeddings = new float[count];
        FloatBuffer kept = map(channel, head.positions().get(FeatureLayout.EMBEDDINGS), (long) count * Float.BYTES)
                .asFloatBuffer();
        reading(() -> kept.get(embeddings));
    }

    private static MappedByteBuffer map(FileChannel channel, long position, long bytes) throws IOException {
        MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, position, bytes);
        mapped.order(ByteOrder.LITTLE_ENDIAN);
        return mapped;
    }

    /**
     * Opens a file if it holds these features, all of them.
     *
     * @return null if not
     */
    static FeatureFile open(FeatureLayout layout, Path file) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        SafetensorsWriter.Head head = layout.head();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FeatureFile opened = null;
        try {
            if (matches(channel, head)
                    && IntStream.range(0, layout.images()).allMatch(done(channel, layout, head)::get)) {
                opened = new FeatureFile(layout, head, channel, file);
            }
            return opened;
        } finally {
            if (opened == null) {
                channel.close();
            }
        }
    }

    /** Returns whether a file begins so and is as long. */
    static boolean matches(FileChannel channel, SafetensorsWriter.Head head) throws IOException {
        return channel.size() == head.length() && begins(channel, head);
    }

    /** Returns true if a file begins so, however long it is. */
    static boolean begins(FileChannel channel, SafetensorsWriter.Head head) throws IOException {
        if (channel.size() < head.bytes().length) {
            return false;
        }
        ByteBuffer begin = ByteBuffer.allocate(head.bytes().length);
        readFully(channel, begin, 0);
        return Arrays.equals(begin.array(), head.bytes());
    }

    /** Returns the images that are complete. */
    static BitSet done(FileChannel channel, FeatureLayout layout, SafetensorsWriter.Head head) throws IOException {
        ByteBuffer marks = ByteBuffer.allocate(layout.images());
        readFully(channel, marks, head.positions().get(FeatureLayout.DONE));
        BitSet done = new BitSet(layout.images());
        for (int i = 0; i < layout.images(); i++) {
            done.set(i, marks.get(i) == 1);
        }
        return done;
    }

    private static void readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                throw new IOException("the file has become shorter since it was opened");
            }
        }
    }

    @Override
    public void features(int index, float[] out, int offset) {
        reading(() -> copyFeatures(index, out, offset));
    }

    private void copyFeatures(int index, float[] out, int offset) {
        int shard = index / layout.shardImages();
        int begin = index % layout.shardImages() * layout.values();
        if (layout.dtype() == DType.F32) {
            singles[shard].get(begin, out, offset, layout.values());
            for (int i = offset; i < offset + layout.values(); i++) {
                if (!Float.isFinite(out[i])) {
                    throw notFinite(index);
                }
            }
            return;
        }
        short[] chunk = CHUNKS.get();
        for (int at = 0; at < layout.values(); at += CHUNK) {
            int count = Math.min(CHUNK, layout.values() - at);
            halves[shard].get(begin + at, chunk, 0, count);
            if (!HalfFloat.widen(chunk, 0, out, offset + at, count)) {
                throw notFinite(index);
            }
        }
    }

    @Override
    public void labels(int index, byte[] out, int offset) {
        int begin = index % layout.shardImages() * layout.pixels();
        reading(() -> labels[index / layout.shardImages()].get(begin, out, offset, layout.pixels()));
    }

    private FeatureCache.StorageException notFinite(int index) {
        return damaged("the features of image " + index + " have values that are no numbers", null);
    }

    /**
     * Copies from mapped memory. Where its file was cut meanwhile, that ends in an InternalError at some later time, or
     * copies nothing: the length is read before and afterwards.
     */
    private void reading(Runnable copy) {
        try {
            requireWhole();
            copy.run();
            requireWhole();
        } catch (IOException | InternalError e) {
            throw damaged("it can't be read any more (" + e.getMessage() + ")", e);
        }
    }

    private void requireWhole() throws IOException {
        if (channel.size() < length) {
            throw new IOException("it has become shorter since it was opened");
        }
    }

    private FeatureCache.StorageException damaged(String reason, Throwable cause) {
        return new FeatureCache.StorageException(
                file + ": " + reason + "; delete it and run again, which computes it anew", cause);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": can't be closed", e);
        }
    }

    @Override
    public float[] embeddings() {
        return embeddings.clone();
    }
}
