package org.stegokernels.serve;

import java.awt.Dimension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.InnerPath;
import org.stegokernels.stego.FeatureExtractor.Projection;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/**
 * The photographs on the board. In memory is a line about each; what is larger lies in a {@link Scratch} file: the pixels
 * that the model sees, the codes as they are, the features as float16, and files that were uploaded. Files that were
 * given are read again when a larger picture is wanted. Safe for use from many threads.
 */
final class Photographs implements AutoCloseable {
    private static final int MOST_UPLOADS = 1000;
    private static final long MOST_UPLOADED_BYTES = 4L << 30;
    private static final int LONGEST_NAME = 200;
    /** Large photographs that are decoded for the page at once. */
    private static final int DECODED_AT_ONCE = 2;

    private static final float JPEG_QUALITY = 0.88f;
    /** Values of a feature's short form. */
    private static final int SHORT_WIDTH = 64;
    /** Patches that classes are found and taught by. */
    private static final int SAMPLE = 20_000;
    /** The same in values. */
    private static final int SAMPLE_VALUES = 4 << 20;

    private final Scratch scratch;
    private final ImageReader.Limits limits;
    private final int channels;
    private final Map<Integer, Photograph> byId = new TreeMap<>();
    private final Map<Integer, Scratch.Piece> uploads = new TreeMap<>();
    private final Set<String> stems = new HashSet<>();
    private final Semaphore decoding = new Semaphore(DECODED_AT_ONCE, true);
    private long uploadedBytes;
    private int nextId;
    /** The sample of what is ready; null if that has changed. */
    private float[] sample;
    /** Null until it is asked for. */
    private Projection projection;

    /** @param channels of a code */
    Photographs(ImageReader.Limits limits, int channels) throws IOException {
        this.limits = limits;
        this.channels = channels;
        scratch = new Scratch();
    }

    /**
     * Adds a file.
     *
     * @param name its path below the folder that was given, without ending
     */
    synchronized Photograph add(Path file, Path name) {
        Path shown = name.resolveSibling(file.getFileName());
        return put(InnerPath.slashed(shown), InnerPath.slashed(name), read -> {
            return ImageReader.read(file, read);
        });
    }

    /**
     * Adds what was uploaded.
     *
     * @param name what the client calls it: of a path, the last part counts
     * @throws Problem 400 if that is no name, 413 if there are too many
     * @throws IOException if the disk is full
     */
    Photograph upload(String name, byte[] bytes) throws IOException {
        Path file = fileName(name);
        synchronized (this) {
            if (uploads.size() >= MOST_UPLOADS || uploadedBytes + bytes.length > MOST_UPLOADED_BYTES) {
                throw new Problem(
                        413,
                        "The board holds " + uploads.size() + " photographs that were dropped onto it, of "
                                + (uploadedBytes >> 20) + " MB. Take some off, or give their folder to 'serve'.");
            }
            uploadedBytes += bytes.length;
        }
        Scratch.Piece piece;
        try {
            piece = scratch.add(bytes);
        } catch (IOException e) {
            synchronized (this) {
                uploadedBytes -= bytes.length;
            }
            throw e;
        }
        synchronized (this) {
            Path stem = ImageFolder.withoutExtension(file);
            Photograph added =
                    put(file.toString(), stem.toString(), read -> ImageReader.read(scratch.bytes(piece), file, read));
            uploads.put(added.id(), piece);
            return added;
        }
    }

