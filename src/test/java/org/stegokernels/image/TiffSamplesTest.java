package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples mean what the tags say: extra bands are no opacity, and samples need not fill their type. */
class TiffSamplesTest {
    private static final int WHITE_IS_ZERO = 0;
    private static final int GREY = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int CMYK = 5;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int SIGNED = 2;
    private static final int FLOAT = 3;

    /** A row of greys from 3 to 251, of which all the pictures are made. */
    private static final int[] GREYS =
            IntStream.range(0, 32).map(i -> 3 + 8 * i).toArray();

    @TempDir
    Path folder;

    private int[] read(TiffBuilder tiff) throws IOException {
        RgbImage image = ImageReader.read(Files.write(folder.resolve("image.tif"), tiff.build()));
        return IntStream.range(0, image.rgb().length)
                .map(i -> image.rgb()[i] & 0xFF)
                .toArray();
    }

    /** Reads a grey picture as its values, which must be the same in all three channels. */
    private int[] readGrey(TiffBuilder tiff) throws IOException {
        int[] rgb = read(tiff);
        for (int i = 0; i < rgb.length; i += 3) {
            assertThat(rgb[i + 1]).isEqualTo(rgb[i]);
            assertThat(rgb[i + 2]).isEqualTo(rgb[i]);
        }
        return IntStream.range(0, rgb.length / 3).map(i -> rgb[3 * i]).toArray();
    }

    private static TiffBuilder grey(int photometric, int... bits) {
        return new TiffBuilder(GREYS.length, 1, photometric, bits);
    }

    private static long[] longs(DoubleUnaryOperator sample) {
        return Arrays.stream(GREYS)
                .mapToLong(grey -> (long) sample.applyAsDouble(grey))
                .toArray();
    }

