package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.spark.Photographs.Run;

class SegmentJobTest {
    /** A STEGO model with six classes; patches of 8 pixels. */
    private static final String MODEL = "kernels/reference/pipeline.safetensors";

    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    @TempDir
    Path folder;

    private Path photos;
    private Path out;

    @BeforeEach
    void folders() throws IOException {
        photos = folder.resolve("photos");
        out = folder.resolve("out");
        Photographs.writeAll(photos, 5);
    }

    private Run segment(Object... more) {
        return Run.job(
                Stream.concat(Stream.of("segment", photos, "-o", out, "-m", MODEL, "--size", 64), Stream.of(more))
                        .toArray());
    }

    private List<Row> rows() {
        return SPARK.session()
                .read()
                .parquet(out.toString())
                .orderBy("path", "modificationTime")
                .collectAsList();
    }

    @Test
    void aPictureThatChangesGetsAnotherRowAndNoOtherIsComputed() throws IOException {
        assertThat(segment().exitCode()).isZero();
        Photographs.write(photos.resolve("odd/_P001.jpg"), 99);
        Files.setLastModifiedTime(photos.resolve("odd/_P001.jpg"), FileTime.fromMillis(1_000_000_000_000L));

        Run second = segment();

        assertThat(second.out()).startsWith("1 of 5 pictures computed, 4 were there: ");
        assertThat(rows()).hasSize(6);
    }

    @Test
    void otherSettingsAreOtherResults() {
        segment();

        Run second = segment("--no-crf");

        assertThat(second.out()).startsWith("5 of 5 pictures computed: ");
        assertThat(rows().stream().map(row -> row.<String>getAs("modelKey")).distinct())
                .hasSize(2);
    }

    @Test
    void looseFilesAreThoseOfTheCommandLine() throws IOException {
        Photographs.write(photos.resolve("odd/_P001.jpeg"), 50);
        Path files = folder.resolve("files");
        Run.commandLine(
                "segment", photos, "-o", folder.resolve("expected"), "-m", MODEL, "--size", 64, "--format", "png");

        segment("--export-files", files);
        FileTime first = Files.getLastModifiedTime(files.resolve("odd/_P001.png"));
        Run second = segment("--export-files", files);

        assertThat(second.exitCode()).isZero();
        assertThat(Files.getLastModifiedTime(files.resolve("odd/_P001.png"))).isEqualTo(first);
        try (Stream<Path> written = Files.walk(files)) {
            List<String> names = written.filter(Files::isRegularFile)
                    .map(file -> files.relativize(file).toString())
                    .sorted()
                    .toList();
            assertThat(names)
                    .containsExactly(
                            "even/_P000.png",
                            "even/_P002.png",
                            "even/_P004.png",
                            "odd/_P001-2.png",
                            "odd/_P001.png",
                            "odd/_P003.png");
            assertThat(names)
                    .allSatisfy(name -> assertThat(Photographs.bytes(files.resolve(name)))
                            .isEqualTo(
                                    Photographs.bytes(folder.resolve("expected").resolve(name))));
        }
    }

    @Test
    void rowsTellSharesOfTheClassesThatAreThere() {
        segment();

        Row row = rows().get(0);

        List<Row> shares = row.getList(row.fieldIndex("shares"));
        assertThat(shares).isNotEmpty();
        assertThat(shares.stream().mapToDouble(share -> share.getDouble(2)).sum())
                .isCloseTo(1, org.assertj.core.api.Assertions.within(1e-9));
    }

    @Test
    void aFolderWithOtherThingsIsRefused() throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("diary.txt"), "dear diary");

        Run run = segment();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("diary.txt");
    }

    @Test
    void anInputThatIsNotThereFailsAlone() {
        Run run = segment(folder.resolve("nothing"));

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("nothing: there is no such file or folder");
        assertThat(run.out()).startsWith("5 of 5 pictures computed, 1 failed: ");
    }

    @Test
    void noModelIsSaidBeforeAnythingIsComputed() throws IOException {
        Run run = segment("-m", folder.resolve("no.safetensors"));

        assertThat(run.exitCode()).isEqualTo(2);
        Run other = Run.job("segment", photos, "-o", out, "-m", folder.resolve("no.safetensors"));
        assertThat(other.exitCode()).isEqualTo(3);
        assertThat(other.err()).contains("there is no such file");
        assertThat(out).doesNotExist();
    }

    @Test
    void aDeviceThatIsNotThereHasItsExitCode() {
        Run run = segment("--device", "opencl:17");

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("opencl:17");
    }
}
