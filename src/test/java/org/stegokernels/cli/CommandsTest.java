package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

/** All commands but {@code segment}, and what all commands share. */
class CommandsTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    static Stream<String> commands() {
        return CliCommand.all(new Console(System.out, System.err, false, false, false)).stream()
                .map(CliCommand::name);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfWithAnExample(String command) {
        CommandLineRun run = CommandLineRun.of(command, "--help");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("Usage: stego-kernels " + command)
                .contains("  stego-kernels " + command + " ")
                .contains("--verbose");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void everyCommandSaysOnceWhatItNeeds() {
        assertThat(Stream.of(Need.values()).flatMap(need -> need.commands().stream()))
                .containsExactlyInAnyOrderElementsOf(commands().toList());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whereverADeviceCanBeChosenKernelsAreNeeded(String command) {
        if (CommandLineRun.of(command, "--help").out().contains("--device")) {
            assertThat(Need.of(command)).isIn(Need.KERNELS, Need.WARM_KERNELS);
        }
    }

    @Test
    void withoutACommandItExplainsItself() {
        CommandLineRun run = CommandLineRun.of();
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(commands().toList());
    }

    @Test
    void helpExplainsACommand() {
        assertThat(CommandLineRun.of("help", "segment")).isEqualTo(CommandLineRun.of("segment", "--help"));
        assertThat(CommandLineRun.of("help", "models", "pull").out()).contains("Usage: stego-kernels models pull");
        assertThat(CommandLineRun.of("help")).isEqualTo(CommandLineRun.of("--help"));
    }

    @ParameterizedTest
    @CsvSource({"--hlep,--help", "--sze=3,--size", "--hlpe,--help", "--nonsense,", "-q,"})
    void anUnknownOptionIsNamedWithWhatMayHaveBeenMeant(String option, String meant) {
        CommandLineRun run = CommandLineRun.of("segment", option);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        String name = option.split("=")[0];
        assertThat(run.err())
                .startsWith("error: unknown option " + name + (meant == null ? "" : "; did you mean " + meant + "?")
                        + System.lineSeparator());
    }

    @Test
    void aNameThatBeginsWithAnAtSignIsAName() {
        CommandLineRun run = CommandLineRun.of("segment", "@pictures", "-o", folder);
        assertThat(run.err()).contains("@pictures: there is no such file or folder");
    }

    @Test
    void moreThreadsThanProcessorsAreNotTaken() {
        int processors = Runtime.getRuntime().availableProcessors();
        CommandLineRun run = CommandLineRun.of("verify", "--only", "gelu", "--threads", processors + 1);
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.err()).contains("warning: --threads " + (processors + 1), "it takes " + processors);
        assertThat(CommandLineRun.of("verify", "--only", "gelu", "--threads", processors)
                        .err())
                .isEmpty();
    }

    /** Typed by somebody else: a script, or a link that was clicked. */
    @Test
    void whatIsEchoedDoesNotActOnTheTerminal() {
        String hostile = "\u001b[2J\u009b31m\u202e\u2066";
        for (String[] arguments : new String[][] {
            {"segment", "--" + hostile}, {hostile}, {"segment", "--probe", hostile, "x"}, {"models", "path", hostile}
        }) {
            CommandLineRun run = CommandLineRun.of((Object[]) arguments);
            assertThat(run.exitCode()).isNotEqualTo(ExitCode.DONE);
            assertThat(run.err()).contains("[2J", "31m");
            assertThat((run.err() + run.out()).chars())
                    .noneMatch(c -> Printable.acts(c) && c != '\n' && c != '\r' && c != '\t');
        }
    }

    @Test
    void inJsonTheSameIsEscapedAndNotLost() throws IOException {
        String hostile = "\u001b[2J\u007f\u009b31m\u202e \u00e9";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonWriter.print(bytes, json -> json.field("name", hostile));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text).contains("\\u009b31m\\u202e \u00e9").doesNotContain("\u009b", "\u202e", "\u007f");
        assertThat(new ObjectMapper().readTree(text).at("/name").asText()).isEqualTo(hostile);
    }

