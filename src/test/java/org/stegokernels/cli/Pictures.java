package org.stegokernels.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

    /** Makes a folder of so many PNG files, each wider than the one before. */
    static Path folder(Path folder, int count) throws IOException {
        Files.createDirectory(folder);
        for (int i = 0; i < count; i++) {
            png(folder.resolve(i + ".png"), 96 + 8 * i, 64);
        }
        return folder;
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

    /**
     * A GeoTIFF of four bands of 16 bits; 0 in the left quarter, which is "no data".
     *
     * @param epsg of its reference system, a projected one: its upper left corner is at (500000, 5200000), pixels have 10 m
     */
    static Path scene(Path file, int width, int height, int epsg) throws IOException {
        return scene(file, width, height, epsg, 500_000, 5_200_000);
    }

    /** As {@link #scene(Path, int, int, int)}, with another upper left corner. */
    static Path scene(Path file, int width, int height, int epsg, double left, double top) throws IOException {
        byte[] noData = "0\0".getBytes(StandardCharsets.US_ASCII);
        int[][] tags = {
            {256, 3, 1, width},
            {257, 3, 1, height},
            {258, 3, 4, 200},
            {259, 3, 1, 1},
            {262, 3, 1, 1},
            {273, 4, 1, 400},
            {277, 3, 1, 4},
            {278, 3, 1, height},
            {279, 4, 1, 8 * width * height},
            {33550, 12, 3, 210},
            {33922, 12, 6, 234},
            {34735, 3, 12, 300},
            {42113, 2, 2, noData[0]},
        };
        ByteBuffer bytes = ByteBuffer.allocate(400 + 8 * width * height).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8).putShort((short) tags.length);
        for (int[] tag : tags) {
            bytes.putShort((short) tag[0])
                    .putShort((short) tag[1])
                    .putInt(tag[2])
                    .putInt(tag[3]);
        }
        bytes.putInt(0);
        bytes.position(200);
        for (int band = 0; band < 4; band++) {
            bytes.putShort((short) 16);
        }
        bytes.position(210);
        for (double value : new double[] {10, 10, 0, 0, 0, 0, left, top, 0}) {
            bytes.putDouble(value);
        }
        bytes.position(300);
        for (int value : new int[] {1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, epsg}) {
            bytes.putShort((short) value);
        }
        bytes.position(400);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i++) {
            boolean empty = i % width < width / 4;
            for (int band = 0; band < 4; band++) {
                int level = i / width < height / 2 ? 300 : 900;
                bytes.putShort((short) (empty ? 0 : level + 100 * band + random.nextInt(60)));
            }
        }
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes.array());
    }
}
