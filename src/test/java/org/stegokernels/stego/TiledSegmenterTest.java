package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Raster;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmenter.Options;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.TiledSegmenter.Layout;
import org.stegokernels.stego.TiledSegmenter.Result;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;

class TiledSegmenterTest {
    private static final Options OPTIONS = Options.DEFAULT.withSize(64);

    @TempDir
    private Path folder;

    private Device device;
    private Stego model;
    private final ByteArrayOutputStream labels = new ByteArrayOutputStream();
    private final List<float[]> confidences = new ArrayList<>();
    private int mostRows;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(ReferenceVectors.open("pipeline"), device);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        model.close();
        device.close();
    }

    /** Rectangles of one colour and some noise. */
    private static RgbImage rectangles(int width, int height, long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < 40; i++) {
            int left = random.nextInt(width);
            int top = random.nextInt(height);
            int right = Math.min(width, left + 8 + random.nextInt(1 + width / 2));
            int bottom = Math.min(height, top + 8 + random.nextInt(1 + height / 2));
            byte[] color = new byte[3];
            random.nextBytes(color);
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    System.arraycopy(color, 0, rgb, 3 * (y * width + x), 3);
                }
            }
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] += (byte) ((rgb[i] & 0xFF) < 250 ? random.nextInt(6) : 0);
        }
        return new RgbImage(width, height, rgb);
    }

    private Path saved(RgbImage image) {
        Path file = folder.resolve("picture.png");
        try {
            PngWriter.write(file, image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private Result segment(Path file, Options options, int tile, Layout layout, double unsure) throws IOException {
        labels.reset();
        confidences.clear();
        try (Raster raster = Raster.open(file);
                TiledSegmenter segmenter = TiledSegmenter.of(model, options, tile, new StageTimes(), layout)) {
            return segmenter.segment(
                    raster.view(),
                    100,
                    unsure,
                    (rows, confidence) -> {
                        labels.writeBytes(rows.labels());
                        confidences.add(confidence);
                        mostRows = Math.max(mostRows, rows.height());
                    },
                    (done, total) -> assertThat(done).isBetween(1L, total));
        }
    }

    private byte[] labels(RgbImage image, Options options, int tile, Layout layout) throws IOException {
        segment(saved(image), options, tile, layout, 0);
        return labels.toByteArray();
    }

    private Segmentation whole(RgbImage image, Options options) {
        try (Segmenter segmenter = Segmenter.of(model, options)) {
            return segmenter.segment(image);
        }
    }

    private static double agreement(byte[] a, byte[] b) {
        assertThat(a).hasSameSizeAs(b);
        int equal = 0;
        for (int i = 0; i < a.length; i++) {
            equal += a[i] == b[i] ? 1 : 0;
        }
        return (double) equal / a.length;
    }

    @ParameterizedTest
    @CsvSource({"64, 64, 64", "96, 64, 96", "45, 90, 90", "150, 101, 150", "31, 30, 31"})
    void aPictureOfOneTileHasTheLabelsOfThePhotograph(int width, int height, int tile) throws IOException {
        RgbImage image = rectangles(width, height, width);
        Options options = OPTIONS.withConfidence(true);
        Segmentation expected = whole(image, options.withSize(Math.round(64f * Math.min(width, height) / tile)));
        Result result = segment(saved(image), options, tile, Layout.STANDARD, 0);
        assertThat(labels.toByteArray()).isEqualTo(expected.labels().labels());
        assertThat(confidences).containsExactly(expected.confidence());
        assertThat(result.preview().shares()).isEqualTo(expected.shares());
    }

    @Test
    void scoresOfAPictureOfOneTileAreThoseOfThePhotograph() throws IOException {
        RgbImage image = rectangles(96, 96, 3);
        double[] scores =
                segment(saved(image), OPTIONS, 96, Layout.STANDARD, 0).preview().scores();
        assertThat(scores).isEqualTo(whole(image, OPTIONS).scores());
    }

    @Test
    void blocksAgreeWithOneBlock() throws IOException {
        RgbImage image = rectangles(400, 300, 4);
        byte[] one = labels(image, OPTIONS, 64, new Layout(0, 400));
        int rows = mostRows;
        mostRows = 0;
        byte[] many = labels(image, OPTIONS, 64, new Layout(0, 160));
        assertThat(mostRows).isLessThan(rows);
        assertThat(many).isNotEqualTo(one);
        assertThat(agreement(one, many)).isGreaterThan(0.99);
    }

    @Test
    void blocksWithoutCrfAreThoseOfOneBlock() throws IOException {
        RgbImage image = rectangles(300, 200, 5);
        Options options = OPTIONS.withCrf(false);
        byte[] one = labels(image, options, 100, new Layout(0, 400));
        assertThat(agreement(one, labels(image, options, 100, new Layout(0, 32))))
                .isGreaterThan(0.9999);
    }

    @Test
    void halfATileFartherTheLabelsAreTheSameButForTheBorder() throws IOException {
        RgbImage image = rectangles(320, 256, 6);
        byte[] straight = labels(image, OPTIONS, 64, Layout.STANDARD);
        assertThat(labels(image, OPTIONS, 64, new Layout(32 / 8, 512))).isEqualTo(straight);
        assertThat(labels(image, OPTIONS, 64, new Layout(16 / 8, 512))).isNotEqualTo(straight);
    }

    @Test
    void windowsSeenMirroredLieAsThePictureDoes() throws IOException {
        RgbImage image = rectangles(320, 256, 9);
        byte[] straight = labels(image, OPTIONS.withFlip(false).withCrf(false), 64, Layout.STANDARD);
        byte[] alternating = labels(image, OPTIONS.withCrf(false), 64, Layout.STANDARD);
        assertThat(alternating).isNotEqualTo(straight);
        assertThat(agreement(alternating, straight)).isGreaterThan(0.9);
    }

    @Test
    void aPictureSmallerThanATileIsSeenAtTheScaleOfTheOthers() throws IOException {
        RgbImage image = rectangles(48, 32, 7);
        byte[] tiled = labels(image, OPTIONS, 128, Layout.STANDARD);
        assertThat(tiled).isEqualTo(whole(image, OPTIONS.withSize(16)).labels().labels());
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 64", "3, 700, 64", "131, 7, 64", "200, 77, 3000", "37, 41, 16"})
    void everyPixelOfEverySizeHasALabel(int width, int height, int tile) throws IOException {
        Result result = segment(saved(rectangles(width, height, 8)), OPTIONS, tile, new Layout(0, 64), 0);
        assertThat(labels.size()).isEqualTo(width * height);
        assertThat(Arrays.stream(result.preview().shares()).sum()).isCloseTo(1, within(1e-9));
        assertThat(result.width()).isEqualTo(width);
        assertThat(result.height()).isEqualTo(height);
    }

    @Test
    void thePreviewIsThePictureMadeSmaller() throws IOException {
        RgbImage image = rectangles(300, 201, 9);
        Segmentation preview =
                segment(saved(image), OPTIONS, 100, new Layout(0, 32), 0).preview();
        assertThat(preview.image().rgb())
                .isEqualTo(Resize.antialiased(image, 100, 67).rgb());
        LabelMap all = new LabelMap(300, 201, labels.toByteArray());
        assertThat(preview.labels().labels())
                .isEqualTo(Resize.nearest(all, 100, 67).labels());
    }

    @Test
    void whatIsUnsureHasNoClass() throws IOException {
        RgbImage image = rectangles(200, 100, 10);
        Options options = OPTIONS.withConfidence(true);
        segment(saved(image), options, 100, Layout.STANDARD, 0);
        byte[] all = labels.toByteArray();
        float[] sorted = confidences.get(0).clone();
        Arrays.sort(sorted);
        float threshold = sorted[sorted.length / 3];
        Result result = segment(saved(image), options, 100, Layout.STANDARD, threshold);
        byte[] sure = labels.toByteArray();
        for (int i = 0; i < all.length; i++) {
            boolean unsure = confidences.get(0)[i] < threshold;
            assertThat(sure[i]).isEqualTo(unsure ? (byte) LabelMap.IGNORE : all[i]);
        }
        assertThat(Arrays.stream(result.preview().shares()).sum()).isBetween(0.6, 0.7);
        assertThat(Arrays.stream(result.preview().scores()).max().orElseThrow()).isGreaterThan(threshold);
    }

    @Test
    void theObserverMayEndIt() {
        Path file = saved(rectangles(200, 100, 11));
        int[] steps = {0};
        try (Raster raster = Raster.open(file);
                TiledSegmenter segmenter = TiledSegmenter.of(model, OPTIONS, 64, new StageTimes())) {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> segmenter.segment(raster.view(), 100, 0, (rows, confidence) -> {}, (done, total) -> {
                                steps[0]++;
                                if (done == 2) {
                                    throw new CancellationException();
                                }
                            })))
                    .isInstanceOf(CancellationException.class);
            assertThat(steps[0]).isEqualTo(2);
        }
    }

    @Test
    void wrongUseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TiledSegmenter.of(model, OPTIONS.withProtocol(Protocol.PUBLISHED), 64, new StageTimes()))
                .withMessageContaining("published");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TiledSegmenter.of(model, OPTIONS, 15, new StageTimes()))
                .withMessageContaining("16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> segment(saved(rectangles(64, 64, 12)), OPTIONS, 64, Layout.STANDARD, 0.5));
        TiledSegmenter closed = TiledSegmenter.of(model, OPTIONS, 64, new StageTimes());
        closed.close();
        try (Raster raster = Raster.open(saved(rectangles(64, 64, 12)))) {
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> closed.segment(raster.view(), 100, 0, (rows, confidence) -> {}, (done, total) -> {}))
                    .withMessageContaining("closed");
        }
    }
}
