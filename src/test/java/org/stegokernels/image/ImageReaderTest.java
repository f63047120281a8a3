package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.image.Samples.HEIGHT;
import static org.stegokernels.image.Samples.PATCHES;
import static org.stegokernels.image.Samples.WIDTH;
import static org.stegokernels.image.Samples.assertPatches;
import static org.stegokernels.image.Samples.encode;
import static org.stegokernels.image.Samples.jpeg;
import static org.stegokernels.image.Samples.picture;
import static org.stegokernels.image.Samples.resource;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of picture, with the right colours. Files under resources: Pillow 9.4.0, from the same six patches. */
class ImageReaderTest {
    @TempDir
    Path folder;

    private RgbImage read(byte[] file) throws IOException {
        return ImageReader.read(Files.write(folder.resolve("image"), file));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void jpeg_baselineAndProgressive(boolean progressive) throws IOException {
        assertPatches(read(jpeg(picture(BufferedImage.TYPE_3BYTE_BGR), progressive)), 3, 4, PATCHES);
    }

    @Test
    void jpeg_grey() throws IOException {
        BufferedImage grey = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                grey.getRaster().setSample(x, y, 0, Samples.grey(Samples.color(x, y)));
            }
        }
        assertPatches(read(jpeg(grey, false)), 3, 3, greys());
        assertPatches(read(encode(grey, "png")), 3, 0, greys());
    }

    private static int[] greys() {
        return Arrays.stream(PATCHES)
                .map(color -> Samples.grey(color) * 0x010101)
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({"cmyk.jpg, 3", "ycck.jpg, 3", "lossy.webp, 2", "lossless.webp, 0", "deflate.tif, 0"})
    void filesOfOtherPrograms(String name, int tolerance) throws IOException {
        assertPatches(read(resource(name)), 3, tolerance, PATCHES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "tiff"})
    void formatsWithoutLoss(String format) throws IOException {
        assertPatches(read(encode(picture(BufferedImage.TYPE_3BYTE_BGR), format)), 3, 0, PATCHES);
        assertPatches(read(encode(picture(BufferedImage.TYPE_BYTE_INDEXED), format)), 3, 45, PATCHES);
    }

    @Test
    void png_16BitKeepsTheUpperByte() throws IOException {
        assertPatches(read(encode(deep(3, ColorSpace.CS_sRGB), "png")), 3, 0, PATCHES);
        int[] red =
                Arrays.stream(PATCHES).map(color -> (color >> 16) * 0x010101).toArray();
        assertPatches(read(encode(deep(1, ColorSpace.CS_GRAY), "png")), 3, 0, red);
        assertPatches(read(encode(deep(1, ColorSpace.CS_GRAY), "tiff")), 3, 0, red);
    }

    /** 16 bits a sample, the lower byte full; grey has the values of red. */
    private static BufferedImage deep(int bands, int space) {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_USHORT, WIDTH, HEIGHT, bands, null);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                for (int band = 0; band < bands; band++) {
                    int value = Samples.color(x, y) >> (16 - 8 * band) & 0xFF;
                    raster.setSample(x, y, band, value << 8 | 0xFF);
                }
            }
        }
        return new BufferedImage(
                new ComponentColorModel(
                        ColorSpace.getInstance(space), false, false, Transparency.OPAQUE, DataBuffer.TYPE_USHORT),
                raster,
                false,
                null);
    }

    @Test
    void transparencyIsLaidOverWhite() throws IOException {
        BufferedImage image = picture(BufferedImage.TYPE_4BYTE_ABGR);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < 2 * Samples.PATCH; x++) {
                image.setRGB(x, y, image.getRGB(x, y) & 0xFFFFFF | (x < Samples.PATCH ? 0 : 0x80000000));
            }
        }
        // Over white: nothing of the first column, half of the second (0x28 -> 147, 0xB4 -> 217, 0x3C -> 157).
        int[] expected = {0xFFFFFF, 0x93D99D, PATCHES[2], 0xFFFFFF, 0x7F7F7F, PATCHES[5]};
        assertPatches(read(encode(image, "png")), 3, 1, expected);
        assertPatches(read(resource("alpha.webp")), 3, 1, expected);
    }

    @Test
    void png_paletteWithTransparentEntryAndFewBits() throws IOException {
        byte[] red = {(byte) 200, 10};
        byte[] green = {100, 20};
        byte[] blue = {50, 30};
        BufferedImage image = new BufferedImage(
                WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(1, 2, red, green, blue, 1));
        image.getRaster().setSample(Samples.PATCH / 2, Samples.PATCH / 2, 0, 1);
        RgbImage read = read(encode(image, "png"));
        assertThat(Samples.middle(read, 0, 0)).containsExactly(255, 255, 255);
        assertThat(Samples.middle(read, 1, 1)).containsExactly(200, 100, 50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "tiff", "jpeg"})
    void onePixel(String format) throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
        image.setRGB(0, 0, 0xFFFFFF);
        RgbImage read = read(encode(image, format));
        assertThat(read.width()).isEqualTo(1);
        assertThat(read.rgb()).containsExactly(-1, -1, -1);
    }

    @Test
    void png_greyWithTransparency() throws IOException {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 2, null);
        raster.setPixel(8, 8, new int[] {100, 128});
        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        ComponentColorModel colors =
                new ComponentColorModel(grey, true, false, Transparency.TRANSLUCENT, DataBuffer.TYPE_BYTE);
        RgbImage read = read(encode(new BufferedImage(colors, raster, false, null), "png"));
        assertThat(Samples.middle(read, 0, 0)).containsExactly(177, 177, 177);
        assertThat(read.rgb()[0]).as("transparent black").isEqualTo((byte) 255);
    }

    @Test
    void manyThreadsReadAtOnce() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("cmyk.jpg", "lossless.webp", "deflate.tif", "rotated.png")) {
            files.add(Files.write(folder.resolve(name), resource(name)));
        }
        files.add(Files.write(folder.resolve("plain.jpg"), jpeg(picture(BufferedImage.TYPE_3BYTE_BGR), false)));
        List<byte[]> alone =
                files.stream().map(file -> ImageReader.read(file).rgb()).toList();
        IntStream.range(0, 400)
                .parallel()
                .forEach(i ->
                        assertThat(ImageReader.read(files.get(i % 5)).rgb()).isEqualTo(alone.get(i % 5)));
    }

    @Test
    void theContentDecidesAndNotTheName() throws IOException {
        Path file = Files.write(folder.resolve("photo.jpg"), encode(picture(BufferedImage.TYPE_3BYTE_BGR), "png"));
        assertPatches(ImageReader.read(file), 3, 0, PATCHES);
    }

    @Test
    void extensionsOfImages() {
        assertThat(Arrays.asList("a.jpg", "b.JPEG", "c.d.png", "e.webp", "f.TIF", "g.tiff", "h.bmp", "i.gif"))
                .allMatch(name -> ImageReader.hasImageExtension(Path.of(name)));
        assertThat(Arrays.asList("a.txt", "jpg", "png.", "b.jpg.part", ".png.tmp"))
                .noneMatch(name -> ImageReader.hasImageExtension(Path.of(name)));
    }
}
