package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import org.stegokernels.image.Decoders.Decoder;
import org.stegokernels.io.FileErrors;

/**
 * Reads photographs: JPEG (baseline, progressive, grey, CMYK), PNG, WebP, TIFF, BMP and GIF (the first frame), upright
 * by their EXIF orientation, as 8-bit RGB. Transparency is laid over white, 16-bit samples keep their upper byte, and
 * an embedded colour profile is not applied, as the published pipelines don't. Samples of a TIFF that don't fill their
 * type are scaled. Work and memory are bounded by the sizes of file and picture. Safe for use from many threads.
 */
public final class ImageReader {
    private static final String DAMAGED = "copy or download the file again, or save it anew with an image editor";
    /** Java's arrays hold no more bytes than this. */
    private static final long MOST_IN_MEMORY = (Integer.MAX_VALUE - 8) / 3;

    /** The most that a picture in memory takes: samples of 16 bits with opacity, uncompressed, and what stands beside them. */
    private static final int BYTES_PER_PIXEL = 8;

    private static final int BYTES_BESIDES = 64 << 20;
    /** Each block of 64 pixels takes a bit at least. */
    private static final int JPEG_PIXELS_PER_BYTE = 8 * 64;
    /** A code of up to 12 bits stands for up to 4096 pixels. */
    private static final int GIF_PIXELS_PER_BYTE = 4096;

    private static final Reading<RgbImage> RGB = reader -> Pixels.rgb(reader.read(0));

    private ImageReader() {}

    /** Reads an image within the {@linkplain Limits#DEFAULT usual limits}. */
    public static RgbImage read(Path file) {
        return read(file, Limits.DEFAULT);
    }

    /**
     * Reads an image. Its size is taken from its header, before memory for the pixels is asked for.
     *
     * @throws ImageException if there is no such file, it is not an image of a known format, it is damaged or ends too
     *     early, it is beyond the limits, or memory does not suffice
     */
    public static RgbImage read(Path file, Limits allowed) {
        Limits limits = inMemory(allowed);
        return open(file, limits, input -> upright(file, input, limits));
    }

    /** Reads an image within the {@linkplain Limits#DEFAULT usual limits} from a stream, which stays open. */
    public static RgbImage read(InputStream in) {
        return read(in, Path.of("image"), Limits.DEFAULT);
    }

    /**
     * Reads an image from a stream, which stays open. All of it is taken into memory first, up to 64 MiB and eight bytes
     * for each pixel that the limits allow.
     *
     * @param name what the image is called in messages; of a file that can't be read its ending tells the format
     * @throws ImageException as {@link #read(Path, Limits)}, and if the stream is longer
     */
    public static RgbImage read(InputStream in, Path name, Limits allowed) {
        Limits limits = inMemory(allowed);
        return guarded(name, limits, () -> {
            int most = (int) Math.min(MOST_IN_MEMORY, limits.maxPixels() * BYTES_PER_PIXEL + BYTES_BESIDES);
            byte[] bytes = in.readNBytes(most);
            if (bytes.length == most && in.read() >= 0) {
                throw new ImageException(
                        name, "it is longer than " + most + " bytes", "save it to a file and read that");
            }
            return decoded(name, bytes, limits);
        });
    }

    /** Reads an image within the {@linkplain Limits#DEFAULT usual limits} from the bytes of a file. */
    public static RgbImage read(byte[] file) {
        return read(file, Path.of("image"), Limits.DEFAULT);
    }

    /**
     * Reads an image from the bytes of a file.
     *
     * @param name what the image is called in messages; of a file that can't be read its ending tells the format
     * @throws ImageException as {@link #read(Path, Limits)}
     */
    public static RgbImage read(byte[] file, Path name, Limits allowed) {
        Limits limits = inMemory(allowed);
        return guarded(name, limits, () -> decoded(name, file, limits));
    }

    private static RgbImage decoded(Path name, byte[] bytes, Limits limits) throws IOException {
        try (FileInput input = FileInput.of(bytes, new Deadline(limits.timeout()))) {
            return upright(name, input, limits);
        }
    }

    private static RgbImage upright(Path file, FileInput input, Limits limits) throws IOException {
        ImageFormat format = format(file, input);
        // Before decoding, since decoders discard what they have passed.
        int orientation = Exif.orientation(input, format);
        RgbImage image = switch (format) {
            case TIFF, BIG_TIFF -> tiff(file, input, format, limits);
            case GIF -> gif(file, input, limits);
            case JPEG -> jpeg(file, input, limits, RGB);
            case PNG, BMP, WEBP -> decode(file, input.deadline(), input, Decoders.of(format), limits, RGB);
        };
        return Orientation.upright(image, orientation);
    }

