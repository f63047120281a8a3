package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.spark.Photographs.Run;

/** Jobs as they are meant to run: by spark-submit, from the jar, on executors that can be lost. */
class ExecutorsTest {
    private static final int GOOD = 197;
    private static final String[] SETTINGS = {"-m", "demo", "--size", "64", "--device", "cpu"};

    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    @TempDir
    Path folder;

    private static Object[] arguments(Path photos, Path out, String... more) {
        return Stream.of(Stream.of("segment", photos, "-o", out), Stream.of(SETTINGS), Stream.of(more))
                .flatMap(each -> each)
                .toArray();
    }

    @Test
    void twoHundredPicturesSurviveTheLossOfAnExecutor() throws IOException, InterruptedException {
        Path photos = folder.resolve("photos");
        Path out = folder.resolve("out");
        Path expected = folder.resolve("expected");
        Photographs.writeAll(photos, GOOD);
        Photographs.writeDamaged(photos.resolve("damaged"));

        try (ClusterRun run = ClusterRun.start(folder, arguments(photos, out))) {
            run.killAnExecutorOnceThereAreResults(out);
            assertThat(run.exitCode()).as(run.log()).isEqualTo(5);
            assertThat(run.log()).contains("ExecutorLostFailure");
            assertThat(run.out()).startsWith("200 of 200 pictures computed, 3 failed: ");
        }

        Run.commandLine(arguments(photos, expected, "--format", "png", "--no-index"));
        List<Row> rows = rows(out);
        assertThat(rows).hasSize(GOOD + 3).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
        assertThat(rows).filteredOn(row -> row.getString(2) != null).hasSize(3);
        assertThat(rows)
                .filteredOn(row -> row.getString(2) == null)
                .hasSize(GOOD)
                .allSatisfy(row -> assertThat(row.<byte[]>getAs(1))
                        .as(row.getString(0))
                        .isEqualTo(Photographs.bytes(mask(row.getString(0), photos, expected))));

        try (ClusterRun again = ClusterRun.startLocal(folder, arguments(photos, out))) {
            assertThat(again.exitCode()).as(again.log()).isEqualTo(5);
            assertThat(again.out()).startsWith("0 of 200 pictures computed, 200 were there, 3 failed: ");
        }
        assertThat(rows(out)).hasSize(GOOD + 3);
    }

    private static List<Row> rows(Path out) {
        return SPARK.session()
                .read()
                .parquet(out.toString())
                .select("path", "mask", "error")
                .collectAsList();
    }

    /** Returns the file that the command line writes. */
    private static Path mask(String path, Path photos, Path expected) {
        Path photo = Path.of(URI.create(path.replaceFirst("^file:/+", "file:///")));
        Path below = photos.relativize(photo);
        return expected.resolve(ImageFolder.withoutExtension(below) + ".png");
    }

    @Test
    void aJobThatIsKilledGoesOnAfterwards() throws IOException, InterruptedException {
        Path photos = folder.resolve("photos");
        Path out = folder.resolve("out");
        Photographs.writeAll(photos, 60);
        try (ClusterRun run = ClusterRun.start(folder, arguments(photos, out))) {
            run.killAnExecutorOnceThereAreResults(out);
        }
        assertThat(Files.isDirectory(out.resolve("_temporary"))).isTrue();
        int there = rows(out).size();

        assertThat(there).isBetween(1, 59);
        try (ClusterRun second = ClusterRun.startLocal(folder, arguments(photos, out))) {
            assertThat(second.exitCode()).as(second.log()).isZero();
            assertThat(second.out()).startsWith((60 - there) + " of 60 pictures computed, " + there + " were there: ");
        }
        assertThat(rows(out)).hasSize(60).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
        assertThat(out.resolve("_temporary")).doesNotExist();
    }

    @Test
    void clustersDependOnTheirPartsAlone() throws IOException, InterruptedException {
        Path photos = folder.resolve("photos");
        Photographs.writeAll(photos, 12);
        Path model = Path.of("kernels/reference/pipeline.safetensors").toAbsolutePath();
        Object[] cluster = {
            "cluster", "--data", photos, "-m", model, "--size", 64, "-k", 5, "--method", "lloyd", "--parts", 3, "-o"
        };

        Run here = Run.job(Stream.concat(Stream.of(cluster), Stream.of(folder.resolve("here.safetensors")))
                .toArray());
        assertThat(here.exitCode()).as(here.err()).isZero();
        try (ClusterRun there = ClusterRun.start(
                folder,
                Stream.concat(Stream.of(cluster), Stream.of(folder.resolve("there.safetensors")))
                        .toArray())) {
            assertThat(there.exitCode()).as(there.log()).isZero();
        }

        assertThat(Photographs.bytes(folder.resolve("there.safetensors")))
                .isEqualTo(Photographs.bytes(folder.resolve("here.safetensors")));
    }

    @Test
    void aTaskTakesTheGpuWhoseAddressSparkGivesIt() throws IOException, InterruptedException {
        Path photos = folder.resolve("photos");
        Photographs.writeAll(photos, 2);
        Path script = Files.writeString(
                folder.resolve("gpus.sh"), "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"47\"]}'\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        List<String> settings = List.of(
                "spark.master=local-cluster[1,1,1024]",
                "spark.task.maxFailures=1",
                "spark.worker.resource.gpu.amount=1",
                "spark.worker.resource.gpu.discoveryScript=" + script,
                "spark.executor.resource.gpu.amount=1",
                "spark.task.resource.gpu.amount=1");

        try (ClusterRun run = ClusterRun.start(folder, settings, "segment", photos, "-o", folder.resolve("out"))) {
            assertThat(run.exitCode()).as(run.log()).isEqualTo(4);
            assertThat(run.log()).contains("error: no device \"opencl:47\"");
        }
    }
}
