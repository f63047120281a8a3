package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.stegokernels.image.Decoders.Decoder;
import org.stegokernels.io.RegularFile.NotRegularException;

/**
 * Reads photographs: JPEG (baseline, progressive, grey, CMYK), PNG, WebP, TIFF, BMP and GIF (the first frame), upright
 * by their EXIF orientation, as 8-bit RGB. Transparency is laid over white, 16-bit samples keep their upper byte, and
 * an embedded colour profile is not applied, as the published pipelines don't. Safe for use from many threads.
 */
public final class ImageReader {
    /** The limit on width x height where the caller gives none: 100 megapixels, 300 MB of RGB. */
    public static final long DEFAULT_MAX_PIXELS = 100_000_000;

    private static final String DAMAGED = "copy or download the file again, or save it anew with an image editor";
    private static final int ARRAY_LIMIT = Integer.MAX_VALUE - 8;

    private ImageReader() {}

    /** Reads an image of up to {@link #DEFAULT_MAX_PIXELS}. */
    public static RgbImage read(Path file) {
        return read(file, DEFAULT_MAX_PIXELS);
    }

    /**
     * Reads an image. Its size is taken from its header, before memory for the pixels is asked for.
     *
     * @param maxPixels the limit on width x height
     * @throws ImageException if there is no such file, it is not an image of a known format, it is damaged or ends too
     *     early, it is larger than the limit, or memory does not suffice
     */
    public static RgbImage read(Path file, long maxPixels) {
        return open(file, input -> {
            ImageFormat format = format(file, input);
            // Before decoding, since decoders let go of what they have passed.
            int orientation = Exif.orientation(input, format);
            RgbImage image = switch (format) {
                case TIFF, BIG_TIFF -> tiff(file, input, format, maxPixels);
                default -> Pixels.rgb(decode(file, input, format, maxPixels));
            };
            return Orientation.upright(image, orientation);
        });
    }

    /** Does something with a file that is open. */
    @FunctionalInterface
    private interface Action<T> {
        T apply(FileInput input) throws IOException;
    }

