package org.stegokernels.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;

/** Photographs, and what only looks like them, made up for tests. */
final class Pictures {
    private Pictures() {}

    /** Left half dark, right half light, each with some noise. */
    static RgbImage twoHalves(int width, int height, long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            rgb[i] = (byte) ((x < width / 2 ? 20 : 200) + random.nextInt(40));
        }
        return new RgbImage(width, height, rgb);
    }

    static Path png(Path file, int width, int height) throws IOException {
        Files.createDirectories(file.getParent());
        PngWriter.write(file, twoHalves(width, height, file.getFileName().hashCode()));
        return file;
    }

    static Path jpeg(Path file, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(width);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        ImageIO.write(image, "jpg", file.toFile());
        return file;
    }

    static Path truncatedJpeg(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(jpeg(file, 64, 64));
        return Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    static Path text(Path file) throws IOException {
        return Files.writeString(file, "this is not an image\n");
    }

    /** A PNG whose header claims 20,000 x 20,000 pixels. */
    static Path hugeHeader(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(png(file, 4, 4));
        for (int at : new int[] {16, 20}) {
            bytes[at + 2] = 20_000 >> 8;
            bytes[at + 3] = (byte) 20_000;
        }
        java.util.zip.CRC32 checksum = new java.util.zip.CRC32();
        checksum.update(bytes, 12, 17);
        for (int i = 0; i < 4; i++) {
            bytes[29 + i] = (byte) (checksum.getValue() >> 24 - 8 * i);
        }
        return Files.write(file, bytes);
    }
}
