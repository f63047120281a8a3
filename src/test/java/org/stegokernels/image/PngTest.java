package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.io.AtomicFile;

/** Files of {@link PngWriter} and {@link PalettePng}, read back by ImageIO, and chunk by chunk. */
class PngTest {
    @TempDir
    Path folder;

    private static byte[] random(int length, int bound) {
        Random random = new Random(length);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(bound);
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 300", "300, 1", "37, 23", "400, 300"})
    void imageIoReadsTheSamePixels(int width, int height) throws IOException {
        Path file = folder.resolve("a.png");
        byte[] rgb = random(3 * width * height, 256);
        PngWriter.write(file, new RgbImage(width, height, rgb));
        BufferedImage read = ImageIO.read(file.toFile());
        assertThat(read.getWidth()).isEqualTo(width);
        assertThat(read.getHeight()).isEqualTo(height);
        for (int i = 0; i < width * height; i++) {
            int expected = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | rgb[3 * i + 2] & 0xFF;
            assertThat(read.getRGB(i % width, i / width) & 0xFFFFFF).isEqualTo(expected);
        }
        assertThat(ImageReader.read(file).rgb()).isEqualTo(rgb);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 300", "300, 1", "37, 23"})
    void imageIoReadsGreyOfBothDepthsAndOpacity(int width, int height) throws IOException {
        byte[] values = random(4 * width * height, 256);
        byte[] gray = Arrays.copyOf(values, width * height);
        Raster read = written(out -> {
            try (PngWriter.Rows rows = PngWriter.grayRows(out, width, height)) {
                rows.append(gray);
                rows.finish();
            }
        });
        assertThat(read.getNumBands()).isEqualTo(1);
        byte[] gray16 = Arrays.copyOf(values, 2 * width * height);
        Raster read16 = written(out -> PngWriter.writeGray16(out, width, height, gray16));
        assertThat(read16.getSampleModel().getSampleSize()).containsExactly(16);
        Raster rgba = written(out -> PngWriter.writeRgba(out, width, height, values));
        for (int i = 0; i < width * height; i++) {
            int x = i % width;
            int y = i / width;
            assertThat(read.getSample(x, y, 0)).isEqualTo(gray[i] & 0xFF);
            assertThat(read16.getSample(x, y, 0)).isEqualTo((gray16[2 * i] & 0xFF) << 8 | gray16[2 * i + 1] & 0xFF);
            for (int band = 0; band < 4; band++) {
                assertThat(rgba.getSample(x, y, band)).isEqualTo(values[4 * i + band] & 0xFF);
            }
        }
    }

    @Test
    void aPictureOfAnotherSizeThanItsBytesIsRefused() {
        assertThatThrownBy(() -> PngWriter.writeGray16(OutputStream.nullOutputStream(), 3, 2, new byte[6]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3x2");
    }

    private Raster written(AtomicFile.Writer content) throws IOException {
        Path file = folder.resolve("written.png");
        AtomicFile.write(file, content);
        return ImageIO.read(file.toFile()).getRaster();
    }

    @Test
    void chunksAreInOrderWithTheirChecksums() throws IOException {
        Path file = folder.resolve("a.png");
        PngWriter.write(file, new RgbImage(400, 300, random(3 * 400 * 300, 256)));
        // Noise can't be compressed: 360 kB are six chunks of at most 64 kB.
        assertThat(chunks(file)).containsExactly("IHDR", "IDAT", "IDAT", "IDAT", "IDAT", "IDAT", "IDAT", "IEND");
        PalettePng.write(file, new LabelMap(400, 300, random(400 * 300, 5)), Palette.distinct(5));
        assertThat(chunks(file)).containsExactly("IHDR", "PLTE", "IDAT", "IEND");
    }

    /** The chunk types, after a check of each checksum, which ImageIO leaves out. */
    private static List<String> chunks(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).position(8);
        List<String> types = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] content = new byte[4 + bytes.getInt()];
            bytes.get(content);
            CRC32 crc = new CRC32();
            crc.update(content);
            assertThat(bytes.getInt()).isEqualTo((int) crc.getValue());
            types.add(new String(content, 0, 4, StandardCharsets.US_ASCII));
        }
        return types;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 27, 200})
    void paletteIndicesAreTheClassIds(int classes) throws IOException {
        Path file = folder.resolve("labels.png");
        byte[] labels = random(41 * 29, classes);
        PalettePng.write(file, new LabelMap(41, 29, labels), Palette.distinct(classes));
        BufferedImage read = ImageIO.read(file.toFile());
        assertThat(read.getColorModel()).isInstanceOf(IndexColorModel.class);
        IndexColorModel colors = (IndexColorModel) read.getColorModel();
        assertThat(colors.getPixelSize()).isEqualTo(8);
        for (int i = 0; i < labels.length; i++) {
            assertThat((byte) read.getRaster().getSample(i % 41, i / 41, 0)).isEqualTo(labels[i]);
        }
        for (int id = 0; id < classes; id++) {
            assertThat(colors.getRGB(id) & 0xFFFFFF)
                    .isEqualTo(Palette.distinct(classes).color(id));
        }
        assertThat(PalettePng.read(file).labels()).isEqualTo(labels);
    }

