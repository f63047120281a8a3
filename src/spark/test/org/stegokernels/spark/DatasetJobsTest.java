package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.spark.Photographs.Run;
import org.stegokernels.text.JsonReader;
import org.stegokernels.weights.Safetensors;

/** Jobs about all pictures of a dataset, with one task at a time: to the bit what the command line makes. */
class DatasetJobsTest {
    private static final String MODEL = "kernels/reference/pipeline.safetensors";

    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(1);

    @TempDir
    Path folder;

    private Path photos;

    @BeforeEach
    void photographs() throws IOException {
        photos = folder.resolve("photos");
        Photographs.writeAll(photos, 11);
    }

    private Object[] arguments(String command, Path out, Object... more) {
        return Stream.concat(
                        Stream.of(command, "--data", photos, "-o", out, "-m", MODEL, "--size", 64), Stream.of(more))
                .toArray();
    }

    private List<Row> rows(Path out) {
        return SPARK.session().read().parquet(out.toString()).orderBy("index").collectAsList();
    }

    private void assertNeighbours(Path expected, Path out) {
        try (Safetensors file = Safetensors.open(expected)) {
            float[] similarities = file.floats("similarities");
            List<Row> rows = rows(out);
            assertThat(rows).hasSize(11);
            for (int image = 0; image < 11; image++) {
                List<Float> found = rows.get(image).getList(3);
                for (int k = 0; k < 4; k++) {
                    assertThat(found.get(k)).isEqualTo(similarities[4 * image + k]);
                }
            }
        }
    }

    @Test
    void neighboursAreThoseOfTheCommandLine() {
        Path expected = folder.resolve("knn.safetensors");
        assertThat(Run.commandLine(arguments("knn", expected, "-k", 4, "--no-cache"))
                        .exitCode())
                .isZero();

        Path whole = folder.resolve("whole");
        assertThat(Run.job(arguments("knn", whole, "-k", 4)).exitCode()).isZero();
        Path blocks = folder.resolve("blocks");
        String[] args = Stream.of(arguments("knn", blocks, "-k", 4))
                .map(Object::toString)
                .toArray(String[]::new);
        Console console = new Console(System.out, System.err);
        assertThat(Main.run(args, console, List.of(new KnnJob(console, 3)))).isZero();

        assertNeighbours(expected, whole);
        assertThat(rows(blocks)).isEqualTo(rows(whole));
        assertThat(rows(whole))
                .allSatisfy(row -> assertThat(row.<Integer>getList(2).get(0)).isEqualTo(row.getInt(0)));
    }

