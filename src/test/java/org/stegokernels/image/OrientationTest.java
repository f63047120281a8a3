package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.image.Samples.PATCHES;
import static org.stegokernels.image.Samples.assertPatches;
import static org.stegokernels.image.Samples.jpeg;
import static org.stegokernels.image.Samples.picture;
import static org.stegokernels.image.Samples.resource;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stored picture is ABC over DEF; each orientation says where its first row and column belong (EXIF 2.32, 4.6.4). */
class OrientationTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "1, 3, ABCDEF",
        "2, 3, CBAFED",
        "3, 3, FEDCBA",
        "4, 3, DEFABC",
        "5, 2, ADBECF",
        "6, 2, DAEBFC",
        "7, 2, FCEBDA",
        "8, 2, CFBEAD"
    })
    void jpegIsTurnedUpright(int orientation, int columns, String layout) throws IOException {
        int[] expected = layout.chars().map(letter -> PATCHES[letter - 'A']).toArray();
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            Path file = write(withExif(exif(orientation, order)));
            assertPatches(ImageReader.read(file), columns, 4, expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rotated.png", "rotated.webp", "rotated.tif"})
    void otherFormatsWithOrientationSix(String name) throws IOException {
        int[] expected = "DAEBFC".chars().map(letter -> PATCHES[letter - 'A']).toArray();
        assertPatches(ImageReader.read(write(resource(name))), 2, 0, expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 65535})
    void impossibleOrientationCountsAsUpright(int orientation) throws IOException {
        Path file = write(withExif(exif(orientation, ByteOrder.BIG_ENDIAN)));
        assertPatches(ImageReader.read(file), 3, 4, PATCHES);
    }

    @Test
    void damagedExifLeavesThePictureReadable() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] exif = exif(6, ByteOrder.LITTLE_ENDIAN);
            for (int j = 0; j < 3; j++) {
                exif[6 + random.nextInt(exif.length - 6)] = (byte) random.nextInt(256);
            }
            RgbImage image = ImageReader.read(write(withExif(exif)));
            assertThat(image.pixels()).isEqualTo(Samples.WIDTH * Samples.HEIGHT);
        }
    }

    /** Larger than a tile and no multiple of it. */
    @Test
    void quarterTurnsOfUnevenSizesUndoEachOther() {
        byte[] rgb = new byte[3 * 77 * 45];
        new Random(1).nextBytes(rgb);
        RgbImage image = new RgbImage(77, 45, rgb);
        RgbImage turned = Orientation.upright(image, 6);
        assertThat(turned.width()).isEqualTo(45);
        assertThat(Orientation.upright(turned, 8).rgb()).isEqualTo(rgb);
        for (int orientation : new int[] {2, 3, 4, 5, 7}) {
            RgbImage twice = Orientation.upright(Orientation.upright(image, orientation), orientation);
            assertThat(twice.rgb()).as("orientation %d twice", orientation).isEqualTo(rgb);
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("image"), bytes);
    }

    /** An EXIF block of one entry: tag 0x0112, type SHORT, count 1. */
    private static byte[] exif(int orientation, ByteOrder order) {
        ByteBuffer block = ByteBuffer.allocate(32).order(order);
        block.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
        block.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII));
        block.putShort((short) 42).putInt(8);
        block.putShort((short) 1);
        block.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0);
        block.putInt(0);
        return block.array();
    }

    private static byte[] withExif(byte[] exif) throws IOException {
        byte[] jpeg = jpeg(picture(BufferedImage.TYPE_3BYTE_BGR), false);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(jpeg, 0, 2);
        file.write(new byte[] {(byte) 0xFF, (byte) 0xE1, 0, (byte) (exif.length + 2)});
        file.write(exif);
        file.write(jpeg, 2, jpeg.length - 2);
        return file.toByteArray();
    }
}