    @Test
    void paletteIsAsLongAsNeeded() throws IOException {
        Path file = folder.resolve("labels.png");
        PalettePng.write(file, new LabelMap(2, 1, new byte[] {0, 1}), Palette.distinct(9));
        assertThat(paletteBytes(file)).isEqualTo(3 * 9);
        PalettePng.write(file, new LabelMap(2, 1, new byte[] {0, (byte) LabelMap.IGNORE}), Palette.distinct(9));
        assertThat(paletteBytes(file)).isEqualTo(3 * 256);
        assertThat(PalettePng.read(file).label(1, 0)).isEqualTo(LabelMap.IGNORE);
        BufferedImage read = ImageIO.read(file.toFile());
        assertThat(read.getRGB(1, 0) & 0xFFFFFF).isEqualTo(Palette.IGNORED);
    }

    private static int paletteBytes(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).getInt(33);
    }

    @Test
    void greyLabelFilesAreRead() throws IOException {
        BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            grey.getRaster().setSample(i, 0, 0, i);
        }
        Path file = Files.write(folder.resolve("grey.png"), Samples.encode(grey, "png"));
        LabelMap map = PalettePng.read(file);
        for (int i = 0; i < 256; i++) {
            assertThat(map.label(i, 0)).isEqualTo(i);
        }
    }

    @Test
    void greyOfSixteenBitsIsReadWhereTheIdsFit() throws IOException {
        BufferedImage grey = new BufferedImage(3, 2, BufferedImage.TYPE_USHORT_GRAY);
        grey.getRaster().setSample(2, 0, 0, 255);
        grey.getRaster().setSample(1, 1, 0, 26);
        Path file = Files.write(folder.resolve("grey.png"), Samples.encode(grey, "png"));
        assertThat(PalettePng.read(file).labels()).isEqualTo(new byte[] {0, 0, (byte) 255, 0, 26, 0});
        // As in the instance ids of Cityscapes.
        grey.getRaster().setSample(1, 1, 0, 26_001);
        Files.write(file, Samples.encode(grey, "png"));
        assertThatThrownBy(() -> PalettePng.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("grey of 16 bits, and that at column 1, row 1 is 26001");
    }

    @Test
    void pixelOutsideAMapIsRefused() {
        LabelMap map = new LabelMap(3, 2, new byte[6]);
        for (int[] at : new int[][] {{3, 0}, {-1, 1}, {0, 2}, {2, -1}}) {
            assertThatThrownBy(() -> map.label(at[0], at[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("pixel (" + at[0] + ", " + at[1] + ") of a label map of 3x2");
        }
    }

    @Test
    void colourPicturesAreNoLabelMaps() throws IOException {
        Path file = folder.resolve("photo.png");
        PngWriter.write(file, new RgbImage(2, 2, new byte[12]));
        assertThatThrownBy(() -> PalettePng.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(file + ": is no label map")
                .hasMessageContaining("grey PNG");
    }

    @Test
    void jpegIsNoLabelMap() throws IOException {
        BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        Path file = Files.write(folder.resolve("labels.png"), Samples.jpeg(grey, false));
        assertThatThrownBy(() -> PalettePng.read(file)).hasMessageContaining("it is JPEG, not PNG");
    }

    @Test
    void folderThatIsMissingIsNamed() {
        Path file = folder.resolve("none").resolve("a.png");
        assertThatThrownBy(() -> PngWriter.write(file, new RgbImage(1, 1, new byte[3])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not exist");
    }
}
