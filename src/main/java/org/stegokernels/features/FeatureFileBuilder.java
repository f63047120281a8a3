package org.stegokernels.features;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Locale;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.UserCache.Locks;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/**
 * Writes a {@link FeatureFile}. Until it is whole it is called {@code NAME.part}, which a later run takes up again:
 * images are marked as done only when the disk has them, so that a kill, a full disk or a power cut costs the last
 * seconds and nothing else. A lock keeps a second run away.
 */
final class FeatureFileBuilder implements FeatureStore.Builder {
    private static final long MARK_NANOS = 2_000_000_000L;
    private static final String ELSEWHERE = "name another file for the cache, or do without it";

    private final FeatureLayout layout;
    private final SafetensorsWriter.Head head;
    private final Path file;
    private final Path part;
    private final FileChannel channel;
    private final BitSet done;
    private final BitSet unmarked = new BitSet();
    private final short[] halves;
    private final ByteBuffer bytes;
    private long lastMark = System.nanoTime();

    /**
     * @throws IOException if the file can't be written, another run is at it, or its disk has not enough room; the
     *     message says what to do
     */
    FeatureFileBuilder(FeatureLayout layout, Path file) throws IOException {
        this.layout = layout;
        this.file = file.toAbsolutePath();
        part = this.file.resolveSibling(this.file.getFileName() + ".part");
        head = layout.head();
        halves = new short[layout.dtype() == DType.F16 ? layout.values() : 0];
        bytes = ByteBuffer.allocateDirect(Math.max(
                        layout.pixels(), layout.values() * layout.dtype().bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        requireOurs();
        channel = open();
        try {
            lock();
            done = FeatureFile.matches(channel, head) ? FeatureFile.done(channel, layout, head) : begin();
            requireRoom(this.file, (layout.images() - done.cardinality()) * layout.imageBytes(), usable());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private FileChannel open() throws IOException {
        try {
            Files.createDirectories(file.getParent());
            return FileChannel.open(
                    part,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private void lock() throws IOException {
        if (!Locks.tryLock(channel)) {
            throw new IOException(
                    file + ": another run is computing these features; wait until it is done, or " + ELSEWHERE);
        }
    }

    /** Replaces old or damaged features, but nothing else. */
    private void requireOurs() throws IOException {
        if (!Files.exists(file) || isCutShort()) {
            return;
        }
        String format = null;
        try (Safetensors old = Safetensors.open(file)) {
            format = old.metadata().get(FeatureLayout.FORMAT_KEY);
        } catch (ModelException e) {
            // Not one of ours.
        }
        if (!FeatureLayout.FORMAT.equals(format)) {
            throw new IOException(file + ": exists and holds no features; move it away, or " + ELSEWHERE);
        }
    }

    /** Returns true for these features without the end of the file, or an empty file. */
    private boolean isCutShort() throws IOException {
        try (FileChannel old = FileChannel.open(file, StandardOpenOption.READ)) {
            return old.size() == 0 || old.size() < head.length() && FeatureFile.begins(old, head);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private BitSet begin() throws IOException {
        try {
            channel.truncate(0);
            write(ByteBuffer.wrap(head.bytes()), 0);
            write(ByteBuffer.wrap(new byte[1]), head.length() - 1);
            return new BitSet();
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private long usable() throws IOException {
        return Files.getFileStore(file.getParent()).getUsableSpace();
    }

    /** Fails before hours of computing rather than after. */
    static void requireRoom(Path file, long needed, long usable) throws IOException {
        if (needed > usable) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "%s: the features take %.1f GB more, and its disk has %.1f GB left; free some space, or %s",
                    file,
                    needed / 1e9,
                    usable / 1e9,
                    ELSEWHERE));
        }
    }

    @Override
    public boolean has(int index) {
        return done.get(index);
    }

    @Override
    public void put(int index, float[] features, int offset, float[] embedding, byte[] labels) throws IOException {
        int shard = index / layout.shardImages();
        long inShard = index % layout.shardImages();
        bytes.clear();
        if (layout.dtype() == DType.F16) {
            HalfFloat.narrow(features, offset, halves, 0, halves.length);
            bytes.asShortBuffer().put(halves);
        } else {
            bytes.asFloatBuffer().put(features, offset, layout.values());
        }
        int length = layout.values() * layout.dtype().bytes();
        try {
            write(bytes.limit(length), position(FeatureLayout.features(shard)) + inShard * length);
            bytes.clear().asFloatBuffer().put(embedding);
            int embeddingBytes = layout.channels() * Float.BYTES;
            write(bytes.limit(embeddingBytes), position(FeatureLayout.EMBEDDINGS) + (long) index * embeddingBytes);
            if (layout.labelled()) {
                write(ByteBuffer.wrap(labels), position(FeatureLayout.labels(shard)) + inShard * layout.pixels());
            }
            done.set(index);
            unmarked.set(index);
            if (System.nanoTime() - lastMark > MARK_NANOS) {
                mark();
            }
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private long position(String tensor) {
        return head.positions().get(tensor);
    }

    private void write(ByteBuffer from, long position) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
    }

    private void mark() throws IOException {
        channel.force(false);
        for (int index = unmarked.nextSetBit(0); index >= 0; index = unmarked.nextSetBit(index + 1)) {
            write(ByteBuffer.wrap(new byte[] {1}), position(FeatureLayout.DONE) + index);
        }
        unmarked.clear();
        lastMark = System.nanoTime();
    }

    @Override
    public FeatureStore finish() throws IOException {
        try {
            mark();
            channel.force(false);
            channel.close();
            AtomicFile.rename(part, file);
        } catch (IOException e) {
            throw explained(e);
        }
        return FeatureFile.open(layout, file);
    }

    /** Keeps what is done for the next run. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                mark();
            } finally {
                channel.close();
            }
        }
    }

    /** Returns the failure with a message for the person who chose the path. */
    private IOException explained(IOException cause) {
        String detail = String.valueOf(cause.getMessage());
        String lower = detail.toLowerCase(Locale.ROOT);
        String reason = "can't be written (" + cause + "); " + ELSEWHERE;
        if (lower.contains("no space left") || lower.contains("not enough space") || lower.contains("quota")) {
            reason = "the disk is full (" + detail + "); what is done is kept, so free some space and run it again, or "
                    + ELSEWHERE;
        } else if (cause instanceof AccessDeniedException) {
            reason = "its folder is not writable; " + ELSEWHERE;
        }
        return new IOException(file + ": " + reason, cause);
    }
}
