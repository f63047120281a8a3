package org.stegokernels.stego;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The patch vectors of many images, in a temporary file: what a second pass over the images needs again, without the
 * memory growing with their number. The file is gone when the store is closed or the process ends. One thread at a
 * time.
 */
public final class PatchStore implements AutoCloseable {
    private static final String REMEDY = "Name a folder with more room: java -Djava.io.tmpdir=FOLDER -jar ...";

    private final int channels;
    private final Path folder;
    private final FileChannel file;
    private final List<Grid> grids = new ArrayList<>();
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private long patches;

    /**
     * The patches of one image.
     *
     * @param begin where they begin, counted in patches
     * @param key see {@link #add(Patches, long)}
     */
    private record Grid(int rows, int columns, long begin, long key) {
        int count() {
            return rows * columns;
        }
    }

    /**
     * The patch vectors of one image.
     *
     * @param values {@code [rows, columns, C]}
     */
    public record Patches(int rows, int columns, float[] values) {
        /** Returns the length of a vector, C. */
        public int channels() {
            return values.length / (rows * columns);
        }
    }

    /**
     * Makes an empty store.
     *
     * @param channels length of a vector, C
     * @throws IOException if the folder for temporary files, {@code java.io.tmpdir}, can't be written
     */
    public PatchStore(int channels) throws IOException {
        this.channels = channels;
        folder = Path.of(System.getProperty("java.io.tmpdir"));
        // Not createTempFile, whose random number generator takes 50 ms to start.
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        try {
            file = FileChannel.open(
                    folder.resolve("stego-kernels-" + random + ".patches"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new IOException(
                    "can't make a temporary file in " + folder + ": " + e.getMessage() + ". " + REMEDY, e);
        }
    }

    /** Appends an image. */
    public void add(Patches image) throws IOException {
        add(image, 0);
    }

    /**
     * Appends an image.
     *
     * @param key samples are drawn from the images in the order of their keys, of one key in that of their coming
     */
    public void add(Patches image, long key) throws IOException {
        int count = image.rows() * image.columns();
        ByteBuffer buffer = buffer(count);
        buffer.asFloatBuffer().put(image.values(), 0, count * channels);
        long position = offset(patches);
        try {
            while (buffer.hasRemaining()) {
                position += file.write(buffer, position);
            }
        } catch (IOException e) {
            throw new IOException(
                    "can't keep the features of " + (grids.size() + 1) + " images (" + (position >> 20)
                            + " MiB so far) in " + folder + ": " + e.getMessage() + ". " + REMEDY,
                    e);
        }
        grids.add(new Grid(image.rows(), image.columns(), patches, key));
        patches += count;
    }

    /** Reads the vectors of the image that was the {@code index}-th to be added, from 0. */
    public Patches get(int index) throws IOException {
        Grid grid = grids.get(index);
        int count = grid.count();
        float[] values = new float[count * channels];
        read(grid.begin(), count, values, 0);
        return new Patches(grid.rows(), grid.columns(), values);
    }

    /** Returns the number of images that were added. */
    public int size() {
        return grids.size();
    }

    /** Returns the length of a vector, C. */
    public int channels() {
        return channels;
    }

    /**
     * Draws vectors evenly from all images: one at random out of each of {@code count} equal runs of patches.
     *
     * @param count how many at most; if there are no more, all of them
     * @return {@code [min(count, patches), C]}
     */
    public float[] sample(int count, long seed) throws IOException {
        int drawn = (int) Math.min(count, patches);
        float[] values = new float[drawn * channels];
        List<Grid> order = new ArrayList<>(grids);
        order.sort(Comparator.comparingLong(Grid::key));
        Random random = new Random(seed);
        int image = 0;
        long begin = 0;
        for (int i = 0; i < drawn; i++) {
            long from = patches * i / drawn;
            long to = patches * (i + 1) / drawn;
            long patch = from + (long) (random.nextDouble() * (to - from));
            while (patch >= begin + order.get(image).count()) {
                begin += order.get(image).count();
                image++;
            }
            read(order.get(image).begin() + patch - begin, 1, values, i);
        }
        return values;
    }

    private void read(long patch, int count, float[] target, int targetPatch) throws IOException {
        ByteBuffer buffer = buffer(count);
        long position = offset(patch);
        while (buffer.hasRemaining()) {
            int read = file.read(buffer, position);
            if (read < 0) {
                throw new IOException("the temporary file with features in " + folder + " was cut short");
            }
            position += read;
        }
        buffer.flip().asFloatBuffer().get(target, targetPatch * channels, count * channels);
    }

    private long offset(long patch) {
        return patch * channels * Float.BYTES;
    }

    /** Returns the one buffer, grown to so many patches. */
    private ByteBuffer buffer(int count) {
        int size = Math.multiplyExact(count, channels * Float.BYTES);
        if (bytes.capacity() < size) {
            bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        }
        return bytes.clear().limit(size);
    }

    /** Deletes the file. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
