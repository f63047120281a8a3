package org.stegokernels.raster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.PixelReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.RasterView.Bands;
import org.stegokernels.raster.RasterView.Stretch;

/** Regions as photographs: of every format, upright, stretched, and without what is "no data". */
class RasterTest {
    private static final int WIDTH = 53;
    private static final int HEIGHT = 37;
    private static final int NO_DATA = 42113;
    private static final int EXTRA_SAMPLES = 338;

    @TempDir
    Path folder;

    private static BufferedImage picture(int type) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.setRGB(x, y, (x < 20 ? 255 : 5 * y) << 24 | 4 * x << 16 | 6 * y << 8 | 2 * (x + y));
            }
        }
        return image;
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private Path encode(String format, BufferedImage image, boolean progressive) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        if (progressive) {
            settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        }
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        }
        writer.dispose();
        return write("image." + format, bytes.toByteArray());
    }

    @ParameterizedTest
    @CsvSource({
        "jpeg, 5, false",
        "jpeg, 5, true",
        "jpeg, 10, false",
        "png, 5, false",
        "png, 5, true",
        "png, 6, false",
        "png, 6, true",
        "png, 10, false",
        "png, 10, true",
        "png, 11, false",
        "png, 12, false",
        "png, 13, true",
        "gif, 13, false",
        "bmp, 5, false"
    })
    void regionsAreThoseOfTheWholePicture(String format, int type, boolean progressive) throws IOException {
        Path file = encode(format, picture(type), progressive);
        RgbImage whole = ImageReader.read(file);
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.width()).isEqualTo(WIDTH);
            assertThat(raster.height()).isEqualTo(HEIGHT);
            // 16 bits are stretched by default.
            RasterView view = raster.view(raster.standardBands(), Stretch.NONE);
            Random random = new Random(3);
            for (int i = 0; i < 30; i++) {
                int x = random.nextInt(WIDTH);
                int y = random.nextInt(HEIGHT);
                Region region = i == 0
                        ? new Region(0, 0, WIDTH, HEIGHT)
                        : new Region(x, y, 1 + random.nextInt(WIDTH - x), 1 + random.nextInt(HEIGHT - y));
                assertThat(view.read(region).image().rgb()).isEqualTo(crop(whole, region));
            }
        }
    }

    private static byte[] crop(RgbImage whole, Region region) {
        byte[] rgb = new byte[3 * region.width() * region.height()];
        for (int row = 0; row < region.height(); row++) {
            int from = 3 * ((region.y() + row) * whole.width() + region.x());
            System.arraycopy(whole.rgb(), from, rgb, 3 * row * region.width(), 3 * region.width());
        }
        return rgb;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void pixelsAreThoseOfTheUprightPicture(int orientation) throws IOException {
        byte[] jpeg = Files.readAllBytes(encode("jpeg", picture(BufferedImage.TYPE_3BYTE_BGR), false));
        byte[] exif = {
            -1,
            -31,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            18,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        byte[] turned = Arrays.copyOf(jpeg, jpeg.length + exif.length);
        System.arraycopy(exif, 0, turned, 2, exif.length);
        System.arraycopy(jpeg, 2, turned, 2 + exif.length, jpeg.length - 2);
        Path photograph = write("turned.jpg", turned);
        TiffMaker tiff = new TiffMaker(WIDTH, HEIGHT, 3).tiles(16, 16).shorts(274, orientation);
        Path scan = write("turned.tif", tiff.build((x, y, band) -> 4 * x + band * y));
        for (Path file : new Path[] {photograph, scan}) {
            RgbImage whole = ImageReader.read(file);
            try (Raster raster = Raster.open(file)) {
                assertThat(raster.width()).isEqualTo(whole.width());
                assertThat(raster.height()).isEqualTo(whole.height());
                for (Region region : new Region[] {
                    new Region(0, 0, whole.width(), whole.height()), new Region(3, 5, 20, 30), new Region(30, 7, 1, 9)
                }) {
                    assertThat(raster.view().read(region).image().rgb()).isEqualTo(crop(whole, region));
                }
            }
        }
    }

    @Test
    void thePictureHasNoDataWhereItHasNoOpacity() throws IOException {
        Path file = encode("png", picture(BufferedImage.TYPE_4BYTE_ABGR), false);
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.bands()).isEqualTo(4);
            assertThat(raster.standardBands()).isEqualTo(new Bands(1, 2, 3));
            boolean[] valid = raster.view().read(new Region(18, 0, 4, 2)).valid();
            assertThat(valid).containsExactly(true, true, false, false, true, true, true, true);
        }
    }

    @Test
    void aPaletteMayHaveAColourWithoutOpacity() throws IOException {
        byte[] levels = {10, 20, 30};
        IndexColorModel colors = new IndexColorModel(2, 3, levels, levels, levels, 1);
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY, colors);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 1, 2});
        try (Raster raster = Raster.open(encode("png", image, false))) {
            RasterView.Tile tile = raster.view().read(new Region(0, 0, 3, 1));
            assertThat(tile.valid()).containsExactly(true, false, true);
            assertThat(tile.image().rgb()).containsExactly(10, 10, 10, -1, -1, -1, 30, 30, 30);
        }
    }

    private Path row(TiffMaker maker, double... samples) throws IOException {
        return write("row.tif", maker.build((x, y, band) -> samples[x]));
    }

    @Test
    void thePictureHasNoDataWhereTheFileSaysSo() throws IOException {
        TiffMaker plain = new TiffMaker(5, 1, 1).text(NO_DATA, "255");
        try (Raster raster = Raster.open(row(plain, 1, 2, 255, 3, 255))) {
            assertThat(raster.noData()).hasValue(255);
            RasterView.Tile tile = raster.view().read(new Region(0, 0, 5, 1));
            assertThat(tile.valid()).containsExactly(true, true, false, true, false);
            assertThat(tile.image().rgb()[6]).isZero();
        }
        TiffMaker floats = new TiffMaker(5, 1, 1).samples(32, TiffMaker.FLOAT).text(NO_DATA, "-3.40282346638529e+38");
        Path file = row(floats, 1, Double.NaN, -Float.MAX_VALUE, 3, -1);
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.view().read(new Region(0, 0, 5, 1)).valid())
                    .containsExactly(true, false, false, true, true);
        }
        TiffMaker opacity = new TiffMaker(4, 1, 2).shorts(EXTRA_SAMPLES, 2);
        Path withAlpha = write("alpha.tif", opacity.build((x, y, band) -> band == 0 ? 100 : 85 * x));
        try (Raster raster = Raster.open(withAlpha)) {
            RasterView.Tile tile = raster.view().read(new Region(0, 0, 4, 1));
            assertThat(tile.valid()).containsExactly(false, true, true, true);
            assertThat(tile.image().rgb()[0]).isEqualTo((byte) 255);
            assertThat(tile.image().rgb()[9]).isEqualTo((byte) 100);
        }
    }

    @Test
    void aPixelIsValidIfOneOfItsBandsIs() throws IOException {
        TiffMaker maker = new TiffMaker(5, 1, 3).text(NO_DATA, "0");
        Path file = write("image.tif", maker.build((x, y, band) -> x == 4 || x - 1 == band ? 9 : 0));
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.view().read(new Region(0, 0, 5, 1)).valid())
                    .containsExactly(false, true, true, true, true);
        }
    }

    @Test
    void bandsAreChosenByNumber() throws IOException {
        TiffMaker maker = new TiffMaker(4, 4, 5).tiles(16, 16);
        Path file = write("bands.tif", maker.build((x, y, band) -> 10 * band + x));
        try (Raster raster = Raster.open(file)) {
            Region pixel = new Region(1, 1, 1, 1);
            assertThat(raster.view().read(pixel).image().rgb()).containsExactly(1, 11, 21);
            assertThat(raster.view(Bands.parse("5, 4,2"), Stretch.NONE)
                            .read(pixel)
                            .image()
                            .rgb())
                    .containsExactly(41, 31, 11);
            assertThat(raster.view(Bands.parse("3"), Stretch.NONE)
                            .read(pixel)
                            .image()
                            .rgb())
                    .containsExactly(21, 21, 21);
            assertThatThrownBy(() -> raster.view(new Bands(6), Stretch.NONE))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("bands.tif: has no band 6 but 5; choose others with --bands");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1,2", "1,2,3,4", "0", "1,,2", "red", "-1"})
    void whatIsNoListOfBandsIsRefused(String list) {
        assertThatThrownBy(() -> Bands.parse(list)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "98,2", "2,2", "-1,50", "2,101", "a,b", "2,98,99", "nan,nan"})
    void whatIsNoStretchIsRefused(String text) {
        assertThatThrownBy(() -> Stretch.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** 12 bits in 16: by numpy, the percentiles 2 and 98 of 0, 40, ..., 4000 are 80 and 3920. */
    @Test
    void samplesThatAreNotBytesAreStretchedFromTheirPercentiles() throws IOException {
        TiffMaker deep = new TiffMaker(101, 1, 1).samples(16, TiffMaker.UNSIGNED);
        Path file = write("deep.tif", deep.build((x, y, band) -> 40 * x));
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.standardStretch()).isEqualTo(new Stretch(2, 98));
            Region all = new Region(0, 0, 101, 1);
            byte[] rgb = raster.view().read(all).image().rgb();
            assertStretched(rgb, 80, 3920, 40);
            // The percentiles 10.5 and 50.25, by numpy.
            byte[] other = raster.view(new Bands(1), Stretch.parse("10.5,50.25"))
                    .read(all)
                    .image()
                    .rgb();
            assertStretched(other, 420, 2010, 40);
            assertThat(raster.view(new Bands(1), Stretch.parse("none"))
                                    .read(all)
                                    .image()
                                    .rgb()[3 * 100]
                            & 0xFF)
                    .isEqualTo(4000 >> 8);
        }
        TiffMaker reflectance =
                new TiffMaker(101, 1, 1).samples(32, TiffMaker.FLOAT).text(NO_DATA, "-9999");
        Path floats = write("float.tif", reflectance.build((x, y, band) -> x == 100 ? -9999 : x / 1000.0));
        try (Raster raster = Raster.open(floats)) {
            byte[] rgb = raster.view().read(new Region(0, 0, 100, 1)).image().rgb();
            assertStretched(rgb, 0.00198, 0.09702, 0.001);
        }
    }

    private static void assertStretched(byte[] rgb, double black, double white, double step) {
        for (int x = 0; x < rgb.length / 3; x++) {
            double expected = Math.max(0, Math.min(255, (step * x - black) / (white - black) * 255));
            assertThat(rgb[3 * x] & 0xFF).as("column %d", x).isCloseTo((int) Math.round(expected), Offset.offset(1));
        }
    }

    @Test
    void bytesAreNotStretched() throws IOException {
        Path file = write("bytes.tif", new TiffMaker(100, 1, 1).build((x, y, band) -> 50 + x));
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.standardStretch()).isEqualTo(Stretch.NONE);
            assertThat(raster.view().read(new Region(7, 0, 1, 1)).image().rgb()).containsExactly(57, 57, 57);
        }
    }

    @Test
    void theStretchOfALargePictureIsThatOfASampleAndTheSameEachTime() throws IOException {
        TiffMaker large =
                new TiffMaker(2000, 1500, 1).samples(16, TiffMaker.UNSIGNED).tiles(256, 256);
        Path file = write("large.tif", large.build((x, y, band) -> x));
        byte[][] twice = new byte[2][];
        for (int i = 0; i < 2; i++) {
            try (Raster raster = Raster.open(file)) {
                twice[i] =
                        raster.view().read(new Region(0, 700, 2000, 1)).image().rgb();
            }
        }
        assertThat(twice[0]).isEqualTo(twice[1]);
        assertThat(twice[0][3 * 1000] & 0xFF).isCloseTo(128, Offset.offset(3));
        assertThat(twice[0][3 * 1500] & 0xFF).isCloseTo(193, Offset.offset(5));
    }

    @Test
    void wrongUseIsRefused() throws IOException {
        Path file = write("image.tif", new TiffMaker(5, 4, 1).build((x, y, band) -> x));
        Raster raster = Raster.open(file);
        for (ThrowingCallable wrong : new ThrowingCallable[] {
            () -> raster.samples(new Region(0, 0, 6, 1), 1),
            () -> raster.samples(new Region(4, 3, 1, 2), 1),
            () -> raster.samples(new Region(0, 0, 1, 1), 2),
            () -> raster.samples(new Region(0, 0, 1, 1), 0),
            () -> new Region(-1, 0, 1, 1)
        }) {
            assertThatThrownBy(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        RasterView view = raster.view();
        raster.close();
        raster.close();
        assertThatThrownBy(() -> view.read(new Region(0, 0, 1, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("image.tif is closed");
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        assertThatThrownBy(() -> Raster.open(folder.resolve("missing.tif")))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("missing.tif: there is no such file");
        Path text = write("notes.tif", "no image at all".getBytes());
        assertThatThrownBy(() -> Raster.open(text))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("notes.tif: is not an image");
        Path cut = encode("png", picture(BufferedImage.TYPE_3BYTE_BGR), false);
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 300));
        assertThatThrownBy(() -> Raster.open(cut))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("the file ends before the image does");
    }

    @Test
    void theFolderForTheDecodedPictureIsNamedIfItCantBeWritten() throws IOException {
        Path file = encode("png", picture(BufferedImage.TYPE_3BYTE_BGR), false);
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> DecodedSource.of(file, Raster.USUAL_LIMITS, missing))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image.png: it is decoded into a temporary file in " + missing)
                .hasMessageContaining("-Djava.io.tmpdir");
    }

    @Test
    void aDecodedPictureThatTheDiskCantHoldIsRefusedWithTheRoomItNeeds() {
        DecodedSource source = new DecodedSource(folder.resolve("image.png"), folder);
        PixelReader.Layout sixTerabytes = new PixelReader.Layout(1_000_000, 1_000_000, 3, 16, false, 1);
        assertThatThrownBy(() -> source.begin(sixTerabytes))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image.png: it is decoded into a temporary file of 5722045 MiB, but " + folder)
                .hasMessageContaining("-Djava.io.tmpdir");
    }

    @Test
    void aProgressiveJpegThatMemoryCantHoldIsRefusedWithTheRemedy() throws IOException {
        byte[] jpeg = Files.readAllBytes(encode("jpeg", picture(BufferedImage.TYPE_3BYTE_BGR), true));
        int frame = 0;
        while ((jpeg[frame] & 0xFF) != 0xFF || (jpeg[frame + 1] & 0xFF) != 0xC2) {
            frame++;
        }
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 20_000).putShort(frame + 7, (short) 20_000);
        // As many bytes as so many pixels take at least.
        Path file = write("huge.jpg", Arrays.copyOf(jpeg, 800_000));
        assertThatThrownBy(() -> Raster.open(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("huge.jpg: it is a progressive JPEG, of which up to 2288 MiB")
                .hasMessageContaining("tiled TIFF");
    }

    @Test
    void theDecodedPictureLeavesNoFile() throws IOException {
        Path file = encode("jpeg", picture(BufferedImage.TYPE_3BYTE_BGR), false);
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        DecodedSource source = DecodedSource.of(file, Raster.USUAL_LIMITS, temporary);
        source.close();
        assertThat(temporary).isEmptyDirectory();
    }
}