    private static Path fileName(String name) {
        String last = name == null ? "" : name.substring(1 + Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')));
        String problem = null;
        if (last.isBlank() || last.equals(".") || last.equals("..")) {
            problem = "is missing";
        } else if (last.length() > LONGEST_NAME) {
            problem = "is longer than " + LONGEST_NAME + " characters";
        } else if (last.chars().anyMatch(Printable::acts)) {
            problem = "has control characters in it";
        } else if (!InnerPath.isInner(last)) {
            problem = "can't be that of a file";
        }
        if (problem == null) {
            return Path.of(last.startsWith(".") ? "photograph" + last : last);
        }
        throw new Problem(400, "The name of the photograph " + problem + ".");
    }

    private Photograph put(String name, String stem, Photograph.Source source) {
        String unique = stem;
        for (int copy = 2; !stems.add(unique.toLowerCase(Locale.ROOT)); copy++) {
            unique = stem + "-" + copy;
        }
        Photograph added = new Photograph(nextId++, name, unique, source);
        byId.put(added.id(), added);
        return added;
    }

    /**
     * Takes a photograph off the board; its file stays.
     *
     * @throws Problem 404 if there is none of this id
     */
    synchronized void remove(int id) {
        Photograph removed = get(id);
        byId.remove(id);
        stems.remove(removed.stem().toLowerCase(Locale.ROOT));
        Scratch.Piece upload = uploads.remove(id);
        if (upload != null) {
            uploadedBytes -= upload.length();
            scratch.free(upload);
        }
        if (removed.encoded() != null) {
            free(removed.encoded());
            sample = null;
        }
    }

    private void free(Photograph.Encoded encoded) {
        scratch.free(encoded.pixels());
        scratch.free(encoded.codes());
        scratch.free(encoded.features());
    }

    /** @throws Problem 404 if there is none of this id */
    synchronized Photograph get(int id) {
        Photograph found = byId.get(id);
        if (found == null) {
            throw new Problem(404, "There is no photograph " + id + " on the board.");
        }
        return found;
    }

    /** Returns all, in the order of their coming. */
    synchronized List<Photograph> all() {
        return List.copyOf(byId.values());
    }

    /** Returns those with codes, in the order of their coming. */
    synchronized List<Photograph> ready() {
        return byId.values().stream().filter(each -> each.encoded() != null).toList();
    }

    /** Decodes a photograph. */
    RgbImage read(Photograph photograph) throws IOException {
        return photograph.read(limits);
    }

    /**
     * Keeps what the encoder found.
     *
     * @param features of the backbone, {@code [rows, columns, K]}; null if they are the codes
     * @return false if the photograph has been taken off meanwhile
     */
    boolean keep(Photograph photograph, RgbImage image, RgbImage working, Patches codes, float[] features)
            throws IOException {
        Photograph.Encoded encoded = new Photograph.Encoded(
                image.width(),
                image.height(),
                working.width(),
                working.height(),
                codes.rows(),
                codes.columns(),
                scratch.add(working.rgb()),
                scratch.add(codes.values()),
                features == null ? null : scratch.add(halves(features)));
        synchronized (this) {
            if (byId.get(photograph.id()) != photograph) {
                free(encoded);
                return false;
            }
            photograph.encoded(encoded);
            sample = null;
            return true;
        }
    }

    /**
     * Returns what the model sees of a photograph.
     *
     * @throws Problem 409 if it isn't ready, 404 if it has been taken off
     */
    RgbImage working(Photograph photograph) throws IOException {
        Photograph.Encoded encoded = photograph.ready();
        byte[] pixels = scratch.bytes(encoded.pixels());
        requireStill(photograph);
        return new RgbImage(encoded.workingWidth(), encoded.workingHeight(), pixels);
    }

    /**
     * Returns the codes of a photograph.
     *
     * @throws Problem 409 if it isn't ready, 404 if it has been taken off
     */
    Patches codes(Photograph photograph) throws IOException {
        Photograph.Encoded encoded = photograph.ready();
        float[] codes = scratch.floats(encoded.codes());
        requireStill(photograph);
        return new Patches(encoded.rows(), encoded.columns(), codes);
    }

    /** Makes sure that what has been read was not another's already, whose place in the file was free. */
    private synchronized void requireStill(Photograph photograph) {
        if (get(photograph.id()) != photograph) {
            throw new Problem(404, "The photograph " + photograph.id() + " has been taken off the board.");
        }
    }

    /**
     * Returns codes drawn evenly from all photographs: one out of each of equally many patches. The same photographs in the
     * same order give the same codes.
     *
     * @return {@code [n, C]}, not to be changed
     */
    synchronized float[] sample() throws IOException {
        if (sample == null) {
            sample = drawn(
                    SAMPLE,
                    channels,
                    (photograph, patch, target, at) ->
                            scratch.floats(photograph.codes(), patch * channels, target, at, channels));
        }
        return sample;
    }

    /** Reads the vector of one patch. */
    @FunctionalInterface
    private interface Reading {
        void read(Photograph.Encoded photograph, int patch, float[] target, int at) throws IOException;
    }

    private float[] drawn(int most, int width, Reading reading) throws IOException {
        List<Photograph.Encoded> all = ready().stream().map(Photograph::encoded).toList();
        long patches = all.stream().mapToLong(Photograph.Encoded::patches).sum();
        int count = (int) Math.min(patches, Math.min(most, SAMPLE_VALUES / width));
        float[] drawn = new float[count * width];
        Random random = new Random(0);
        int image = 0;
        long begin = 0;
        for (int i = 0; i < count; i++) {
            long from = patches * i / count;
            long to = patches * (i + 1) / count;
            long patch = from + (long) (random.nextDouble() * (to - from));
            while (patch >= begin + all.get(image).patches()) {
                begin += all.get(image).patches();
                image++;
            }
            reading.read(all.get(image), (int) (patch - begin), drawn, i * width);
        }
        return drawn;
    }

    /**
     * Returns a picture of a photograph, upright.
     *
     * @param side of the picture in pixels, the longer one at most; it is never enlarged
     * @return a JPEG
     */
    byte[] jpeg(Photograph photograph, int side) throws IOException {
        Photograph.Encoded encoded = photograph.encoded();
        RgbImage picture;
        if (encoded != null && side <= Math.max(encoded.workingWidth(), encoded.workingHeight())) {
            picture = shrunk(working(photograph), encoded.width(), encoded.height(), side);
        } else {
            decoding.acquireUninterruptibly();
            try {
                RgbImage image = read(photograph);
                picture = shrunk(image, image.width(), image.height(), side);
            } finally {
                decoding.release();
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        picture.writeJpeg(bytes, JPEG_QUALITY);
        return bytes.toByteArray();
    }

    /** @param width of the photograph, whose aspect ratio the image may have but nearly */
    private static RgbImage shrunk(RgbImage image, int width, int height, int side) {
        double scale = Math.min(1, (double) side / Math.max(width, height));
        Dimension size = new Dimension(
                (int) Math.max(1, Math.round(scale * width)), (int) Math.max(1, Math.round(scale * height)));
        boolean same = size.width == image.width() && size.height == image.height();
        return same ? image : Resize.antialiased(image, size.width, size.height);
    }

    /**
     * Returns the vectors of a photograph's patches, each of length 1.
     *
     * @param features true for short forms of those of the backbone, all along the same directions
     * @return float16, little endian, [rows, columns, width]
     * @throws Problem 409 if it isn't ready, 404 if it has been taken off
     */
    byte[] vectors(Photograph photograph, boolean features) throws IOException {
        Photograph.Encoded encoded = photograph.ready();
        float[] values = features && encoded.features() != null
                ? floats(scratch.bytes(encoded.features()))
                : scratch.floats(encoded.codes());
        requireStill(photograph);
        int width = values.length / encoded.patches();
        if (features && width > SHORT_WIDTH) {
            return halves(projection(encoded).unit(values));
        }
        for (int from = 0; from < values.length; from += width) {
            double squares = 0;
            for (int c = from; c < from + width; c++) {
                squares += (double) values[c] * values[c];
            }
            float factor = (float) (1 / Math.max(Math.sqrt(squares), Float.MIN_NORMAL));
            for (int c = from; c < from + width; c++) {
                values[c] *= factor;
            }
        }
        return halves(values);
    }

    /** Returns the short form of features, chosen for the photographs that are ready when it is first asked for. */
    private synchronized Projection projection(Photograph.Encoded encoded) throws IOException {
        if (projection == null) {
            boolean codes = encoded.features() == null;
            int width = codes ? channels : encoded.features().length() / Short.BYTES / encoded.patches();
            float[] drawn = codes
                    ? sample()
                    : drawn(SAMPLE, width, (photograph, patch, target, at) -> {
                        float[] vector = floats(scratch.bytes(photograph.features(), patch * width, width));
                        System.arraycopy(vector, 0, target, at, width);
                    });
            projection = Projection.of(drawn, width, SHORT_WIDTH);
        }
        return projection;
    }

    private static byte[] halves(float[] values) {
        byte[] bytes = new byte[Short.BYTES * values.length];
        for (int i = 0; i < values.length; i++) {
            short half = HalfFloat.toF16(values[i]);
            bytes[2 * i] = (byte) half;
            bytes[2 * i + 1] = (byte) (half >> 8);
        }
        return bytes;
    }

    private static float[] floats(byte[] halves) {
        float[] values = new float[halves.length / Short.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = HalfFloat.fromF16((short) (halves[2 * i] & 0xFF | halves[2 * i + 1] << 8));
        }
        return values;
    }

    /** Returns the bytes that the temporary file has grown to. */
    long scratchBytes() {
        return scratch.size();
    }

    @Override
    public void close() throws IOException {
        scratch.close();
    }
}
