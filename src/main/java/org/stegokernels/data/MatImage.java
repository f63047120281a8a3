package org.stegokernels.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;

/** Images and label maps in MATLAB files (level 5). */
final class MatImage {
    private static final String IMAGE = "img";
    private static final String LABELS = "gt";
    private static final int CHANNELS = 3;
    private static final String REMEDY = "prepare the dataset again";

    private MatImage() {}

    static boolean is(Path file) {
        return file.getFileName().toString().endsWith(".mat");
    }

    /**
     * Reads {@code img}, {@code [height, width, 3 or more]} with values 0 to 255; channels after the third are left out.
     *
     * @throws ImageException if the file is none with such a matrix, here and below
     */
    static RgbImage image(Path file, ImageReader.Limits limits) {
        return read(file, IMAGE, matrix -> {
            Resize.Size size = imageSize(file, matrix, limits);
            int pixels = size.width() * size.height();
            byte[] rgb = new byte[CHANNELS * pixels];
            for (int i = 0; i < rgb.length; i++) {
                int pixel = i % pixels / size.height() + i % size.height() * size.width();
                rgb[CHANNELS * pixel + i / pixels] = sample(file, matrix.next());
            }
            return new RgbImage(size.width(), size.height(), rgb);
        });
    }

    /** Reads the size that {@link #image} would have. */
    static Resize.Size size(Path file, ImageReader.Limits limits) {
        return read(file, IMAGE, matrix -> imageSize(file, matrix, limits));
    }

    /** Reads {@code gt}, {@code [height, width]} with ids 0 to 255. */
    static LabelMap labels(Path file, ImageReader.Limits limits) {
        return read(file, LABELS, matrix -> {
            if (matrix.dimensions().length != 2) {
                throw new ImageException(file, "its gt is not [height, width]", REMEDY);
            }
            Resize.Size size = size(file, matrix, limits);
            byte[] labels = new byte[size.width() * size.height()];
            for (int i = 0; i < labels.length; i++) {
                labels[i / size.height() + i % size.height() * size.width()] = sample(file, matrix.next());
            }
            return new LabelMap(size.width(), size.height(), labels);
        });
    }

    private static Resize.Size imageSize(Path file, MatMatrix matrix, ImageReader.Limits limits) {
        int[] dimensions = matrix.dimensions();
        if (dimensions.length != 3 || dimensions[2] < CHANNELS) {
            throw new ImageException(file, "its img is not [height, width, channels]", REMEDY);
        }
        return size(file, matrix, limits);
    }

    private static Resize.Size size(Path file, MatMatrix matrix, ImageReader.Limits limits) {
        int height = matrix.dimensions()[0];
        int width = matrix.dimensions()[1];
        if ((long) height * width > limits.maxPixels()) {
            throw new ImageException(
                    file,
                    "it has " + width + " x " + height + " pixels, over the limit of " + limits.maxPixels() / 1_000_000
                            + " megapixels",
                    "cut it into smaller tiles, or raise the limit with --max-pixels");
        }
        return new Resize.Size(width, height);
    }

    private static byte sample(Path file, double value) {
        if (!(value >= 0 && value <= 255 && value == (int) value)) {
            throw new ImageException(file, "it has the value " + value + ", not a whole number from 0 to 255", REMEDY);
        }
        return (byte) value;
    }

    /** Makes something of a matrix. */
    private interface Reading<T> {
        T from(MatMatrix matrix) throws IOException;
    }

    private static <T> T read(Path file, String name, Reading<T> reading) {
        try (MatMatrix matrix = MatMatrix.open(file, name)) {
            return reading.from(matrix);
        } catch (EOFException e) {
            throw new ImageException(file, "the file ends before its " + name + " does", REMEDY, e);
        } catch (ZipException e) {
            throw new ImageException(file, "its compressed data are damaged", REMEDY, e);
        } catch (IOException e) {
            throw new ImageException(file, FileErrors.reading(file, e));
        }
    }
}
