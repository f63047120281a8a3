package org.stegokernels.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Matrix;

/** Images and label maps in MATLAB files (level 5). */
final class MatImage {
    private static final String REMEDY = "prepare the dataset again";
    private static final long MAX_BYTES = 1L << 30;

    private MatImage() {}

    static boolean is(Path file) {
        return file.getFileName().toString().endsWith(".mat");
    }

    /** {@code img}, {@code [height, width, 3 or more]} with values 0 to 255; channels behind the third are left out. */
    static RgbImage image(Path file) {
        Matrix matrix = matrix(file, "img");
        int[] dims = matrix.getDimensions();
        if (dims.length != 3 || dims[2] < 3) {
            throw new ImageException(file, "its img is not [height, width, channels]", REMEDY);
        }
        byte[] rgb = new byte[3 * dims[0] * dims[1]];
        int plane = dims[0] * dims[1];
        for (int y = 0; y < dims[0]; y++) {
            for (int x = 0; x < dims[1]; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    rgb[3 * (y * dims[1] + x) + channel] = sample(file, matrix, channel * plane + x * dims[0] + y);
                }
            }
        }
        return new RgbImage(dims[1], dims[0], rgb);
    }

    /** {@code gt}, {@code [height, width]} with ids 0 to 255. */
    static LabelMap labels(Path file) {
        Matrix matrix = matrix(file, "gt");
        int[] dims = matrix.getDimensions();
        if (dims.length != 2) {
            throw new ImageException(file, "its gt is not [height, width]", REMEDY);
        }
        byte[] labels = new byte[dims[0] * dims[1]];
        for (int y = 0; y < dims[0]; y++) {
            for (int x = 0; x < dims[1]; x++) {
                labels[y * dims[1] + x] = sample(file, matrix, x * dims[0] + y);
            }
        }
        return new LabelMap(dims[1], dims[0], labels);
    }

    private static byte sample(Path file, Matrix matrix, int index) {
        int value = matrix.getInt(index);
        if (value < 0 || value > 255) {
            throw new ImageException(file, "it has the value " + value + ", not one of 0 to 255", REMEDY);
        }
        return (byte) value;
    }

    private static Matrix matrix(Path file, String name) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ImageException(file, "it is larger than a gigabyte", REMEDY);
            }
            Matrix matrix = Mat5.readFromFile(file.toFile()).getMatrix(name);
            int[] dims = matrix.getDimensions();
            if (dims[0] < 1 || dims[1] < 1) {
                throw new ImageException(file, "its " + name + " is empty", REMEDY);
            }
            return matrix;
        } catch (IOException | RuntimeException e) {
            if (e instanceof ImageException known) {
                throw known;
            }
            throw new ImageException(file, "it is no MATLAB file with a matrix " + name + " (" + e + ")", REMEDY, e);
        }
    }
}
