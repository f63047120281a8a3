package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/** {@code describe}. */
class DescribeCommandTest {
    /** Six clusters, and a linear probe of six classes. */
    private static final Path PROBES = Path.of("kernels/reference/pipeline.safetensors");

    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    /** A model of three clusters and nothing else. */
    private Path clusters() throws IOException {
        Path file = folder.resolve("clusters.safetensors");
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego backbone = Stego.load(BACKBONE, device)) {
            int width = backbone.codeWidth();
            float[] values = new float[3 * width];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i);
            }
            HostTensor clusters = new HostTensor(Shape.of(3, width), values);
            AtomicFile.write(file, ModelFile.withClusters(backbone, clusters, false, 64)::writeTo);
        }
        return file;
    }

    private Path names(String text) throws IOException {
        return Files.writeString(folder.resolve("names.txt"), text);
    }

    @Test
    void tellsWhatAModelIsMadeOf() {
        CommandLineRun run = CommandLineRun.of("describe", PROBES);
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("2 blocks, 64 channels, 4 heads, patches of 8 pixels, positions for 8 x 8")
                .contains("head      24 channels")
                .contains("clusters  6")
                .contains("licence   not given");
    }

    /** A size that was not given is no usage error. */
    @Test
    void aModelsOwnSizeThatIsNotInWholePatchesIsTheModelsFault() throws IOException {
        Path model = folder.resolve("size60.safetensors");
        Path photographs = Files.createDirectories(folder.resolve("photographs"));
        Pictures.png(photographs.resolve("a.png"), 80, 64);
        Pictures.png(photographs.resolve("b.png"), 80, 64);
        CommandLineRun.of("describe", PROBES, "--size", 60, "--out", model);
        Path masks = folder.resolve("masks");
        Path clusters = folder.resolve("clusters.safetensors");
        for (CommandLineRun run : List.of(
                CommandLineRun.of("segment", photographs, "-m", model, "--protocol", "published", "-o", masks),
                CommandLineRun.of(
                        "cluster", "--data", photographs, "-m", model, "-k", 2, "--no-cache", "-o", clusters))) {
            assertThat(run.err()).contains(model.toString(), "\"input_size\" is 60", "whole patches of 8 pixels");
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
        }
    }

    @Test
    void outputsOfALinearProbeAreMergedWhereThereAreNoClusters() throws IOException {
        Path linear = folder.resolve("linear.safetensors");
        Path merged = folder.resolve("merged.safetensors");
        try (Safetensors probes = Safetensors.open(PROBES)) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(probes);
            tensors.remove("cluster_probe.clusters");
            SafetensorsWriter.writeTyped(linear, tensors, Map.of("num_heads", "4"));
        }
        CommandLineRun run = CommandLineRun.of("describe", linear, "--merge", "1,4=both", "-o", merged);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("outputs   6", "both: outputs 1 4");
        Path photo = Pictures.png(folder.resolve("a.png"), 96, 64);
        Path masks = folder.resolve("masks");
        assertThat(CommandLineRun.of("segment", photo, "-m", merged, "-o", masks)
                        .exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(Files.readString(masks.resolve("summary.json"))).contains("\"both\"", "\"linear\"");
    }

    @Test
    void aFileOfSomebodyElseIsNotReplaced() throws IOException {
        Path out = Files.writeString(folder.resolve("out.safetensors"), "precious");
        CommandLineRun run = CommandLineRun.of("describe", PROBES, "--size", 48, "-o", out);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("a result would overwrite the file " + out);
        assertThat(out).hasContent("precious");
    }

    @Test
    void clustersOfOneNameBecomeOneClass() throws IOException {
        Path model = clusters();
        Path out = folder.resolve("named.safetensors");
        CommandLineRun run = CommandLineRun.of(
                "describe",
                model,
                "--classes",
                names("sky 1 2 3\nground 4 5 6\nsky 7 8 9\n"),
                "--size",
                48,
                "--source",
                "here",
                "--licence",
                "CC0",
                "--out",
                out);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("class 0   sky: clusters 0 2").contains("class 1   ground: clusters 1");
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego named = Stego.load(out, device);
                Safetensors before = Safetensors.open(model);
                Safetensors after = Safetensors.open(out)) {
            ModelInfo info = named.info();
            assertThat(info.classNames()).containsExactly("sky", "ground");
            assertThat(info.colours()).isEqualTo(List.of(0x010203, 0x040506));
            assertThat(named.clusterToClass()).containsExactly(0, 1, 0);
            assertThat(info.settings().inputSize()).isEqualTo(48);
            assertThat(info.settings().source()).isEqualTo("here");
            assertThat(info.settings().licence()).isEqualTo("CC0");
            assertThat(after.floats("cluster_probe.clusters")).isEqualTo(before.floats("cluster_probe.clusters"));
        }
    }

    @Test
    void aLineTooFewIsAUsageErrorAndNothingIsWritten() throws IOException {
        Path out = folder.resolve("named.safetensors");
        CommandLineRun run =
                CommandLineRun.of("describe", clusters(), "--classes", names("sky\nground\n"), "--out", out);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("lists 2 classes").contains("has 3 clusters");
        assertThat(out).doesNotExist();
    }

    @Test
    void classesMustFitTheLinearProbe() throws IOException {
        Path out = folder.resolve("named.safetensors");
        CommandLineRun run =
                CommandLineRun.of("describe", PROBES, "--classes", names("a\na\nb\nb\nc\nc\n"), "--out", out);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("linear probe");
        assertThat(out).doesNotExist();
    }

    @Test
    void aChangeWithoutAFileIsAUsageError() {
        CommandLineRun run = CommandLineRun.of("describe", PROBES, "--size", 64);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--out");
    }

    /** The three clusters have no names; after the change there are two classes, in the old order. */
    @Test
    void classesAreNamedMergedAndColouredByTheirNumbers() throws IOException {
        Path out = folder.resolve("named.safetensors");
        CommandLineRun run = CommandLineRun.of(
                "describe",
                clusters(),
                "--merge",
                "0,2=road",
                "--name",
                "1=open sky",
                "--color",
                "2=#808080",
                "--color",
                "cluster 1=#0000ff",
                "-o",
                out);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("class 0   road: clusters 0 2").contains("class 1   open sky: clusters 1");
        CommandLineRun again =
                CommandLineRun.of("describe", out, "--name", "road=way", "-o", folder.resolve("again.safetensors"));
        assertThat(again.out()).contains("class 0   way: clusters 0 2").contains("class 1   open sky: clusters 1");
        try (Safetensors file = Safetensors.open(folder.resolve("again.safetensors"))) {
            ModelInfo info = ModelInfo.of(file);
            assertThat(info.colours()).containsExactly(0x808080, 0x0000ff);
            assertThat(info.clusterToClass()).containsExactly(0, 1, 0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--name|7=road|no class is called '7'",
                "--name|0=cluster 1|two classes would be called 'cluster 1'",
                "--name|0=|class 0 needs a name",
                "--color|0=red|#808080",
                "--merge|0,nothing=a|no class is called 'nothing'",
                "--merge|0,0=a|merged with others twice"
            })
    void aWrongChangeOfClassesIsAUsageErrorAndNothingIsWritten(String option, String value, String said)
            throws IOException {
        Path out = folder.resolve("named.safetensors");
        CommandLineRun run = CommandLineRun.of("describe", clusters(), option, value, "-o", out);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(said);
        assertThat(out).doesNotExist();
    }
}
