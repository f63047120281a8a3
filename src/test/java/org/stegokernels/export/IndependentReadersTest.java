package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.AtomicFile;

/** Every pixel that an exporter writes, read by Python with Pillow and NumPy, which know nothing of this program. */
class IndependentReadersTest {
    private static final String PYTHON = "/usr/bin/python3";
    private static final int WIDTH = 60;
    private static final int HEIGHT = 40;
    /** Noise touches itself in every way: holes, holes in holes, corners; a name has a folder and a space. */
    private static final List<Picture> PICTURES = List.of(
            picture("first one", Masks.noise(WIDTH, HEIGHT, 3, 0.1, 1)),
            picture("folder/second", Masks.patches(WIDTH, HEIGHT, 3, 15, 2)));

    private static final Settings SETTINGS = Settings.of(List.of(
                    new Category(0, "road", 0xC80000),
                    new Category(1, "sky", 0x00C800),
                    new Category(2, "car", 0x0000C8)))
            .withTolerance(0)
            .withCutout(1);

    @TempDir
    Path folder;

    @BeforeAll
    static void pythonIsThere() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of(PYTHON))
                        && new ProcessBuilder(PYTHON, "-c", "import PIL, numpy")
                                        .start()
                                        .waitFor()
                                == 0,
                "no independent reader here: " + PYTHON
                        + " with PIL and numpy (Debian's python3-pil and python3-numpy)");
    }

    private static Picture picture(String name, LabelMap labels) {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        float[] confidence = new float[WIDTH * HEIGHT];
        Random random = new Random(3);
        random.nextBytes(rgb);
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] = random.nextFloat();
        }
        return new Picture(name, name + ".jpg", labels)
                .withPhotograph(new RgbImage(WIDTH, HEIGHT, rgb))
                .withConfidence(confidence);
    }

    private void write(Format format) throws IOException {
        try (ExportFormat export = format.open(folder, AtomicFile::write, SETTINGS)) {
            for (Picture picture : PICTURES) {
                export.add(picture);
            }
            export.finish();
        }
    }

    private byte[] read(Format format, Picture picture) throws Exception {
        Path script = folder.resolve("read.py");
        try (InputStream source = getClass().getResourceAsStream("read.py")) {
            Files.write(script, source.readAllBytes());
        }
        Process python = new ProcessBuilder(
                        PYTHON, script.toString(), format.title(), folder.toString(), picture.name())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        byte[] pixels = python.getInputStream().readAllBytes();
        assertThat(python.waitFor())
                .as(Files.readString(folder.resolve("errors")))
                .isZero();
        return pixels;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"png", "ids", "color", "npy", "coco", "coco-polygons", "yolo", "geojson", "labelstudio", "cvat"})
    void everyFormatHasTheClassOfEveryPixel(String title) throws Exception {
        Format format = Format.of(title);
        write(format);
        for (Picture picture : PICTURES) {
            assertThat(read(format, picture)).isEqualTo(picture.labels().labels());
        }
    }

    @Test
    void instancesAreNumbersFromOne() throws Exception {
        write(Format.INSTANCES);
        for (Picture picture : PICTURES) {
            byte[] numbers = read(Format.INSTANCES, picture);
            for (int i = 0; i < WIDTH * HEIGHT; i++) {
                assertThat(little(numbers, i)).isEqualTo(picture.objects().object(i % WIDTH, i / WIDTH) + 1);
            }
        }
    }

    @Test
    void confidenceIsASixteenBitShare() throws Exception {
        write(Format.CONFIDENCE);
        byte[] values = read(Format.CONFIDENCE, PICTURES.get(0));
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            float expected = PICTURES.get(0).confidence()[i];
            assertThat(Math.abs(little(values, i) / 65535.0 - expected)).isLessThan(0.51 / 65535);
        }
    }

    @Test
    void aCutoutShowsThePhotographWhereTheClassIs() throws Exception {
        write(Format.CUTOUT);
        Picture picture = PICTURES.get(0);
        byte[] rgba = read(Format.CUTOUT, picture);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            boolean shown = picture.labels().labels()[i] == 1;
            assertThat(rgba[4 * i + 3]).isEqualTo((byte) (shown ? 255 : 0));
            for (int channel = 0; channel < 3; channel++) {
                assertThat(rgba[4 * i + channel])
                        .isEqualTo(shown ? picture.photograph().rgb()[3 * i + channel] : (byte) 0);
            }
        }
    }

    @Test
    void cityscapesHasItsOwnIds() throws Exception {
        write(Format.CITYSCAPES);
        byte[] ids = read(Format.CITYSCAPES, PICTURES.get(0));
        byte[] published = new byte[256];
        published[0] = 7;
        published[1] = 23;
        published[2] = 26;
        for (int i = 0; i < ids.length; i++) {
            assertThat(ids[i]).isEqualTo(published[PICTURES.get(0).labels().labels()[i] & 0xFF]);
        }
    }

    private static int little(byte[] values, int index) {
        return values[2 * index] & 0xFF | (values[2 * index + 1] & 0xFF) << 8;
    }
}
