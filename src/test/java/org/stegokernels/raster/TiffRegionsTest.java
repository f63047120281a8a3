package org.stegokernels.raster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.Raster.SampleType;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.Mutations;

/** Regions of TIFF files are the samples that were written, whatever the layout and wherever the borders of the tiles. */
class TiffRegionsTest {
    private static final int WIDTH = 75;
    private static final int HEIGHT = 53;
    private static final int HUGE = 30_000;
    /** The most memory for the pixels that a damaged header declares. */
    private static final long ALLOWANCE = 1L << 27;

    @TempDir
    Path folder;

    /** Different for each pixel and band, and an integer of eight bits. */
    private static double small(int x, int y, int band) {
        return (x * 7 + y * 13 + band * 101 + x * y % 11) % 256;
    }

    private static TiffMaker maker(int bands) {
        return new TiffMaker(WIDTH, HEIGHT, bands);
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("image.tif"), bytes);
    }

    static Stream<TiffMaker> layouts() {
        return Stream.of(
                maker(3),
                maker(3).strips(7),
                maker(1).tiles(16, 16),
                maker(3).tiles(16, 32),
                maker(4).tiles(32, 16).bigTiff(),
                maker(3).tiles(16, 16).bigEndian().bigTiff(),
                maker(3).strips(5).planar(),
                maker(5).tiles(32, 32).planar().deflate(),
                maker(3).tiles(16, 16).predictor(),
                maker(3).strips(8).deflate().withoutLengths(),
                maker(3).strips(10).planar().predictor().bigEndian());
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyLayoutGivesTheSamplesThatWereWritten(TiffMaker tiff) throws IOException {
        assertRegions(tiff, TiffRegionsTest::small, SampleType.UINT8);
    }

    static Stream<TiffMaker> types() {
        return Stream.of(
                maker(1).samples(8, TiffMaker.SIGNED),
                maker(3).samples(16, TiffMaker.UNSIGNED).tiles(16, 16).predictor(),
                maker(3).samples(16, TiffMaker.UNSIGNED).bigEndian(),
                maker(2).samples(16, TiffMaker.SIGNED).strips(9).deflate(),
                maker(3).samples(32, TiffMaker.UNSIGNED).tiles(32, 16),
                maker(1).samples(32, TiffMaker.SIGNED).bigEndian().tiles(32, 16),
                maker(4).samples(32, TiffMaker.FLOAT).tiles(16, 16).deflate(),
                maker(2).samples(32, TiffMaker.FLOAT).planar().bigEndian().bigTiff(),
                maker(1).samples(64, TiffMaker.FLOAT).tiles(16, 16),
                maker(3).samples(64, TiffMaker.FLOAT).strips(4).deflate());
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeKeepsItsRange(TiffMaker tiff) throws IOException {
        SampleType type = tiff.type();
        TiffMaker.Picture picture = (x, y, band) -> {
            double part = small(x, y, band) / 255;
            return switch (type) {
                case UINT8, INT8 -> Math.rint(part * 255) - 128;
                case UINT16 -> Math.rint(part * 65535);
                case INT16 -> Math.rint(part * 65535) - 32768;
                case UINT32 -> Math.rint(part * 4294967295.0);
                case INT32 -> Math.rint(part * 4294967295.0) - 2147483648.0;
                case FLOAT32 -> (float) (part * 1e6 - 0.3);
                case FLOAT64 -> part * 1e12 + 1.0 / 3;
            };
        };
        assertRegions(tiff, picture, type);
    }

    private void assertRegions(TiffMaker tiff, TiffMaker.Picture picture, SampleType type) throws IOException {
        try (Raster raster = Raster.open(write(tiff.build(picture)))) {
            assertThat(raster.width()).isEqualTo(WIDTH);
            assertThat(raster.height()).isEqualTo(HEIGHT);
            assertThat(raster.bands()).isEqualTo(tiff.bands());
            assertThat(raster.sampleType()).isEqualTo(type);
            Random random = new Random(5);
            for (int i = 0; i < 40; i++) {
                int x = random.nextInt(WIDTH);
                int y = random.nextInt(HEIGHT);
                Region region = i == 0
                        ? new Region(0, 0, WIDTH, HEIGHT)
                        : new Region(x, y, 1 + random.nextInt(WIDTH - x), 1 + random.nextInt(HEIGHT - y));
                assertSamples(raster, region, picture);
            }
        }
    }

    private static void assertSamples(Raster raster, Region region, TiffMaker.Picture picture) {
        // Backwards, so that the order is that which is asked for.
        int[] bands =
                IntStream.range(0, raster.bands()).map(i -> raster.bands() - i).toArray();
        double[][] samples = raster.samples(region, bands);
        for (int i = 0; i < bands.length; i++) {
            for (int row = 0; row < region.height(); row++) {
                for (int column = 0; column < region.width(); column++) {
                    int x = region.x() + column;
                    int y = region.y() + row;
                    assertThat(samples[i][row * region.width() + column])
                            .as("band %d at (%d, %d)", bands[i], x, y)
                            .isEqualTo(picture.sample(x, y, bands[i] - 1));
                }
            }
        }
    }

    @Test
    void tilesThatAreLeftOutAreNoData() throws IOException {
        TiffMaker.Picture picture = (x, y, band) -> x < 32 ? small(x, y, band) + 1 : 0;
        byte[] bytes = maker(1).samples(16, TiffMaker.UNSIGNED)
                .tiles(16, 16)
                .sparse()
                .text(42113, "7")
                .build(picture);
        try (Raster raster = Raster.open(write(bytes))) {
            double[] row = raster.samples(new Region(30, 20, 4, 1), 1)[0];
            assertThat(row).containsExactly(small(30, 20, 0) + 1, small(31, 20, 0) + 1, 7, 7);
            assertThat(raster.view().read(new Region(30, 20, 4, 1)).valid()).containsExactly(true, true, false, false);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStripThatIsTooLongForMemoryIsReadInParts(boolean deflated) throws IOException {
        int width = 4096;
        int height = 2200;
        TiffMaker tiff = new TiffMaker(width, height, 1).samples(64, TiffMaker.FLOAT);
        TiffMaker.Picture picture = (x, y, band) -> x == 5 ? y : 0;
        try (Raster raster = Raster.open(write((deflated ? tiff.deflate() : tiff).build(picture)))) {
            for (Region region :
                    List.of(new Region(0, 2040, 10, 20), new Region(3, 0, 4, 3), new Region(4000, height - 1, 96, 1))) {
                assertSamples(raster, region, picture);
            }
        }
    }

    /** A picture of 2.7 GB, in a process that has 64 MB for it. */
    @Test
    void aHugePictureIsReadInASmallHeap() throws Exception {
        byte[] bytes = new TiffMaker(HUGE, HUGE, 3).tiles(256, 256).deflate().buildOfOneTile(TiffRegionsTest::small);
        Path file = write(bytes);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HugeReader.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("read 34 regions");
    }

    /** Reads regions all over a huge picture of equal tiles. */
    static final class HugeReader {
        public static void main(String[] arguments) {
            try (Raster raster = Raster.open(Path.of(arguments[0]))) {
                RasterView view = raster.view();
                int count = 0;
                for (int at = 0; at < HUGE; at += 900) {
                    int side = Math.min(900, HUGE - at);
                    RasterView.Tile tile = view.read(new Region(at, at, side, side));
                    for (int i = 0; i < side; i++) {
                        int inTile = (at + i) % 256;
                        int seen = tile.image().rgb()[3 * (i * side + i)] & 0xFF;
                        if (seen != (int) small(inTile, inTile, 0)) {
                            throw new IllegalStateException("at " + (at + i) + ": " + seen);
                        }
                    }
                    count++;
                }
                System.out.println("read " + count + " regions");
            }
        }
    }

    @Test
    void theLimitOfPixelsIsNamedWithItsOption() throws IOException {
        Path file = write(maker(1).build(TiffRegionsTest::small));
        ImageReader.Limits limits = ImageReader.Limits.DEFAULT.withMaxPixels(1000);
        assertThatThrownBy(() -> Raster.open(file, limits))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image.tif: it has 75 x 53 pixels")
                .hasMessageContaining("--max-pixels");
    }

    @Test
    void aFileThatEndsTooEarlyIsRefusedWhereItIsCut() throws IOException {
        byte[] whole = maker(3).strips(1).bigEndian().build(TiffRegionsTest::small);
        byte[] cut = whole.clone();
        // The directory lies after the pixels: the last strip is moved past its end.
        try (Raster raster = Raster.open(write(cut))) {
            assertSamples(raster, new Region(0, HEIGHT - 1, WIDTH, 1), TiffRegionsTest::small);
        }
        byte[] moved = maker(3).strips(1).build(TiffRegionsTest::small);
        int lastOffset = indexOfLong(moved, 8 + 3 * WIDTH * (HEIGHT - 1));
        moved[lastOffset + 2] = 0x40;
        try (Raster raster = Raster.open(write(moved))) {
            assertSamples(raster, new Region(0, 0, WIDTH, HEIGHT - 1), TiffRegionsTest::small);
            assertThatThrownBy(() -> raster.samples(new Region(0, HEIGHT - 1, 1, 1), 1))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("image.tif: the file ends before the image does; copy or download");
        }
    }

    private static int indexOfLong(byte[] bytes, int value) {
        for (int i = 8; i + 4 <= bytes.length; i++) {
            if ((bytes[i] & 0xFF) == (value & 0xFF)
                    && (bytes[i + 1] & 0xFF) == (value >> 8 & 0xFF)
                    && bytes[i + 2] == 0
                    && bytes[i + 3] == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("no " + value);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aDamagedFileIsReadOrRefused(int layout) throws IOException {
        byte[] original = List.of(
                        maker(3).strips(20).deflate(),
                        maker(2).samples(16, TiffMaker.UNSIGNED).tiles(32, 32).predictor(),
                        maker(3).tiles(32, 16).bigTiff().planar(),
                        maker(1).samples(32, TiffMaker.FLOAT).tiles(16, 16).bigEndian())
                .get(layout)
                .build(TiffRegionsTest::small);
        List<byte[]> tokens = List.of(new byte[] {0x53, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0}, new byte[] {-1, -1, -1, 127});
        ImageReader.Limits limits = ImageReader.Limits.DEFAULT.withMaxPixels(1_000_000);
        FuzzRun run = new FuzzRun("layout " + layout, ImageException.class, ALLOWANCE);
        FuzzRun.Target target = bytes -> {
            try (Raster raster = Raster.open(write(bytes), limits)) {
                raster.view().read(new Region(0, 0, raster.width(), raster.height()));
            }
        };
        run.round(-1, original, target);
        for (int seed = 0; seed < FuzzRun.rounds(150); seed++) {
            // The directory lies after the pixels.
            int from = seed % 2 == 0 ? Math.max(4, original.length - 400) : 4;
            run.round(seed, new Mutations(seed, tokens).damage(original, from, original.length), target);
        }
        run.finish();
    }
}
