package org.stegokernels.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;

/** Decodes the next photograph while this one is computed, and no further ahead. */
final class Prefetch implements AutoCloseable {
    /** Bytes of small photographs that are kept decoded for a second round. */
    private static final int MAX_KEPT_BYTES = 48 << 20;

    private final ExecutorService decoder = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "decoder");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Path> files;
    private final ImageReader.Limits limits;
    private final StageTimes times;
    /** Decoded in an earlier round. */
    private final Map<Path, RgbImage> known;
    /** Decoded in this round, for a later one; null if there is none. */
    private final Map<Path, RgbImage> keep;

    private int keptBytes;
    private int next;
    private Future<RgbImage> decoding;

    private Prefetch(
            List<Path> files,
            ImageReader.Limits limits,
            StageTimes times,
            Map<Path, RgbImage> known,
            Map<Path, RgbImage> keep) {
        this.files = files;
        this.limits = limits;
        this.times = times;
        this.known = known;
        this.keep = keep;
        lookAhead();
    }

    /** Starts with the first photograph at once. */
    static Prefetch once(List<Path> files, ImageReader.Limits limits, StageTimes times) {
        return new Prefetch(files, limits, times, new HashMap<>(), null);
    }

    /** As {@link #once}, for the first of two rounds. */
    static Prefetch twice(List<Path> files, ImageReader.Limits limits, StageTimes times) {
        return new Prefetch(files, limits, times, new HashMap<>(), new HashMap<>());
    }

    /** Ends the first round and starts the second. */
    Prefetch again(List<Path> remaining) {
        close();
        return new Prefetch(remaining, limits, times, keep, null);
    }

    /**
     * Returns the next photograph.
     *
     * @throws ImageException if it can't be read; the one after it can be asked for
     */
    RgbImage next() {
        Path file = files.get(next++);
        Future<RgbImage> current = decoding;
        decoding = null;
        RgbImage image;
        try {
            image = current != null ? await(current, file) : known.containsKey(file) ? known.remove(file) : read(file);
        } finally {
            lookAhead();
        }
        if (keep != null && keptBytes + image.rgb().length <= MAX_KEPT_BYTES) {
            keptBytes += image.rgb().length;
            keep.put(file, image);
        }
        return image;
    }

    /** Gives up all photographs that are kept decoded: {@link #next} will decode them when they are asked for. */
    void forget() {
        if (decoding != null) {
            decoding.cancel(true);
            decoding = null;
        }
        known.clear();
        if (keep != null) {
            keep.clear();
            keptBytes = 0;
        }
    }

    /** Decodes a photograph now. */
    RgbImage read(Path file) {
        return await(decoder.submit(() -> decode(file)), file);
    }

    private void lookAhead() {
        boolean wanted = next < files.size() && !known.containsKey(files.get(next));
        int index = next;
        decoding = wanted ? decoder.submit(() -> decode(files.get(index))) : null;
    }

    private RgbImage decode(Path file) {
        long start = System.nanoTime();
        try {
            return ImageReader.read(file, limits);
        } finally {
            times.add(Stage.DECODE, start);
        }
    }

    private static RgbImage await(Future<RgbImage> image, Path file) {
        try {
            return image.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ImageException failure) {
                throw failure;
            }
            throw new ImageException(file, "can't be decoded", "save it anew with an image editor", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + file, e);
        }
    }

    @Override
    public void close() {
        decoder.shutdownNow();
    }
}