    private static Limits inMemory(Limits limits) {
        return limits.withMaxPixels(Math.min(limits.maxPixels(), MOST_IN_MEMORY));
    }

    /** Does something with a file that is open. */
    @FunctionalInterface
    interface Action<T> {
        T apply(FileInput input) throws IOException;
    }

    static <T> T open(Path file, Limits limits, Action<T> action) {
        return guarded(file, limits, () -> {
            try (FileInput input = FileInput.of(file, new Deadline(limits.timeout()))) {
                return action.apply(input);
            }
        });
    }

    /** Reads something. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws IOException;
    }

    /** Runs a task; whatever is in the file, nothing but an ImageException comes out. */
    static <T> T guarded(Path file, Limits limits, Task<T> task) {
        try {
            return task.run();
        } catch (InterruptedIOException e) {
            throw new ImageException(
                    file,
                    "reading it takes longer than " + limits.timeoutText(),
                    "save it anew with an image editor, or allow more time with --timeout",
                    e);
        } catch (ImageException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (RuntimeException e) {
            throw undecodable(file, e);
        } catch (OutOfMemoryError e) {
            throw new ImageException(
                    file, "not enough memory for its pixels", "scale it down or give Java more memory with -Xmx", e);
        }
    }

    /**
     * Returns the size that {@link #read(Path)} would give, from the header alone.
     *
     * @throws ImageException if there is no such file, it is not an image of a known format, or its header is damaged
     */
    public static Resize.Size size(Path file) {
        return open(file, Limits.DEFAULT, input -> {
            ImageFormat format = format(file, input);
            boolean turned = Exif.orientation(input, format) >= Orientation.FIRST_QUARTER_TURN;
            Resize.Size stored = storedSize(file, input, format);
            return turned ? new Resize.Size(stored.height(), stored.width()) : stored;
        });
    }

    private static Resize.Size storedSize(Path file, FileInput input, ImageFormat format) throws IOException {
        ImageInputStream seen = input;
        List<Decoder> decoders = Decoders.of(format);
        switch (format) {
            case GIF -> {
                GifHeader gif = GifHeader.read(input);
                if (gif == null) {
                    throw truncated(file, null);
                }
                return new Resize.Size(gif.width(), gif.height());
            }
            case JPEG -> {
                JpegHeader jpeg = JpegHeader.read(input);
                decoders = Decoders.jpeg(jpeg.components().size());
                seen = jpeg.seen(input);
            }
            case TIFF, BIG_TIFF -> seen = new TiffHeader(input).withFittingProfile(input);
            case PNG, BMP, WEBP -> {}
        }
        javax.imageio.ImageReader reader = decoders.get(0).open();
        try {
            seen.seek(0);
            reader.setInput(seen, false, true);
            return new Resize.Size(reader.getWidth(0), reader.getHeight(0));
        } catch (IOException | RuntimeException e) {
            throw undecodable(file, e);
        } finally {
            reader.dispose();
        }
    }

    /** Returns whether a file name ends as those of images do; what is inside shows only on reading. */
    public static boolean hasImageExtension(Path file) {
        return ImageFormat.hasExtension(String.valueOf(file.getFileName()));
    }

    /**
     * Reads a PNG as it is stored, its palette not looked up and its samples of 8 or 16 bits kept: a label map, or grey
     * that stands for numbers.
     *
     * @throws ImageException as {@link #read(Path)}, and if it is no PNG
     */
    public static BufferedImage readPng(Path file, Limits limits) {
        return open(file, limits, input -> {
            ImageFormat format = format(file, input);
            if (format != ImageFormat.PNG) {
                throw new ImageException(
                        file, "is no label map: it is " + format + ", not PNG", "save it as a palette PNG");
            }
            return decode(
                    file, input.deadline(), input, Decoders.of(format), inMemory(limits), reader -> reader.read(0));
        });
    }

    private static RgbImage tiff(Path file, FileInput input, ImageFormat format, Limits limits) throws IOException {
        TiffHeader header = new TiffHeader(input);
        TiffCompression.require(file, header);
        TiffSamples samples = TiffSamples.of(file, header);
        Reading<RgbImage> reading = samples == null ? RGB : reader -> samples.read(file, reader);
        return decode(file, input.deadline(), header.withFittingProfile(input), Decoders.of(format), limits, reading);
    }

    private static RgbImage gif(Path file, FileInput input, Limits limits) throws IOException {
        GifHeader header = GifHeader.read(input);
        if (header == null || !header.whole()) {
            throw truncated(file, null);
        }
        requireSize(file, header.width(), header.height(), limits);
        requireBytes(file, input.length(), (long) header.width() * header.height(), GIF_PIXELS_PER_BYTE);
        return header.place(decode(file, input.deadline(), input, Decoders.of(ImageFormat.GIF), limits, RGB));
    }

    static <T> T jpeg(Path file, FileInput input, Limits limits, Reading<T> whole) throws IOException {
        JpegHeader header = JpegHeader.read(input);
        JpegScans scans = header.progressive() ? JpegScans.read(input, header) : null;
        List<Decoder> decoders = Decoders.jpeg(header.components().size());
        Reading<T> reading = reader -> {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            requireBytes(file, input.length(), pixels, JPEG_PIXELS_PER_BYTE);
            if (scans != null && scans.tooMany(pixels)) {
                throw new ImageException(
                        file,
                        "its " + scans.count() + " scans hold next to nothing and would take long to decode",
                        "save it anew with an image editor");
            }
            return whole.from(reader);
        };
        try {
            return decode(file, input.deadline(), header.seen(input), decoders, limits, reading);
        } catch (ImageException e) {
            JpegScans seen = JpegScans.read(input, header);
            if (seen.ended() || !seen.complete()) {
                throw e;
            }
            // Panoramas of some phones go on with other data. The decoder warns if pixels are missing all the same.
            try {
                return decode(file, input.deadline(), header.seen(input, seen.end()), decoders, limits, reading);
            } catch (ImageException alsoWithEndMarker) {
                throw e;
            }
        }
    }

    static ImageFormat format(Path file, FileInput input) throws IOException {
        byte[] header = new byte[(int) Math.min(ImageFormat.HEADER_BYTES, input.length())];
        input.readFully(header);
        if (header.length == 0) {
            throw new ImageException(file, "the file is empty", DAMAGED);
        }
        ImageFormat format = ImageFormat.of(header);
        // The first picture in a TIFF file of a camera's own format is but a thumbnail.
        boolean raw = format == ImageFormat.TIFF && UnreadFormat.ofName(file).equals(Optional.of(UnreadFormat.RAW));
        if (format != null && !raw) {
            return format;
        }
        Optional<UnreadFormat> unread = UnreadFormat.of(header).or(() -> UnreadFormat.ofName(file));
        if (unread.isPresent()) {
            throw new ImageException(
                    file, "is a " + unread.get().title() + " file, which can't be read", "convert it to JPEG or PNG");
        }
        throw new ImageException(
                file,
                "is not an image, whatever its name says",
                "JPEG, PNG, WebP, TIFF, BMP and GIF are read; convert it to one of these");
    }

    /** Takes the image out of a decoder. */
    @FunctionalInterface
    interface Reading<T> {
        T from(javax.imageio.ImageReader reader) throws IOException;
    }

    static <T> T decode(
            Path file,
            Deadline deadline,
            ImageInputStream seen,
            List<Decoder> decoders,
            Limits limits,
            Reading<T> reading)
            throws IOException {
        ImageException failure = null;
        for (Decoder decoder : decoders) {
            javax.imageio.ImageReader reader = decoder.open();
            Warnings warnings = new Warnings();
            try {
                seen.seek(0);
                reader.setInput(seen, false, true);
                reader.addIIOReadWarningListener(warnings);
                if (deadline.isSet()) {
                    reader.addIIOReadProgressListener(deadline);
                }
                requireSize(file, reader.getWidth(0), reader.getHeight(0), limits);
                T image = reading.from(reader);
                deadline.check();
                if (warnings.truncated) {
                    throw truncated(file, null);
                }
                if (warnings.damage != null) {
                    throw new ImageException(file, "the image data is damaged (" + warnings.damage + ")", DAMAGED);
                }
                return image;
            } catch (ImageException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // Decoders hide the cause.
                deadline.check();
                failure = failure != null ? failure : undecodable(file, e);
            } finally {
                reader.dispose();
            }
        }
        throw failure;
    }

    private static void requireSize(Path file, int width, int height, Limits limits) {
        long pixels = (long) width * height;
        if (width < 1 || height < 1) {
            throw new ImageException(file, "its size of " + width + "x" + height + " is impossible", DAMAGED);
        }
        if (pixels <= limits.maxPixels()) {
            return;
        }
        throw new ImageException(
                file,
                String.format(
                        Locale.ROOT,
                        "it has %d x %d pixels (%.0f megapixels), over the limit of %.0f",
                        width,
                        height,
                        pixels / 1e6,
                        limits.maxPixels() / 1e6),
                pixels > MOST_IN_MEMORY
                        ? "segment it in parts with --tile, or scale it down"
                        : "raise the limit with --max-pixels, segment it in parts with --tile, or scale it down");
    }

    /** Decoders fill up what is missing, in time and memory for all that a header promises. */
    private static void requireBytes(Path file, long bytes, long pixels, int pixelsPerByte) {
        if (pixels > pixelsPerByte * bytes) {
            throw new ImageException(
                    file, "its " + bytes + " bytes can't hold the " + pixels + " pixels that it promises", DAMAGED);
        }
    }

    private static ImageException unreadable(Path file, IOException e) {
        return e instanceof EOFException ? truncated(file, e) : new ImageException(file, FileErrors.reading(file, e));
    }

    private static ImageException truncated(Path file, Exception cause) {
        return new ImageException(file, "the file ends before the image does", DAMAGED, cause);
    }

    /** Decoders answer hostile files with any exception; the message of a RuntimeException helps nobody. */
    private static ImageException undecodable(Path file, Exception cause) {
        for (Throwable e = cause; e != null; e = e.getCause()) {
            if (e instanceof EOFException) {
                return truncated(file, cause);
            }
        }
        String detail = cause instanceof IOException ? " (" + cause.getMessage() + ")" : "";
        if (detail.contains("nsupported") || detail.contains("not supported")) {
            return new ImageException(
                    file, "is of a kind that can't be read" + detail, "save it anew as plain 8-bit RGB", cause);
        }
        return new ImageException(file, "the image is damaged and can't be decoded" + detail, DAMAGED, cause);
    }

    /**
     * The most that a picture may ask for.
     *
     * @param maxPixels the most pixels, width x height; three bytes each are kept, and decoders need up to as much again
     * @param timeout the longest time that reading may take, or null for no limit; checked whenever the file is read and
     *     where decoders tell their progress
     */
    public record Limits(long maxPixels, Duration timeout) implements Serializable {
        /**
         * 250 megapixels, which phones and cameras don't reach: 750 MB of RGB. A file of few bytes can promise as much, so
         * a server for strangers needs less. No limit of time.
         */
        public static final Limits DEFAULT = new Limits(250_000_000, null);

        /**
         * Checks the limits.
         *
         * @throws IllegalArgumentException if there is no room for a pixel, or no time
         */
        public Limits {
            if (maxPixels < 1) {
                throw new IllegalArgumentException("the limit must be at least 1 pixel, not " + maxPixels);
            }
            if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
                throw new IllegalArgumentException("the timeout must be above 0, not " + timeout);
            }
        }

        /** Returns these limits with another number of pixels. */
        public Limits withMaxPixels(long newMaxPixels) {
            return new Limits(newMaxPixels, timeout);
        }

        /** Returns these limits with another time. */
        public Limits withTimeout(Duration newTimeout) {
            return new Limits(maxPixels, newTimeout);
        }

        /** Returns the timeout in words: {@code "2.5 seconds"}. */
        String timeoutText() {
            return String.format(Locale.ROOT, "%.3g seconds", timeout.toMillis() / 1e3);
        }
    }

    /**
     * Remembers warnings that mean lost pixels. libjpeg fills what is missing with grey and only warns; for stray bytes
     * between segments and bad colour profiles it warns as well, but these cost nothing.
     */
    private static final class Warnings implements IIOReadWarningListener {
        /** True if the file ends too early. */
        boolean truncated;
        /** The first warning of other damage, or null. */
        String damage;

        @Override
        public void warningOccurred(javax.imageio.ImageReader source, String warning) {
            String text = warning.toLowerCase(Locale.ROOT);
            truncated |= text.contains("truncated");
            boolean lost = text.contains("premature end") || text.contains("bad huffman");
            if (lost && damage == null) {
                damage = warning;
            }
        }
    }
}
