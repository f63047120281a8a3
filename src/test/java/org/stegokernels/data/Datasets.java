package org.stegokernels.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Random;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;

/** Makes small datasets for tests. */
public final class Datasets {
    private Datasets() {}

    /** Left half and right half of different random colours, with noise. */
    public static RgbImage image(int width, int height, long seed) {
        Random random = new Random(seed);
        int[] base = random.ints(6, 20, 200).toArray();
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            boolean left = i / 3 % width < width / 2;
            rgb[i] = (byte) (base[i % 3 + (left ? 0 : 3)] + random.nextInt(40));
        }
        return new RgbImage(width, height, rgb);
    }

    /** Every pixel has its column's number modulo {@code ids}. */
    public static LabelMap columns(int width, int height, int ids) {
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (i % width % ids);
        }
        return new LabelMap(width, height, labels);
    }

    public static LabelMap constant(int width, int height, int id) {
        byte[] labels = new byte[width * height];
        Arrays.fill(labels, (byte) id);
        return new LabelMap(width, height, labels);
    }

    public static Path write(Path file, RgbImage image) throws IOException {
        Files.createDirectories(file.getParent());
        PngWriter.write(file, image);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
        return file;
    }

    public static Path write(Path file, LabelMap labels) throws IOException {
        Files.createDirectories(file.getParent());
        PalettePng.write(file, labels, Palette.distinct(40));
        return file;
    }

    /** A directory dataset of images called {@code a0.png}, {@code a1.png}, ... with labels of 3 classes. */
    public static Path directory(Path root, String split, int images, int width, int height) throws IOException {
        for (int i = 0; i < images; i++) {
            write(root.resolve("imgs").resolve(split).resolve("a" + i + ".png"), image(width, height, i));
            write(root.resolve("labels").resolve(split).resolve("a" + i + ".png"), columns(width, height, 3));
        }
        Files.writeString(root.resolve("classes.txt"), "Sky 128 128 128\nRoad 128 64 128\nPole 1 2 3\n");
        return root;
    }
}
