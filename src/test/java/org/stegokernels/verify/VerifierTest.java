package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.FaultyDevice;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.verify.Verifier.Report.Result.Status;
import org.stegokernels.weights.TypedTensor;

class VerifierTest {
    private static final Devices.Choice CPU = Devices.choose("cpu");

    @TempDir
    private Path folder;

    private static Report verify(Devices.Choice choice, Verifier.Options options) {
        return Verifier.verify(choice, 0, options, result -> {});
    }

    private static Report verify(Device device, Verifier.Options options) {
        return Verifier.verify(device, options, result -> {});
    }

    private static List<String> names(Report report, Status status) {
        return report.results().stream()
                .filter(result -> result.status() == status)
                .map(Report.Result::name)
                .toList();
    }

    private static List<String> failures(Report report) {
        return report.results().stream()
                .filter(result -> result.status() == Status.FAIL)
                .map(Report.Result::line)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void passesOnTheReferenceVectors(Devices.Choice choice) {
        Report report = verify(choice, Verifier.Options.DEFAULT.withReference(ReferenceCopies.ORIGINAL));
        assertThat(failures(report)).isEmpty();
        assertThat(report.passed()).isTrue();
        assertThat(names(report, Status.PASS))
                .contains(
                        "ops/linear",
                        "ops/attention",
                        "vit_micro_p8/40x56/tokens.2",
                        "vit_micro_p16/96x80/attention.last",
                        "segmentation_head/eval.code",
                        "probes/alpha2.probs",
                        "dense_crf/40x56x5/q.10",
                        "pipeline/cluster_labels");
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void passesOnTheReferenceVectorsOfTraining(Devices.Choice choice) {
        Report report = verify(choice, Verifier.Options.DEFAULT.withOnly("train_trace"));
        assertThat(names(report, Status.PASS)).contains("train_trace/total", "train_trace/final");
    }

    @Test
    void nothingOfTheReferenceVectorsIsLeftOut() {
        Report report = verify(CPU, Verifier.Options.DEFAULT);
        assertThat(names(report, Status.NOT_COVERED)).isEmpty();
    }

    @Test
    void mentionsEveryFile() throws IOException {
        Report report = verify(CPU, Verifier.Options.DEFAULT);
        try (Stream<Path> files = Files.list(ReferenceCopies.ORIGINAL)) {
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".safetensors"))
                    .map(file -> file.replace(".safetensors", ""))
                    .forEach(file -> assertThat(report.results())
                            .as(file)
                            .anyMatch(result -> result.name().split("/")[0].equals(file)));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void passesOnRandomShapes(Devices.Choice choice) {
        Report report =
                verify(choice, Verifier.Options.DEFAULT.withRandom(4, 20).withOnly("random/"));
        assertThat(failures(report)).isEmpty();
        assertThat(report.results()).hasSizeGreaterThanOrEqualTo(15);
    }

    @Test
    void theSameSeedDrawsTheSame() {
        Verifier.Options options = Verifier.Options.DEFAULT.withRandom(2, 5).withOnly("random/linear");
        assertThat(verify(CPU, options).results())
                .isEqualTo(verify(CPU, options).results());
    }

    @Test
    void reportsResultsAsTheyCome() {
        List<Report.Result> heard = new ArrayList<>();
        Report report = Verifier.verify(CPU, 1, Verifier.Options.DEFAULT.withOnly("ops/"), heard::add);
        assertThat(heard).isEqualTo(report.results()).isNotEmpty();
    }

    @Test
    void anEmptyFolderFailsForEachFileThatIsNeeded() {
        Report report = verify(CPU, Verifier.Options.DEFAULT.withReference(folder));
        assertThat(report.passed()).isFalse();
        assertThat(names(report, Status.FAIL))
                .containsExactly(
                        "correlation_loss",
                        "dense_crf",
                        "direct",
                        "extras",
                        "knn",
                        "metrics",
                        "minibatch_kmeans",
                        "ops",
                        "pipeline",
                        "probes",
                        "prototypes",
                        "segmentation_head",
                        "smoothness",
                        "train_trace",
                        "vit_micro_p16",
                        "vit_micro_p8");
        assertThat(report.results().get(0).detail()).contains("correlation_loss.safetensors is absent");
    }

    @Test
    void aFolderThatIsNotThereFails() {
        Report report = verify(CPU, Verifier.Options.DEFAULT.withReference(folder.resolve("nowhere")));
        assertThat(report.passed()).isFalse();
    }

    @Test
    void aTruncatedFileFails() throws IOException {
        ReferenceCopies.copyAll(folder);
        Path file = folder.resolve("vit_micro_p8.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
        Report report =
                verify(CPU, Verifier.Options.DEFAULT.withReference(folder).withOnly("vit_micro_p"));
        assertThat(names(report, Status.FAIL)).containsExactly("vit_micro_p8");
        assertThat(names(report, Status.PASS)).isNotEmpty().allMatch(name -> name.startsWith("vit_micro_p16"));
    }

    @Test
    void filesAndTensorsItDoesNotKnowAreListed() throws IOException {
        ReferenceCopies.copyAll(folder);
        Files.copy(folder.resolve("knn.safetensors"), folder.resolve("surprise.safetensors"));
        ReferenceCopies.write(
                folder, "ops", tensors -> tensors.put("swish.y", TypedTensor.of(HostTensor.of(new float[1], 1))));
        Report report = verify(CPU, Verifier.Options.DEFAULT.withReference(folder));
        assertThat(failures(report)).isEmpty();
        assertThat(names(report, Status.NOT_COVERED)).contains("surprise", "ops/other");
        assertThat(report.results())
                .filteredOn(result -> result.name().equals("ops/other"))
                .singleElement()
                .extracting(Report.Result::detail)
                .isEqualTo("no check reads swish.y");
    }

    @Test
    void onlySelectsByName() {
        Report report = verify(CPU, Verifier.Options.DEFAULT.withOnly("VIT*32x32/tokens"));
        assertThat(report.results())
                .isNotEmpty()
                .allMatch(result -> result.name().startsWith("vit_micro_p8/32x32/tokens."));
    }

    @Test
    void nothingCheckedIsNotPassed() {
        assertThat(verify(CPU, Verifier.Options.DEFAULT.withOnly("no such check"))
                        .passed())
                .isFalse();
    }

    @Test
    void aKernelThatThrowsFails() {
        try (Device device = TestDevices.open(CPU)) {
            Device faulty = FaultyDevice.behind(device, "softmax", (self, arguments) -> {
                throw new IllegalStateException("the queue is stuck");
            });
            Report report =
                    verify(faulty, Verifier.Options.DEFAULT.withRandom(1, 0).withOnly("softmax"));
            assertThat(names(report, Status.FAIL))
                    .contains("ops/softmax", "hard/softmax", "random/softmax", "large/softmax");
            assertThat(failures(report))
                    .allSatisfy(line -> assertThat(line).contains("the queue is stuck"))
                    .filteredOn(line -> line.startsWith("random/"))
                    .allSatisfy(line -> assertThat(line).contains("seed 0, round 0, x ["));
        }
    }

    @Test
    void anElementThatIsNotWrittenFails() {
        try (Device device = TestDevices.open(CPU)) {
            Device faulty = FaultyDevice.behind(device, "gelu", (self, arguments) -> {
                Tensor out = (Tensor) arguments[1];
                float[] values = self.floats(out);
                values[values.length - 1] = Float.NaN;
                self.write(values, out);
            });
            assertThat(failures(verify(faulty, Verifier.Options.DEFAULT.withOnly("ops/gelu"))))
                    .singleElement()
                    .asString()
                    .contains("is NaN");
        }
    }

    @Test
    void aChangedInputFails() {
        try (Device device = TestDevices.open(CPU)) {
            Device faulty = FaultyDevice.behind(device, "bilinear", (self, arguments) -> {
                Tensor x = (Tensor) arguments[0];
                self.write(new float[x.shape().size()], x);
            });
            assertThat(failures(verify(faulty, Verifier.Options.DEFAULT.withOnly("ops/bilinear"))))
                    .singleElement()
                    .asString()
                    .contains("a kernel changed its input F32[");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "attention", "normalize"})
    void anOverrunFails(String operation) {
        try (Device device = TestDevices.open(CPU)) {
            Report report = verify(
                    FaultyDevice.overrunning(device, operation), Verifier.Options.DEFAULT.withOnly("ops/" + operation));
            assertThat(failures(report)).singleElement().asString().contains("past the end of a buffer");
        }
    }

    @Test
    void checksLeaveNoMemoryBehind() {
        try (Device device = TestDevices.open(CPU)) {
            Verifier.Options options = Verifier.Options.DEFAULT.withOnly("vit_micro_p8");
            verify(device, options);
            long after = device.allocatedBytes();
            verify(device, options);
            assertThat(device.allocatedBytes()).isEqualTo(after);
        }
    }

    @Test
    void relaxedArithmeticIsJudgedByTenTolerancesInEachCheck() {
        try (Device device = TestDevices.open(CPU)) {
            Report report = verify(
                    FaultyDevice.claiming(device, Precision.FAST),
                    Verifier.Options.DEFAULT.withRandom(2, 0).withOnly("random/"));
            assertThat(failures(report)).isEmpty();
            assertThat(report.results())
                    .filteredOn(result -> result.name().equals("random/linear"))
                    .singleElement()
                    .satisfies(result -> {
                        assertThat(result.tolerance()).isEqualTo(1e-4);
                        assertThat(result.detail()).isEqualTo("2 rounds from seed 0");
                    });
            assertThat(report.results())
                    .filteredOn(result -> result.name().equals("random/linearGradient"))
                    .singleElement()
                    .satisfies(result -> assertThat(result.tolerance()).isEqualTo(1e-3));
        }
    }
}