    /** Nothing but an ImageException comes out, whatever is in the file. */
    private static <T> T open(Path file, Action<T> action) {
        try (FileInput input = new FileInput(file)) {
            return action.apply(input);
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
     * The size that {@link #read(Path)} would give, from the header alone.
     *
     * @throws ImageException if there is no such file, it is not an image of a known format, or its header is damaged
     */
    public static Resize.Size size(Path file) {
        return open(file, input -> {
            ImageFormat format = format(file, input);
            int channels = format == ImageFormat.JPEG ? JpegHeader.read(input).components() : 0;
            boolean turned = Exif.orientation(input, format) >= Orientation.FIRST_QUARTER_TURN;
            Resize.Size stored =
                    storedSize(file, input, Decoders.of(format, channels).get(0));
            return turned ? new Resize.Size(stored.height(), stored.width()) : stored;
        });
    }

    private static Resize.Size storedSize(Path file, FileInput input, Decoder decoder) throws IOException {
        javax.imageio.ImageReader reader = decoder.open();
        try {
            input.seek(0);
            reader.setInput(input, false, true);
            return new Resize.Size(reader.getWidth(0), reader.getHeight(0));
        } catch (IOException | RuntimeException e) {
            throw undecodable(file, e);
        } finally {
            reader.dispose();
        }
    }

    /** Whether a file name ends as those of images do; what is inside shows only on reading. */
    public static boolean hasImageExtension(Path file) {
        return ImageFormat.hasExtension(String.valueOf(file.getFileName()));
    }

    /**
     * Reads a label map as it is stored, its palette not looked up.
     *
     * @throws ImageException as {@link #read(Path)}, and if it is no PNG
     */
    static BufferedImage readPng(Path file) {
        return open(file, input -> {
            ImageFormat format = format(file, input);
            if (format != ImageFormat.PNG) {
                throw new ImageException(
                        file, "is no label map: it is " + format + ", not PNG", "save it as a palette PNG");
            }
            return decode(file, input, format, DEFAULT_MAX_PIXELS);
        });
    }

    private static BufferedImage decode(Path file, FileInput input, ImageFormat format, long maxPixels)
            throws IOException {
        int channels = format == ImageFormat.JPEG ? JpegHeader.read(input).components() : 0;
        BufferedImage image = decode(file, input, Decoders.of(format, channels), maxPixels, reader -> reader.read(0));
        if (format == ImageFormat.GIF && input.read() < 0) {
            throw truncated(file, null);
        }
        return image;
    }

    private static RgbImage tiff(Path file, FileInput input, ImageFormat format, long maxPixels) throws IOException {
        TiffHeader header = new TiffHeader(input);
        TiffCompression.require(file, header);
        TiffSamples samples = TiffSamples.of(file, header);
        return decode(
                file,
                input,
                Decoders.of(format, 0),
                maxPixels,
                reader -> samples == null ? Pixels.rgb(reader.read(0)) : samples.read(file, reader));
    }

    private static ImageFormat format(Path file, FileInput input) throws IOException {
        byte[] header = new byte[(int) Math.min(ImageFormat.HEADER_BYTES, input.length())];
        input.readFully(header);
        if (header.length == 0) {
            throw new ImageException(file, "the file is empty", DAMAGED);
        }
        ImageFormat format = ImageFormat.of(header);
        if (format != null) {
            return format;
        }
        if (ImageFormat.isHeif(header)) {
            throw new ImageException(file, "is a HEIC or AVIF image, which can't be read", "convert it to JPEG or PNG");
        }
        throw new ImageException(
                file,
                "is not an image, whatever its name says",
                "JPEG, PNG, WebP, TIFF, BMP and GIF are read; convert it to one of these");
    }

    /** Takes the image out of a decoder. */
    @FunctionalInterface
    private interface Reading<T> {
        T from(javax.imageio.ImageReader reader) throws IOException;
    }

    private static <T> T decode(Path file, FileInput input, List<Decoder> decoders, long maxPixels, Reading<T> reading)
            throws IOException {
        ImageException failure = null;
        for (Decoder decoder : decoders) {
            javax.imageio.ImageReader reader = decoder.open();
            Warnings warnings = new Warnings();
            try {
                input.seek(0);
                reader.setInput(input, false, true);
                reader.addIIOReadWarningListener(warnings);
                requireSize(file, reader.getWidth(0), reader.getHeight(0), maxPixels);
                T image = reading.from(reader);
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
                failure = failure != null ? failure : undecodable(file, e);
            } finally {
                reader.dispose();
            }
        }
        throw failure;
    }

    private static void requireSize(Path file, int width, int height, long maxPixels) {
        long pixels = (long) width * height;
        if (width < 1 || height < 1) {
            throw new ImageException(file, "its size of " + width + "x" + height + " is impossible", DAMAGED);
        }
        if (pixels > maxPixels || 3 * pixels > ARRAY_LIMIT) {
            throw new ImageException(
                    file,
                    String.format(
                            Locale.ROOT,
                            "it has %d x %d pixels (%.0f megapixels), over the limit of %.0f",
                            width,
                            height,
                            pixels / 1e6,
                            Math.min(maxPixels, ARRAY_LIMIT / 3) / 1e6),
                    "scale it down or raise the limit");
        }
    }

    private static ImageException unreadable(Path file, IOException e) {
        if (e instanceof NotRegularException other) {
            return new ImageException(file, other.problem(), other.remedy(), e);
        }
        if (e instanceof NoSuchFileException) {
            return new ImageException(file, "there is no such file", "check the path", e);
        }
        if (e instanceof AccessDeniedException) {
            return new ImageException(file, "may not be read", "change its permissions", e);
        }
        if (e instanceof EOFException) {
            return truncated(file, e);
        }
        return new ImageException(file, "can't be read (" + e.getMessage() + ")", "check the disk", e);
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
        return new ImageException(file, "the image is damaged and can't be decoded" + detail, DAMAGED, cause);
    }
}
