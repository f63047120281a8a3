package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Datasets;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.JsonReader;
import org.stegokernels.weights.Safetensors;

/** {@code crop}, {@code knn} and {@code cluster}. */
class DatasetCommandsTest {
    /** A STEGO model with a head; patches of 8 pixels. */
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    /** A vision transformer alone; patches of 8 pixels. */
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void dataset() throws IOException {
        data = Datasets.directory(folder.resolve("data"), "train", 5, 60, 48);
        out = folder.resolve("out.safetensors");
    }

    private CommandLineRun run(String command, Path model, Object... arguments) {
        List<Object> all = new ArrayList<>(
                List.of(command, "--data", data, "--out", out, "--model", model, "--size", 32, "--device", "cpu"));
        if (!List.of(arguments).contains("--cache")) {
            all.add("--no-cache");
        }
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    @Test
    void knnWritesAGraphWithNamesAndAPicture() throws IOException {
        Files.copy(data.resolve("imgs/train/a3.png"), data.resolve("imgs/train/b.png"));
        Files.copy(data.resolve("labels/train/a3.png"), data.resolve("labels/train/b.png"));
        Path sheet = folder.resolve("sheet.png");
        CommandLineRun run = run("knn", BACKBONE, "-k", 3, "--sheet", sheet, "--rows", 2);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("3 neighbours of each of 6 images");
        try (Safetensors graph = Safetensors.open(out)) {
            assertThat(graph.entry("indices").shape()).isEqualTo(Shape.of(6, 3));
            int[] indices = graph.ints("indices");
            // a3 and b are the same picture.
            assertThat(Arrays.copyOfRange(indices, 3 * 3, 3 * 3 + 2)).containsExactly(3, 5);
            assertThat(Arrays.copyOfRange(indices, 3 * 5, 3 * 5 + 2)).containsExactly(5, 3);
            assertThat(graph.floats("similarities")[3 * 5 + 1]).isGreaterThan(0.99999f);
            assertThat(new String(graph.bytes("ids"), StandardCharsets.UTF_8)).isEqualTo("a0\na1\na2\na3\na4\nb");
        }
        RgbImage picture = ImageReader.read(sheet);
        assertThat(picture.width()).isEqualTo(3 * 100 + 16);
        assertThat(picture.height()).isEqualTo(2 * 100 + 4);
    }

    @Test
    void fewerImagesThanNeighboursIsAUsageError() {
        CommandLineRun run = run("knn", BACKBONE, "-k", 30);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--neighbours 30 can't be found among 5 images: give more images");
        assertThat(run("knn", BACKBONE).out()).contains("5 neighbours of each of 5 images");
    }

    @Test
    void featuresAreKeptForTheNextRun() throws IOException {
        Path cache = Files.createDirectory(folder.resolve("cache"));
        assertThat(run("knn", BACKBONE, "--cache", cache).exitCode()).isEqualTo(ExitCode.DONE);
        Path file = only(cache);
        FileTime made = Files.getLastModifiedTime(file);
        out = folder.resolve("clusters.safetensors");
        assertThat(run("cluster", BACKBONE, "--cache", cache, "-k", 2).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(only(cache)).isEqualTo(file);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(made);
        CommandLineRun both = run("knn", BACKBONE, "--cache", cache, "--no-cache");
        assertThat(both.exitCode()).isEqualTo(ExitCode.USAGE);
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    @Test
    void badDatasetsAreExplained() throws IOException {
        assertThat(CommandLineRun.of("knn", "--data", folder.resolve("none"), "-m", BACKBONE, "-o", out)
                        .err())
                .contains("there is no such folder");
        assertThat(run("knn", BACKBONE, "--split", "test").err()).contains("choose one of train");
        assertThat(CommandLineRun.of("knn", "--data", data, "-m", BACKBONE, "-o", out, "--size", 33)
                        .err())
                .contains("whole patches of 8 pixels");
        Files.writeString(data.resolve("imgs/train/a2.png"), "not an image");
        CommandLineRun run = run("knn", BACKBONE);
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("1 of 5 images can't be used").contains("a2.png: is not an image");
        assertThat(out).doesNotExist();
    }

    @Test
    void clustersOfFeaturesAndOfCodesAreModelsForSegment() throws IOException {
        for (Path model : List.of(BACKBONE, MODEL)) {
            for (String method : List.of("minibatch", "lloyd")) {
                CommandLineRun run = run("cluster", model, "-k", 3, "--method", method);
                assertThat(run.err()).isEmpty();
                assertThat(run.out()).contains("3 clusters of 80 patches");
                try (Safetensors file = Safetensors.open(out)) {
                    assertThat(file.has("cluster1.0.weight")).isEqualTo(model == MODEL);
                    assertThat(file.entry("cluster_probe.clusters").shape().dim(0))
                            .isEqualTo(3);
                }
                Path masks = folder.resolve("masks");
                CommandLineRun segment = CommandLineRun.of(
                        "segment", data.resolve("imgs"), "-m", out, "-o", masks, "--size", 32, "--device", "cpu");
                assertThat(segment.err()).isEmpty();
                assertThat(segment.exitCode()).isEqualTo(ExitCode.DONE);
                assertThat(segment.out()).contains("cluster 0").doesNotContain("class 0");
            }
        }
        assertThat(run("cluster", BACKBONE, "-k", 3, "--of", "code").err()).contains("has no head");
        assertThat(run("cluster", BACKBONE, "-k", 200).err())
                .contains("--clusters 200")
                .contains("80");
    }

    @Test
    void aNumberOfClustersIsSuggestedWithItsReasons() throws IOException {
        Path report = folder.resolve("clusters.html");
        CommandLineRun run = run("cluster", MODEL, "--suggest", "--method", "lloyd", "--report", report);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        // Eighty patches are enough for eight clusters.
        Matcher said = Pattern.compile("(?m)^(\\d) clusters: the widest eigengap .* of those \\d numbers from 5 to 8")
                .matcher(run.out());
        assertThat(said.find()).as(run.out()).isTrue();
        int clusters = Integer.parseInt(said.group(1));
        assertThat(run.out().lines().filter(line -> line.endsWith("<- suggested")))
                .singleElement()
                .asString()
                .startsWith("       " + clusters);
        try (Safetensors file = Safetensors.open(out)) {
            assertThat(file.entry("cluster_probe.clusters").shape().dim(0)).isEqualTo(clusters);
        }
        String html = Files.readString(report);
        assertThat(html).contains("How many classes", clusters + " clusters of data-train", "suggested</th>");
        assertThat(html).contains("alt=\"Typical patch 1 of cluster " + (clusters - 1) + "\"");

        CommandLineRun json = run("cluster", MODEL, "--suggest", "--method", "lloyd", "--json");
        Map<?, ?> told = (Map<?, ?>) JsonReader.parse(json.out());
        assertThat(((Map<?, ?>) told.get("suggestion")).get("clusters")).isEqualTo(clusters);
        // The survey of the report is of all eighty patches, as the clusters are.
        for (Object count : (List<?>) told.get("counts")) {
            assertThat(html).contains(String.format(Locale.ROOT, "%.1f %% of the patches", (int) count / 0.8));
        }
        assertThat((List<?>) told.get("counts")).hasSize(clusters);
    }

    @Test
    void aSuggestionNeedsNoFileAndCosines() {
        Object[] shared = {"cluster", "-d", data, "-m", BACKBONE, "--size", 32, "--no-cache", "--device", "cpu"};
        assertThat(CommandLineRun.of(with(shared, "--suggest")).out()).contains("<- suggested");
        assertThat(CommandLineRun.of(with(shared, "-k", 3)).err()).contains("add --out FILE");
        assertThat(CommandLineRun.of(with(shared, "-k", 3, "--suggest")).exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of(with(shared, "-o", out)).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of(with(shared, "--suggest", "--metric", "euclidean"))
                        .err())
                .contains("--suggest and --report compare patches by the cosine");
        assertThat(CommandLineRun.of(with(shared, "--suggest", "--patches", 49)).err())
                .contains("--suggest: no number of clusters shows itself among 49 patches, 50 are the least");
        assertThat(out).doesNotExist();
    }

    private static Object[] with(Object[] arguments, Object... more) {
        return Stream.of(arguments, more).flatMap(Stream::of).toArray();
    }

    @Test
    void euclideanClustersAreCentersAlone() {
        CommandLineRun run = run("cluster", BACKBONE, "-k", 3, "--metric", "euclidean");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        try (Safetensors file = Safetensors.open(out)) {
            assertThat(file.names()).containsExactlyInAnyOrder("centers", "counts");
            assertThat(Arrays.stream(file.ints("counts")).sum()).isEqualTo(80);
        }
    }

    @Test
    void cropsAreADatasetOfTheirOwnAndAreMadeOnce() throws IOException {
        Path crops = folder.resolve("crops");
        CommandLineRun run = CommandLineRun.of("crop", "--data", data, "-o", crops);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("25 crops of 5 images");
        Dataset made = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, crops, "train"));
        assertThat(made.size()).isEqualTo(25);
        assertThat(made.classes().names()).containsExactly("Sky", "Road", "Pole");
        assertThat(made.image(4).width()).isEqualTo(30);
        assertThat(made.labels(4).label(0, 0)).isEqualTo(15 % 3);

        Path first = crops.resolve("imgs/train/a0-0.png");
        Path second = crops.resolve("imgs/train/a0-1.png");
        Files.setLastModifiedTime(first, FileTime.fromMillis(1000));
        Files.delete(second);
        assertThat(CommandLineRun.of("crop", "--data", data, "-o", crops).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(Files.getLastModifiedTime(first).toMillis()).isEqualTo(1000);
        assertThat(second).exists();

        assertThat(CommandLineRun.of("crop", "--data", data, "-o", crops, "--crop-ratio", "0.25")
                        .exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(made.image(0).width()).isEqualTo(15);
    }

    @Test
    void filesThatLookLikeImagesAreNotLeftOutInSilence() throws IOException {
        Files.writeString(data.resolve("imgs/train/b.heic"), "x");
        String line = "1 file that looks like an image (HEIC) was left out: b.heic";
        for (CommandLineRun run : List.of(
                run("knn", BACKBONE),
                CommandLineRun.of("crop", "--data", data, "-o", folder.resolve("crops")),
                CommandLineRun.of(
                        "cluster",
                        "--data",
                        data.resolve("imgs"),
                        "-m",
                        BACKBONE,
                        "--size",
                        32,
                        "--no-cache",
                        "-k",
                        2,
                        "-o",
                        folder.resolve("c.safetensors")))) {
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
            assertThat(run.err())
                    .containsAnyOf(line, "was left out: train/b.heic")
                    .hasLineCount(1);
        }
        assertThat(out).exists();
        Path only = folder.resolve("only");
        Files.createDirectories(only.resolve("imgs/train"));
        Files.writeString(only.resolve("imgs/train/b.heic"), "x");
        CommandLineRun run =
                CommandLineRun.of("crop", "--data", only, "--layout", "directory", "-o", folder.resolve("n"));
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(line);
    }

    private static void assertKept(Path precious, Supplier<CommandLineRun> command) throws IOException {
        Files.createDirectories(precious.getParent());
        Files.writeString(precious, "precious");
        CommandLineRun run = command.get();
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("a result would overwrite the").contains(precious.toString());
        assertThat(precious).hasContent("precious");
        Files.delete(precious);
    }

    @Test
    void filesOfOthersAreNotReplaced() throws IOException {
        Path sheet = folder.resolve("sheet.png");
        assertKept(out, () -> run("knn", BACKBONE));
        assertKept(out, () -> run("cluster", BACKBONE, "-k", 2));
        assertKept(sheet, () -> run("knn", BACKBONE, "--sheet", sheet));
        Path crops = folder.resolve("crops");
        for (String name : List.of("imgs/train/a1-3.png", "labels/train/a1-3.png", "classes.txt")) {
            assertKept(crops.resolve(name), () -> CommandLineRun.of("crop", "--data", data, "-o", crops));
        }
    }

    @Test
    void cropDoesNotFollowALinkOutOfItsFolder() throws IOException {
        Datasets.write(data.resolve("imgs/train/sub/a0.png"), Datasets.image(60, 48, 9));
        Datasets.write(data.resolve("labels/train/sub/a0.png"), Datasets.columns(60, 48, 3));
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path precious = Files.writeString(elsewhere.resolve("a0-0.png"), "kept");
        Path crops = folder.resolve("crops");
        Files.createDirectories(crops.resolve("imgs/train"));
        Files.createSymbolicLink(crops.resolve("imgs/train/sub"), elsewhere);
        CommandLineRun run = CommandLineRun.of("crop", "--data", data, "-o", crops);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err())
                .contains("the name \"sub/a0-0.png\" leads out of the folder " + crops.resolve("imgs/train"));
        assertThat(run.out()).contains("25 crops of 6 images, 5 crops failed");
        assertThat(precious).hasContent("kept");
        assertThat(elsewhere.toFile().list()).containsExactly("a0-0.png");
    }

    @Test
    void cropRefusesItsOwnDatasetAndGoesOnAfterABadImage() throws IOException {
        assertThat(CommandLineRun.of("crop", "--data", data, "-o", data.resolve("imgs/five"))
                        .err())
                .contains("lies in the dataset itself");
        assertThat(CommandLineRun.of("crop", "--data", data, "-o", folder.resolve("c"), "--crop-ratio", "2")
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
        Files.writeString(data.resolve("imgs/train/a2.png"), "not an image");
        CommandLineRun run = CommandLineRun.of("crop", "--data", data, "-o", folder.resolve("c"));
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.out()).contains("20 crops of 5 images, 5 crops failed");
        assertThat(folder.resolve("c/imgs/train/a4-4.png")).exists();
    }
}
