package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.verify.Verifier.Report.Result.Status;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/** Programs that do one thing wrong, each as a device. Their answers are prepared: {@code cat} gives them in order. */
class ExecDeviceTest {
    private static final Map<String, String> OK = Map.of("protocol", "1", "status", "ok", "name", "a test");

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

    private void answer(Map<String, String> metadata, Map<String, HostTensor> tensors) throws IOException {
        Map<String, TypedTensor> typed = new HashMap<>();
        tensors.forEach((name, tensor) -> typed.put(name, TypedTensor.of(tensor)));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SafetensorsWriter.writeTyped(file, typed, metadata);
        answers.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(file.size())
                .array());
        file.writeTo(answers);
    }

    private void answerHello() throws IOException {
        answer(OK, Map.of());
    }

    /** Opens a device that gives the answers prepared so far, whatever it is asked. */
    private Device prepared() throws IOException {
        Path file = Files.write(folder.resolve("answers"), answers.toByteArray());
        return open("cat " + file + " -");
    }

    private static Device open(String command) {
        return Verifier.program("exec:" + command, 1).open(new Device.Options(0, true));
    }

    private static void gelu(Device device) {
        Tensor x = device.upload(new float[] {1, 2, 3}, 3);
        device.kernels().gelu(x, device.allocate(3));
    }

    @Test
    void whatTheProgramAnswersIsTheResult() throws IOException {
        answerHello();
        answer(OK, Map.of("out", HostTensor.of(new float[] {7, 8, 9}, 3)));
        try (Device device = prepared()) {
            assertThat(device.description()).isEqualTo("a test");
            Tensor out = device.allocate(3);
            device.kernels().gelu(device.allocate(3), out);
            assertThat(device.floats(out)).containsExactly(7, 8, 9);
            device.checkGuards();
        }
    }

    @Test
    void anOverrunInTheProgramsMemoryIsSeen() throws IOException {
        answerHello();
        answer(OK, Map.of("out", HostTensor.of(new float[3], 3), "out.guard", HostTensor.of(new float[64], 64)));
        try (Device device = prepared()) {
            gelu(device);
            assertThatThrownBy(device::checkGuards).hasMessageContaining("wrote past the end of a buffer of 3 F32");
        }
    }

    @Test
    void aWriteBeforeTheProgramsMemoryIsSeen() throws IOException {
        answerHello();
        answer(OK, Map.of("out", HostTensor.of(new float[3], 3), "out.before.guard", HostTensor.of(new float[64], 64)));
        try (Device device = prepared()) {
            gelu(device);
            assertThatThrownBy(device::checkGuards).hasMessageContaining("wrote before the start of a buffer of 3 F32");
        }
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> open("/no/such program"))
                .isInstanceOf(DeviceException.NotFound.class)
                .hasMessageContaining("exec:/no/such program: can't be started")
                .hasMessageContaining("No such file");
        assertThatThrownBy(() -> open(" ")).hasMessageContaining("names no program");
    }

    @Test
    void aProgramThatDiesIsQuoted() {
        assertThatThrownBy(() -> open("sh -c \"echo no libtensor.so here >&2; exit 3\""))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("hello: the program ended before it had answered, with status 3")
                .hasMessageContaining("On standard error: no libtensor.so here");
    }

    @Test
    void aProgramThatDiesLaterNamesTheOperation() throws IOException {
        answerHello();
        Path file = Files.write(folder.resolve("answers"), answers.toByteArray());
        try (Device device = open("sh -c \"cat " + file + "; head -c 300 >/dev/null; kill -SEGV $$\"")) {
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("gelu: the program ended");
            assertThatThrownBy(() -> gelu(device))
                    .as("it is started anew")
                    .hasMessageContaining("gelu: the program ended");
        }
    }

    @Test
    void aProgramThatHangsIsStoppedAndNotWaitedForTwice() throws IOException {
        answerHello();
        Path file = Files.write(folder.resolve("answers"), answers.toByteArray());
        try (Device device = open("sh -c \"cat " + file + "; exec sleep 600\"")) {
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("gelu: no answer within 1 s (--timeout");
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("not asked for again");
        }
    }

    @Test
    void whatIsPrintedToStandardOutputIsQuoted() {
        assertThatThrownBy(() -> open("echo Hello World"))
                .hasMessageContaining("\"Hello Wo\", which is no length of an answer");
    }

    @Test
    void anAnswerThatIsNoSafetensorsFileSaysSo() throws IOException {
        answers.write(new byte[] {16, 0, 0, 0, 0, 0, 0, 0});
        answers.write("sixteen letters!".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(this::prepared).hasMessageContaining("something else than a safetensors file");
    }

    @Test
    void anotherVersionOfTheProtocolIsRefused() throws IOException {
        answer(Map.of("protocol", "2", "status", "ok"), Map.of());
        assertThatThrownBy(this::prepared).hasMessageContaining("it speaks protocol 2 in its answer, this program 1");
    }

    @Test
    void anAnswerOfAnotherShapeOrNameIsRefused() throws IOException {
        answerHello();
        answer(OK, Map.of("out", HostTensor.of(new float[4], 4)));
        answer(OK, Map.of("y", HostTensor.of(new float[3], 3)));
        answer(OK, Map.of());
        try (Device device = prepared()) {
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("\"out\" as F32[4], expected F32[3]");
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("\"y\", which is none of [out]");
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("lacks \"out\"");
        }
    }

    @Test
    void errorsAndRefusalsComeWithTheirMessage() throws IOException {
        answerHello();
        answer(Map.of("protocol", "1", "status", "error", "message", "out of shared memory"), Map.of());
        answer(Map.of("protocol", "1", "status", "refused", "message", "label 7 of 5"), Map.of());
        answer(Map.of("protocol", "1", "status", "perhaps"), Map.of());
        try (Device device = prepared()) {
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("gelu: it reports: out of shared memory");
            assertThatThrownBy(() -> gelu(device))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gelu: label 7 of 5");
            assertThatThrownBy(() -> gelu(device)).hasMessageContaining("status is \"perhaps\"");
        }
    }

    @Test
    void anOperationThatIsMissingIsUnsupportedAndNotFailed() throws IOException {
        answerHello();
        for (int i = 0; i < 10; i++) {
            answer(Map.of("protocol", "1", "status", "unsupported"), Map.of());
        }
        Report report;
        try (Device device = prepared()) {
            report = Verifier.verify(
                    device, Verifier.Options.DEFAULT.withRandom(1, 0).withOnly("random/layerNorm"), result -> {});
        }
        assertThat(report.results())
                .extracting(Report.Result::name, Report.Result::status)
                .containsExactly(tuple("random/layerNorm", Status.UNSUPPORTED));
        assertThat(report.passed()).isFalse();
        assertThat(report.summary()).endsWith("0 not covered, 1 unsupported; ported 0 of 1 operations");
    }

    @Test
    void memoryIsAccountedFor() throws IOException {
        answerHello();
        try (Device device = prepared()) {
            long before = device.allocatedBytes();
            Tensor weight = device.allocate(4, 3);
            try (var weights = device.kernels().packLinear(weight, null);
                    var lattice = device.kernels().allocateLattice(5, 2)) {
                weight.close();
                assertThat(List.of(weights.inputs(), weights.outputs(), lattice.points(), lattice.dims()))
                        .containsExactly(3, 4, 5, 2);
                assertThat(device.allocatedBytes() - before).isEqualTo((4 * 3 + 5 * 2) * 4);
            }
            assertThat(device.allocatedBytes()).isEqualTo(before);
        }
    }
}
