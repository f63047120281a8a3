package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Raster;

class ResizedRowsTest {
    @TempDir
    private Path folder;

    private Path noise(int width, int height) throws IOException {
        byte[] rgb = new byte[3 * width * height];
        new Random(1).nextBytes(rgb);
        Path file = folder.resolve("noise.png");
        PngWriter.write(file, new RgbImage(width, height, rgb));
        return file;
    }

    @ParameterizedTest
    @CsvSource({"90, 500, 90, 500", "90, 500, 31, 167", "70, 500, 100, 720", "70, 300, 70, 299", "5, 400, 3, 1"})
    void rowsAreThoseOfThePictureResizedWhole(int width, int height, int toWidth, int toHeight) throws IOException {
        Path file = noise(width, height);
        try (Raster raster = Raster.open(file)) {
            byte[] rgb = raster.view()
                    .read(new Raster.Region(0, 0, width, height))
                    .image()
                    .rgb();
            RgbImage whole = Resize.antialiased(new RgbImage(width, height, rgb), toWidth, toHeight);
            ResizedRows rows = new ResizedRows(raster.view(), toWidth, toHeight);
            for (int y = 0; y < toHeight; y++) {
                rows.keep(y, y + 1);
                assertThat(rows.part(0, y, toWidth, 1).rgb())
                        .isEqualTo(Resize.crop(whole, 0, y, toWidth, 1).rgb());
            }
        }
    }

    @Test
    void rowsThatAreNotNeededAreForgotten() throws IOException {
        try (Raster raster = Raster.open(noise(50, 400))) {
            ResizedRows rows = new ResizedRows(raster.view(), 50, 400);
            rows.keep(0, 300);
            rows.keep(200, 300);
            rows.part(0, 200, 50, 100);
            assertThatNullPointerException().isThrownBy(() -> rows.part(0, 199, 50, 1));
        }
    }

    @Test
    void whatHasNoDataIsKnown() throws IOException {
        BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(20, 10, 40, 30);
        graphics.dispose();
        Path file = folder.resolve("transparent.png");
        ImageIO.write(image, "png", file.toFile());
        try (Raster raster = Raster.open(file)) {
            ResizedRows rows = new ResizedRows(raster.view(), 30, 20);
            rows.keep(0, 20);
            assertThat(rows.hasData(0, 0, 10, 20)).isFalse();
            assertThat(rows.hasData(0, 0, 30, 5)).isFalse();
            assertThat(rows.hasData(0, 0, 11, 20)).isTrue();
            assertThat(rows.hasData(9, 4, 2, 2)).isTrue();
            BitSet missing = rows.missing(25);
            assertThat(missing.cardinality()).isEqualTo(20);
            assertThat(missing.get(19)).isTrue();
            assertThat(missing.get(20)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 10", "10, 37", "37, 10", "1, 5", "5, 1", "9600, 30000"})
    void everyPixelOfThePictureBelongsToOneOfTheResized(int to, int from) {
        assertThat(ResizedRows.firstSource(0, to, from)).isZero();
        assertThat(ResizedRows.firstSource(to, to, from)).isEqualTo(from);
        for (int pixel = 0; pixel < to; pixel++) {
            for (int i = ResizedRows.firstSource(pixel, to, from);
                    i < ResizedRows.firstSource(pixel + 1, to, from);
                    i++) {
                assertThat((int) ((i + 0.5) * to / from)).isEqualTo(pixel);
            }
        }
    }
}