    @Test
    void aPictureThatCannotBeUsedIsLeftOut() throws IOException {
        Files.writeString(photos.resolve("even/_P001.jpg"), "no picture");
        Path out = folder.resolve("knn");

        Run run = Run.job(arguments("knn", out, "-k", 4));

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("_P001.jpg: is not an image");
        assertThat(rows(out)).hasSize(11);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--method lloyd", "--method minibatch --batch 200", "--method lloyd --of raw --metric euclidean"
            })
    void clustersAreThoseOfTheCommandLine(String how) {
        Object[] options = Stream.concat(
                        Stream.of("-k", "5", "--patches", "500", "--seed", "3"), Arrays.stream(how.split(" ")))
                .toArray();
        Path expected = folder.resolve("expected.safetensors");
        Path out = folder.resolve("clusters.safetensors");
        Run line = Run.commandLine(
                Stream.concat(Arrays.stream(arguments("cluster", expected, options)), Stream.of("--no-cache"))
                        .toArray());
        assertThat(line.exitCode()).as(line.err()).isZero();

        Run job = Run.job(arguments("cluster", out, options));

        assertThat(job.exitCode()).as(job.err()).isZero();
        assertThat(Photographs.bytes(out)).isEqualTo(Photographs.bytes(expected));
        assertThat(job.out()).startsWith(line.out().substring(0, line.out().indexOf(": ")));
        assertThat(Run.job(arguments("cluster", out, options)).exitCode()).isEqualTo(2);
    }

    @Test
    void featuresAreThoseOfTheCommandLine() {
        Path expected = folder.resolve("expected");
        Run.commandLine("features", photos.resolve("odd"), "-o", expected, "-m", MODEL, "--size", 64);
        Path out = folder.resolve("features");

        Run run = Run.job("features", photos.resolve("odd"), "-o", out, "-m", MODEL, "--size", 64);

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<Row> rows =
                SPARK.session().read().parquet(out.toString()).orderBy("path").collectAsList();
        assertThat(rows).hasSize(5);
        try (Safetensors file = Safetensors.open(expected.resolve("_P001.safetensors"))) {
            float[] features = file.floats("features");
            List<Float> found = rows.get(0).getList(rows.get(0).fieldIndex("features"));
            assertThat(found).hasSize(features.length);
            for (int i = 0; i < features.length; i++) {
                assertThat(found.get(i)).isEqualTo(features[i]);
            }
        }
    }

    @Test
    void countsOfConfusionAreThoseOfTheCommandLine() throws IOException {
        Path data = folder.resolve("data");
        for (int i = 0; i < 5; i++) {
            Path image = Photographs.write(data.resolve("imgs/val/" + i + ".jpg"), i);
            RgbImage picture = ImageReader.read(image);
            byte[] labels = new byte[picture.pixels()];
            for (int pixel = 0; pixel < labels.length; pixel++) {
                labels[pixel] = (byte) (pixel / picture.width() * 6 / picture.height());
            }
            Path map = data.resolve("labels/val/" + i + ".png");
            Files.createDirectories(map.getParent());
            PalettePng.write(map, new LabelMap(picture.width(), picture.height(), labels), Palette.distinct(6));
        }
        Files.writeString(data.resolve("classes.txt"), "a 1 2 3\nb 4 5 6\nc 7 8 9\nd 1 1 1\ne 2 2 2\nf 3 3 3\n");
        Object[] arguments = {"eval", "--data", data, "-m", MODEL, "--size", 64, "--json"};

        Run job = Run.job(arguments);
        Run line = Run.commandLine(arguments);

        assertThat(job.exitCode()).as(job.err()).isZero();
        for (String probe : List.of("cluster", "linear")) {
            Map<?, ?> expected = (Map<?, ?>) ((Map<?, ?>) JsonReader.parse(line.out())).get(probe);
            Map<?, ?> actual = (Map<?, ?>) ((Map<?, ?>) JsonReader.parse(job.out())).get(probe);
            for (String metric : List.of("mIoU", "accuracy")) {
                assertThat(((Number) actual.get(metric)).doubleValue())
                        .isCloseTo(((Number) expected.get(metric)).doubleValue(), within(1e-6));
            }
        }

        Files.writeString(data.resolve("imgs/val/2.jpg"), "no picture");
        Run damaged = Run.job(arguments);
        assertThat(damaged.exitCode()).isEqualTo(5);
        assertThat(damaged.err()).contains("2.jpg: is not an image");
    }

    @Test
    void aModelTrainedOnFeaturesOfTheClusterHasTheBitsOfTheCommandLine() {
        Path out = folder.resolve("trained");
        Object[] settings = {"-m", MODEL, "--size", 64, "--classes", 4, "--steps", 3, "--set", "batch_size=4"};

        Run job = Run.job(Stream.concat(Stream.of("train", "--data", photos, "-o", out), Stream.of(settings))
                .toArray());
        assertThat(job.exitCode()).as(job.err()).isZero();
        Path expected = folder.resolve("expected");
        Run line = Run.commandLine(Stream.concat(
                        Stream.of(
                                "train",
                                "--data",
                                out.resolve("pictures"),
                                "-o",
                                expected,
                                "--cache",
                                folder.resolve("own")),
                        Stream.of(settings))
                .toArray());

        assertThat(line.exitCode()).as(line.err()).isZero();
        assertThat(Photographs.bytes(out.resolve("last.safetensors")))
                .isEqualTo(Photographs.bytes(expected.resolve("last.safetensors")));
        assertThat(job.err()).contains("11 of 11 pictures");
    }
}
