package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.spark.Photographs.Run;

/** Pictures of any size, a region at a time. */
class MosaicTest {
    private static final String MODEL = "kernels/reference/pipeline.safetensors";
    private static final int WIDTH = 310;
    private static final int HEIGHT = 270;

    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    @TempDir
    Path folder;

    private Path scenes;

    @BeforeEach
    void scene() throws IOException {
        scenes = Files.createDirectories(folder.resolve("scenes"));
        BufferedImage photograph = ImageIO.read(
                Photographs.write(folder.resolve("photograph.jpg"), 5).toFile());
        BufferedImage scene = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        scene.createGraphics().drawImage(photograph, 0, 0, WIDTH, HEIGHT, null);
        ImageIO.write(scene, "tiff", scenes.resolve("scene.tif").toFile());
    }

    private Run segment(Path out, Object... more) {
        return Run.job(Stream.concat(
                        Stream.of("segment", scenes, "-o", out, "-m", MODEL, "--tile", 64, "--size", 64),
                        Stream.of(more))
                .toArray());
    }

    private List<Row> rows(Path out) {
        return SPARK.session()
                .read()
                .parquet(out.toString())
                .orderBy("path", "y", "x")
                .collectAsList();
    }

    private int[] labels(Path out) throws IOException {
        int[] labels = new int[WIDTH * HEIGHT];
        java.util.Arrays.fill(labels, -1);
        for (Row row : rows(out)) {
            int width = row.<Integer>getAs("width");
            int height = row.<Integer>getAs("height");
            java.awt.image.Raster mask = ImageIO.read(new ByteArrayInputStream(row.<byte[]>getAs("mask")))
                    .getRaster();
            assertThat(mask.getWidth()).isEqualTo(width);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int at = (row.<Integer>getAs("y") + y) * WIDTH + row.<Integer>getAs("x") + x;
                    assertThat(labels[at]).isEqualTo(-1);
                    labels[at] = mask.getSample(x, y, 0);
                }
            }
        }
        return labels;
    }

    private int[] expected() {
        Path out = folder.resolve("expected");
        Run line = Run.commandLine(
                "segment", scenes, "-o", out, "-m", MODEL, "--tile", 64, "--size", 64, "--format", "png");
        assertThat(line.exitCode()).as(line.err()).isZero();
        try (Raster raster = Raster.openLabels(out.resolve("scene.tif"))) {
            double[] samples = raster.samples(new Region(0, 0, WIDTH, HEIGHT), 1)[0];
            return java.util.Arrays.stream(samples)
                    .mapToInt(sample -> (int) sample)
                    .toArray();
        }
    }

    @Test
    void aRegionWithAllOfThePictureHasTheLabelsOfTheCommandLine() throws IOException {
        Path out = folder.resolve("out");

        Run run = segment(out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("1 of 1 regions computed: ");
        assertThat(labels(out)).isEqualTo(expected());
    }

    @Test
    void regionsCoverThePictureAndAgreeWithTheWhole() throws IOException {
        Path out = folder.resolve("out");

        Run run = segment(out, "--region", 128);
        Run second = segment(out, "--region", 128);

        assertThat(run.out()).startsWith("9 of 9 regions computed: ");
        assertThat(second.out()).startsWith("0 of 9 regions computed, 9 were there: ");
        int[] labels = labels(out);
        int[] expected = expected();
        int same = 0;
        for (int i = 0; i < labels.length; i++) {
            assertThat(labels[i]).isNotNegative();
            same += labels[i] == expected[i] ? 1 : 0;
        }
        assertThat((double) same / labels.length).isGreaterThan(0.9);
    }

    @Test
    void aPictureThatIsNoTiffIsARowWithItsError() throws IOException {
        Photographs.write(scenes.resolve("photo.jpg"), 3);
        Path out = folder.resolve("out");

        Run run = segment(out);

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(rows(out)).hasSize(2);
        assertThat(rows(out).get(0).<String>getAs("error")).isNotNull();
        assertThat(run.err()).contains("photo.jpg");
    }
}