    private static float[] floats(DoubleUnaryOperator sample) {
        float[] floats = new float[GREYS.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) sample.applyAsDouble(GREYS[i]);
        }
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "1, 0", "1, 1"})
    void aBandThatIsNotSaidToBeOpacityIsNone(int wide, int planar) throws IOException {
        int bits = wide == 1 ? 16 : 8;
        int factor = wide == 1 ? 257 : 1;
        TiffBuilder rgbn = new TiffBuilder(1, 1, RGB, bits, bits, bits, bits).shorts(EXTRA_SAMPLES, 0);
        TiffBuilder greyAndMore = new TiffBuilder(1, 1, GREY, bits, bits).shorts(EXTRA_SAMPLES, 0);
        if (planar == 1) {
            rgbn.planar(4);
            greyAndMore.planar(2);
        }
        rgbn.integers(bits / 8, 200 * factor, 100 * factor, 50 * factor, 10 * factor);
        assertThat(read(rgbn)).containsExactly(200, 100, 50);
        greyAndMore.integers(bits / 8, 200 * factor, 10 * factor);
        assertThat(read(greyAndMore)).containsExactly(200, 200, 200);
    }

    @Test
    void manyExtraBandsAreNeitherColoursNorOpacity() throws IOException {
        TiffBuilder grey = new TiffBuilder(1, 1, GREY, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 0, 0, 0);
        assertThat(read(grey.integers(1, 200, 9, 8, 7))).containsExactly(200, 200, 200);
        TiffBuilder eight = new TiffBuilder(1, 1, RGB, 8, 8, 8, 8, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 0, 0, 0, 0, 0);
        assertThat(read(eight.integers(1, 200, 100, 50, 1, 2, 3, 4, 5))).containsExactly(200, 100, 50);
        TiffBuilder cmyk = new TiffBuilder(1, 1, CMYK, 8, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 0);
        int[] withExtra = read(cmyk.integers(1, 10, 20, 30, 40, 0));
        assertThat(withExtra)
                .containsExactly(read(new TiffBuilder(1, 1, CMYK, 8, 8, 8, 8).integers(1, 10, 20, 30, 40)));
        TiffBuilder palette = new TiffBuilder(1, 1, PALETTE, 8, 8)
                .shorts(EXTRA_SAMPLES, 0)
                .shorts(320, IntStream.range(0, 768).map(i -> i % 256 * 257).toArray());
        assertThat(read(palette.integers(1, 77, 0))).containsExactly(77, 77, 77);
    }

    @Test
    void opacityThatIsSaidToBeItIsLaidOverWhite() throws IOException {
        TiffBuilder unassociated = new TiffBuilder(1, 1, RGB, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 2);
        assertThat(read(unassociated.integers(1, 200, 100, 0, 128))).containsExactly(227, 177, 127);
        TiffBuilder second = new TiffBuilder(1, 1, RGB, 8, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 0, 2);
        assertThat(read(second.integers(1, 200, 100, 0, 9, 128))).containsExactly(227, 177, 127);
        TiffBuilder associated = new TiffBuilder(1, 1, RGB, 8, 8, 8, 8).shorts(EXTRA_SAMPLES, 1);
        assertThat(read(associated.integers(1, 100, 50, 0, 128))).containsExactly(227, 177, 127);
        TiffBuilder untold = new TiffBuilder(1, 1, RGB, 8, 8, 8, 8);
        assertThat(read(untold.integers(1, 200, 100, 0, 128))).containsExactly(227, 177, 127);
        TiffBuilder inverted = new TiffBuilder(1, 1, WHITE_IS_ZERO, 8, 8).shorts(EXTRA_SAMPLES, 2);
        assertThat(read(inverted.integers(1, 55, 128))).containsExactly(227, 227, 227);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 10, 11, 12, 13, 14, 16})
    void bitsThatDoNotFillTheirTypeAreScaled(int used) throws IOException {
        double factor = Math.scalb(1.0, used - 8);
        assertThat(readGrey(grey(GREY, 16).integers(2, longs(v -> v * factor)))).isEqualTo(GREYS);
        assertThat(readGrey(grey(GREY, 32).integers(4, longs(v -> v * factor)))).isEqualTo(GREYS);
        assertThat(readGrey(grey(WHITE_IS_ZERO, 16).integers(2, longs(v -> (255 - v) * factor))))
                .isEqualTo(GREYS);
    }

    @Test
    void the32BitsOfAnUnsignedSampleAreUsed() throws IOException {
        assertThat(readGrey(grey(GREY, 32).integers(4, longs(v -> v * 0x1p24)))).isEqualTo(GREYS);
    }

    @Test
    void aDarkPictureOf12BitsIsKnownByTheTag() throws IOException {
        int[] dark = {0, 1, 2, 3};
        TiffBuilder tiff = new TiffBuilder(4, 1, GREY, 16).shorts(281, 4095).integers(2, 0, 16, 32, 48);
        assertThat(readGrey(tiff)).isEqualTo(dark);
        TiffBuilder full = new TiffBuilder(4, 1, GREY, 16).shorts(281, 65535).integers(2, 0, 256, 512, 768);
        assertThat(readGrey(full)).isEqualTo(dark);
    }

    @Test
    void signedSamplesHaveARange() throws IOException {
        TiffBuilder sixteen = grey(GREY, 16).shorts(SAMPLE_FORMAT, SIGNED);
        assertThat(readGrey(sixteen.integers(2, longs(v -> v * 256 - 32768)))).isEqualTo(GREYS);
        TiffBuilder positive = grey(GREY, 16).shorts(SAMPLE_FORMAT, SIGNED);
        assertThat(readGrey(positive.integers(2, longs(v -> v * 128)))).isEqualTo(GREYS);
        TiffBuilder eight = grey(GREY, 8).shorts(SAMPLE_FORMAT, SIGNED);
        assertThat(readGrey(eight.integers(1, longs(v -> v - 128)))).isEqualTo(GREYS);
    }

    @Test
    void floatsFrom0To1Or0To255HaveNoGammaCurve() throws IOException {
        for (double white : new double[] {1, 255, 65535}) {
            TiffBuilder single = grey(GREY, 32).shorts(SAMPLE_FORMAT, FLOAT);
            assertThat(readGrey(single.reals(floats(v -> v * white / 255)))).isEqualTo(GREYS);
            TiffBuilder twice = grey(GREY, 64).shorts(SAMPLE_FORMAT, FLOAT);
            double[] values =
                    Arrays.stream(GREYS).mapToDouble(v -> v * white / 255).toArray();
            assertThat(readGrey(twice.reals(values))).isEqualTo(GREYS);
        }
    }

    @Test
    void halfPrecisionIsRead() throws IOException {
        TiffBuilder half = new TiffBuilder(3, 1, GREY, 16).shorts(SAMPLE_FORMAT, FLOAT);
        assertThat(readGrey(half.integers(2, 0x0000, 0x3800, 0x3C00))).containsExactly(0, 128, 255);
    }

    @Test
    void floatsOfUnknownRangeAreNamedUnlessTheTagsSay() throws IOException {
        float[] heights = floats(v -> 1000 + 4 * v);
        TiffBuilder unknown = grey(GREY, 32).shorts(SAMPLE_FORMAT, FLOAT).reals(heights);
        assertThatThrownBy(() -> read(unknown))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image.tif: its float samples reach from 1012 to 2004")
                .hasMessageContaining("8-bit");
        TiffBuilder known =
                grey(GREY, 32).shorts(SAMPLE_FORMAT, FLOAT).floats(340, 1000).floats(341, 2020);
        assertThat(readGrey(known.reals(heights))).isEqualTo(GREYS);
    }

    @Test
    void samplesThatAreNoNumbersAreBlack() throws IOException {
        TiffBuilder tiff = new TiffBuilder(6, 1, GREY, 32)
                .shorts(SAMPLE_FORMAT, FLOAT)
                .text(42113, "-9999")
                .reals(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -9999f, 0.5f, 1f);
        assertThat(readGrey(tiff)).containsExactly(0, 255, 0, 0, 128, 255);
        TiffBuilder none =
                new TiffBuilder(1, 1, GREY, 32).shorts(SAMPLE_FORMAT, FLOAT).reals(Float.NaN);
        assertThatThrownBy(() -> read(none)).hasMessageContaining("none of its samples is a number");
    }

    @ParameterizedTest
    @CsvSource({"34712, JPEG 2000", "50001, WebP", "50002, JPEG XL", "34887, LERC", "34661, JBIG"})
    void aCompressionThatIsNotReadIsNamed(int code, String name) {
        TiffBuilder tiff = grey(GREY, 8).shorts(259, code).samples(new byte[GREYS.length]);
        assertThatThrownBy(() -> read(tiff))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("compressed with " + name + ",")
                .hasMessageContaining("save it with Deflate or LZW");
    }

    @Test
    void aKindOfPictureThatIsNotReadIsNotCalledDamaged() {
        int logLuv = 32845;
        TiffBuilder tiff = new TiffBuilder(1, 1, logLuv, 8, 8, 8).integers(1, 1, 2, 3);
        assertThatThrownBy(() -> read(tiff))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("is of a kind that can't be read")
                .hasMessageContaining("32845")
                .hasMessageContaining("save it anew as plain 8-bit RGB");
    }
}