    @Test
    void theLinesOfAMessageStayLinesAndANameIsNoMessage() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Console(bytes, bytes, false, false, false).error("two are bad:\n  a: is empty\nerror: b");
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualToNormalizingNewlines("error: two are bad:\n  a: is empty\n  error: b\n");
    }

    @Test
    void tellsItsVersion() {
        CommandLineRun run = CommandLineRun.of("--version");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).startsWith("stego-kernels ").contains(System.getProperty("java.version"));
    }

    @Test
    void infoListsDevicesAndTheReason() throws IOException {
        assertThat(CommandLineRun.of("info").out())
                .contains("* cpu")
                .contains("cpu:scalar")
                .contains("by rank");
        JsonNode json =
                new ObjectMapper().readTree(CommandLineRun.of("info", "--json").out());
        assertThat(json.at("/auto/id").asText()).isEqualTo("cpu");
        assertThat(json.at("/auto/reason").asText()).isNotEmpty();
        assertThat(json.at("/devices"))
                .anyMatch(device -> device.at("/id").asText().equals("cpu")
                        && device.at("/available").asBoolean())
                .noneMatch(device -> device.at("/description").asText().isEmpty());
    }

    @Test
    void verifyPrintsOneLineACheck() throws IOException {
        CommandLineRun run = CommandLineRun.of("verify", "--only", "gelu", "--random", 2, "--seed", 3);
        assertThat(run.exitCode()).as(run.out()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("PASS").contains(" 0 failed");
        JsonNode json = new ObjectMapper()
                .readTree(
                        CommandLineRun.of("verify", "--only", "gelu", "--json").out());
        assertThat(json.at("/passed").asBoolean()).isTrue();
    }

    @Test
    void verifyDescribesOperationsAndExportsThem() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(CommandLineRun.of("verify", "--describe").out());
        assertThat(json.get("operations")).hasSizeGreaterThan(30);
        Path cases = folder.resolve("cases");
        CommandLineRun run = CommandLineRun.of("verify", "--only", "gelu", "--random", 2, "--export", cases);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(cases.resolve("gelu").resolve("001.safetensors")).exists();
        CommandLineRun judged = CommandLineRun.of("verify", "--outputs", cases);
        assertThat(judged.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(judged.out())
                .contains("UNSUPPORTED", "001.out.safetensors is not there", "ported 0 of 1 operations");
    }

    @Test
    void aProgramThatIsNotThereIsADeviceThatIsNotThere() {
        CommandLineRun run = CommandLineRun.of("verify", "--device", "exec:/no/such/program");
        assertThat(run.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(run.err()).contains("exec:/no/such/program: can't be started");
    }

    @Test
    void verifyFailsWithoutItsReference() {
        CommandLineRun run = CommandLineRun.of("verify", "--only", "gelu", "--reference", folder.resolve("nowhere"));
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void featuresWritesNumbersAndPictures() throws IOException {
        Path photo = Pictures.png(folder.resolve("a.png"), 96, 64);
        Path out = folder.resolve("out");
        CommandLineRun run = CommandLineRun.of(
                "features", photo, "--model", BACKBONE, "--size", 64, "--out", out, "--kind", "kk", "--flip");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        try (Safetensors file = Safetensors.open(out.resolve("a.safetensors"))) {
            Shape features = file.entry("features").shape();
            assertThat(features.dims()).startsWith(8, 12);
            int heads = file.entry("class_attention").shape().dim(0);
            float[] attention = file.floats("class_attention");
            for (int head = 0; head < heads; head++) {
                double sum = 0;
                for (int i = 0; i < 96; i++) {
                    assertThat(attention[head * 96 + i]).isBetween(0f, 1f);
                    sum += attention[head * 96 + i];
                }
                assertThat(sum).isCloseTo(1, within(0.1)).isLessThan(1);
                RgbImage picture = ImageReader.read(out.resolve("a.attention-" + head + ".png"));
                assertThat(picture.width()).isEqualTo(96);
            }
        }
        RgbImage pca = ImageReader.read(out.resolve("a.pca.png"));
        assertThat(List.of(pca.width(), pca.height())).containsExactly(96, 64);
        JsonNode summary =
                new ObjectMapper().readTree(out.resolve("summary.json").toFile());
        assertThat(summary.at("/images/0/pca").asText()).isEqualTo("a.pca.png");
        assertThat(summary.at("/images/0/attention-0").asText()).isEqualTo("a.attention-0.png");
    }

    @Test
    void theTableHasColorsOnlyWhereTheyAreWanted() {
        assertThat(table(true)).contains("\u001b[48;2;18;52;86m  \u001b[0m").contains("25.0%");
        assertThat(table(false)).doesNotContain("\u001b").contains("25.0%").contains("na?me");
    }

    private static String table(boolean color) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Console console = new Console(out, out, color, false, color);
        Summary summary = new Summary("segment", console, new StageTimes());
        List<Segmentation.ClassInfo> classes =
                List.of(new Segmentation.ClassInfo(0, "na\u001bme", 0x123456), new Segmentation.ClassInfo(1, "b", 0));
        summary.classes(classes);
        summary.segmented(
                Path.of("a.jpg"),
                new Segmentation(
                        new RgbImage(2, 2, new byte[12]),
                        new LabelMap(2, 2, new byte[] {0, 1, 1, 1}),
                        classes,
                        new double[] {0.25, 0.75},
                        new double[] {1, 1},
                        null),
                Map.of(),
                null);
        new ClassTable(console).print(summary, Path.of("out"));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static final Roofline DEVICE = new Roofline("this device", 400e9, 0, 0, 40e9);

    /** With a point in numbers whatever the user's language, as everywhere in the program. */
    @Test
    void theProfileSaysWhatEachKernelTookAndTheLeastItCouldTake() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            KernelTime linear = new KernelTime("linear", 12, 0.03, 6e9, 3e8, 2.5e8);
            assertThat(profile(
                            List.of(linear, new KernelTime("slice", 2, 0.01, 0, 1e7, 1e7)), List.of(linear), 2, null))
                    .containsPattern("kernel +calls +time +share +GFLOP/s +GB/s +floor\n")
                    .containsPattern("linear +12 +30\\.0 ms +75\\.0% +200\\.0 +10\\.0 +15\\.000 ms\n")
                    .containsPattern("slice +2 +10\\.0 ms +25\\.0% +- +1\\.0 +0\\.250 ms\n")
                    .contains(
                            "a photograph: 6 launches, 3.00 GFLOP, 150.0 MB moved (1.20 times the least), 15.0 ms; floor 7.5 ms");
        } finally {
            Locale.setDefault(before);
        }
        assertThat(profile(List.of(), List.of(), 1, null)).contains("doesn't time its kernels");
    }

    @Test
    void aPredictionTakesPeakTrafficAndLaunchesOfTheChipAsked() {
        Roofline chip = new Roofline("chip", 1e12, 4e12, 2e12, 100e9);
        // 1e12 operations a second are 0.87 attainable by the loop: 8.7e9 take 10 ms; each of 1000 launches 4
        // microseconds.
        KernelTime linear = new KernelTime("linear", 1000, 0.03, 8.7e9, 3e8, 3e8);
        assertThat(chip.expected(linear)).isCloseTo(10e-3 + 4e-3, within(1e-9));
        assertThat(chip.floor(linear)).isCloseTo(8.7e-3, within(1e-9));
        assertThat(chip.floor(new KernelTime("linear_matrix", 1, 1, 8e9, 0, 0))).isCloseTo(2e-3, within(1e-9));
        assertThat(chip.floor(new KernelTime("linear_tf32", 1, 1, 8e9, 0, 0))).isCloseTo(4e-3, within(1e-9));
        assertThat(chip.floor(new KernelTime("blur", 1, 1, 8, 1e9, 1e9))).isCloseTo(10e-3, within(1e-9));
        assertThat(profile(List.of(linear), List.of(linear), 1, chip))
                .contains("floor       chip\n")
                .contains("predicted, not measured: 14.00 ms a photograph on chip (floor 8.70 ms");
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> Roofline.of("abacus"))
                .withMessageContaining("h200, h100, a100, rtx4090, mi300");
    }

    @Test
    void kernelsOfTheLoadingAreNotCountedForPhotographs() {
        KernelTime pack = new KernelTime("pack", 3, 0.5, 0, 10, 10);
        KernelTime first = new KernelTime("linear", 1, 0.25, 100, 20, 20);
        KernelTime both = new KernelTime("linear", 3, 1, 300, 60, 60);
        assertThat(Roofline.since(List.of(pack, first), List.of(both, pack)))
                .containsExactly(new KernelTime("linear", 2, 0.75, 200, 40, 40));
    }

    private static String profile(List<KernelTime> times, List<KernelTime> photographs, int count, Roofline assumed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new KernelTable(times, photographs, count, DEVICE, assumed).print(new Console(err, err, false, false, false));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anUnexpectedFailureSaysWhereOnlyIfAsked() {
        IllegalStateException failure = new IllegalStateException("a bug");
        assertThat(failure(failure, false, ExitCode.FAILED))
                .startsWith("error: unexpected java.lang.IllegalStateException: a bug")
                .contains("--verbose")
                .doesNotContain("at org.stegokernels");
        assertThat(failure(failure, true, ExitCode.FAILED)).contains("at org.stegokernels");
    }

    static List<Throwable> shortages() {
        OutOfMemoryError heap = new OutOfMemoryError("Java heap space");
        return List.of(
                heap,
                new DeviceException("out of memory: F32[4] needs 8 MiB", heap),
                new ModelException("a", "b", "it does not fit", "Give it more.", heap),
                new ImageException(Path.of("a"), "can't be decoded", "save it anew", new ExecutionException(heap)),
                new IllegalStateException("while writing", heap));
    }

    /** Whatever it was that found no room, and whatever was made of that on the way. */
    @ParameterizedTest
    @MethodSource("shortages")
    void tooSmallAHeapHasOneCodeAndOneSentence(Throwable failure) {
        assertThat(failure(failure, false, ExitCode.FAILED))
                .isEqualTo("error: " + CommandFailure.heapShortage() + System.lineSeparator())
                .contains("-Xmx", "--size");
    }

    static List<DeviceException> deviceFailures() {
        return List.of(
                new DeviceException.NotFound("no device"),
                new DeviceException.KernelBuild("can't compile", null),
                new DeviceException.OutOfMemory("needs 2 MiB, 1 MiB are free"),
                new DeviceException.Lost("given up", null),
                new DeviceException("overrun"));
    }

    @ParameterizedTest
    @MethodSource("deviceFailures")
    void aDeviceThatFailsIsNotAvailable(DeviceException failure) {
        assertThat(failure(failure, false, ExitCode.NO_DEVICE)).contains(failure.getMessage());
    }

    private static String failure(Throwable failure, boolean verbose, int exitCode) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Console console = new Console(err, err, false, false, false);
        assertThat(CommandFailure.tell(failure, verbose, console)).isEqualTo(exitCode);
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
