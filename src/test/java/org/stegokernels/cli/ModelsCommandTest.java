package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.io.UserCache;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.testing.FaultyServer;
import org.stegokernels.weights.DemoModel;

/** Models by name: {@code models}, and what {@code --model} makes of a name. */
@Timeout(120)
class ModelsCommandTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");
    private static final Path STEGO = Path.of("kernels/reference/pipeline.safetensors");
    /** The tests' own: the build sets STEGO_HOME. */
    private static final Path MODELS = UserCache.folder().resolve("models");

    private static final Path BY_HAND = MODELS.resolve("downloads").resolve("test-micro");

    @TempDir
    Path folder;

    private byte[] file;
    private FaultyServer server;

    @BeforeEach
    void serve() throws IOException {
        assumeTrue(System.getenv("STEGO_HOME") != null, "the user's own models are left alone: set STEGO_HOME");
        file = Files.readAllBytes(BACKBONE);
        server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, "\"v1\""));
        System.setProperty(ModelRegistry.PROPERTY, registry(server).toString());
        forget();
    }

    @AfterEach
    void forget() throws IOException {
        if (Files.isDirectory(MODELS)) {
            try (Stream<Path> all = Files.list(MODELS)) {
                for (Path each : all.filter(path -> path.toString().contains("test-micro"))
                        .toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        System.clearProperty(ModelRegistry.PROPERTY);
        server.close();
    }

    private Path registry(FaultyServer from) throws IOException {
        String yaml = """
                - name: demo
                  kind: stego
                  title: the demo model
                  purpose: trying things out
                  licence: Apache-2.0
                - name: test-micro
                  kind: backbone
                  title: a small one
                  purpose: tests
                  licence: Apache-2.0
                  url: %s
                """;
        return Files.writeString(folder.resolve("registry.yml"), yaml.formatted(from.address("/test-micro.pth")));
    }

    private CommandLineRun features(Object... arguments) throws IOException {
        Path photo = Pictures.png(folder.resolve("a.png"), 96, 64);
        return CommandLineRun.of(Stream.concat(
                        Stream.of("features", photo, "--size", 64, "--out", folder.resolve("out")),
                        Stream.of(arguments))
                .toArray());
    }

    @Test
    void listsTheProgramsOwn() throws IOException {
        System.clearProperty(ModelRegistry.PROPERTY);
        CommandLineRun run = CommandLineRun.of("models", "list");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("name +kind +licence +size +state +for"))
                .anyMatch(line -> line.matches("dino-vits8 +backbone +Apache-2.0 +87 MB +not pulled +training.*"))
                .anyMatch(line -> line.matches("stego-cocostuff27 +stego +MIT +not pulled +segmenting.*"));
        JsonNode json = new ObjectMapper()
                .readTree(CommandLineRun.of("models", "list", "--json").out());
        assertThat(json.at("/models/1/name").asText()).isEqualTo("dino-vits8");
        assertThat(json.at("/models/1/path").asText())
                .isEqualTo(MODELS.resolve("dino-vits8.safetensors").toString());
        assertThat(json.at("/models/1/approximateBytes").asLong()).isBetween(86_000_000L, 88_000_000L);
    }

    @Test
    void pullsAndThenUsesTheName() throws IOException {
        CommandLineRun run = CommandLineRun.of("models", "pull", "test-micro");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        Path path = MODELS.resolve("test-micro.safetensors");
        assertThat(run.out()).isEqualTo(path + System.lineSeparator());
        assertThat(run.err().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("test-micro: "))
                .anyMatch(line -> line.contains("downloading " + server.address("/test-micro.pth")));
        assertThat(path).exists();
        assertThat(CommandLineRun.of("models", "path", "test-micro").out()).isEqualTo(run.out());
        assertThat(CommandLineRun.of("models", "list").out()).containsPattern("test-micro +backbone .* here +tests");

        CommandLineRun used = features("--model", "test-micro");
        assertThat(used.err()).isEmpty();
        assertThat(used.exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode summary =
                new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
        assertThat(summary.at("/settings/model").asText()).isEqualTo("test-micro");
        assertThat(server.requests()).hasSize(1);
    }

    /** Its authors ask to accept a licence: it is not downloaded, whoever asks, but taken where a person has put it. */
    @Test
    void aGatedModelIsNeverDownloaded() throws IOException {
        Path list = folder.resolve("gated.yml");
        String yaml = """
                - {name: gated-test-micro, kind: backbone, title: t, purpose: tests, licence: Own License,
                   url: '%s', gate: 'https://example.org/accept/'}
                """;
        Files.writeString(list, yaml.formatted(server.address("/gated-test-micro.pth")));
        System.setProperty(ModelRegistry.PROPERTY, list.toString());
        for (CommandLineRun run : List.of(
                CommandLineRun.of("models", "pull", "gated-test-micro"),
                CommandLineRun.of("models", "path", "gated-test-micro"),
                features("-m", "gated-test-micro", "--pull"))) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err())
                    .hasLineCount(1)
                    .contains("Own License", "https://example.org/accept/", "put gated-test-micro.pth into ");
        }
        assertThat(CommandLineRun.of("models", "list").out())
                .containsPattern("gated-test-micro +backbone +Own License +gated +tests")
                .contains(
                        "gated: their authors give them to those who accept the licence at https://example.org/accept/");
        assertThat(CommandLineRun.of("models", "list", "--json").out()).contains("\"gate\"");

        Path byHand = MODELS.resolve(Path.of("downloads", "gated-test-micro", "gated-test-micro.pth"));
        Files.createDirectories(byHand.getParent());
        Files.copy(BACKBONE, byHand);
        CommandLineRun pulled = CommandLineRun.of("models", "pull", "gated-test-micro");
        assertThat(pulled.exitCode()).as(pulled.err()).isEqualTo(ExitCode.DONE);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void nothingIsDownloadedUnlessAsked() throws IOException {
        for (CommandLineRun run :
                List.of(features("-m", "test-micro"), CommandLineRun.of("models", "path", "test-micro"))) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err())
                    .hasLineCount(1)
                    .startsWith("error: test-micro: ")
                    .contains("--pull", "'stego-kernels models pull test-micro'", "'stego-kernels convert'")
                    .contains(server.address("/test-micro.pth").toString())
                    .contains("put test-micro.pth into " + BY_HAND)
                    .contains(MODELS.resolve("test-micro.safetensors").toString());
        }
        assertThat(server.requests()).isEmpty();
        assertThat(features("-m", "test-micro", "--pull").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void whatFailsSaysHowToDoItByHand() throws IOException {
        FaultyServer gone = server;
        gone.close();
        CommandLineRun run = CommandLineRun.of("models", "pull", "test-micro");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err().lines().reduce((first, last) -> last).orElseThrow())
                .startsWith("error: can't download " + gone.address("/test-micro.pth"))
                .contains("put test-micro.pth into " + BY_HAND + " and pull then");

        Files.copy(BACKBONE, BY_HAND.resolve("test-micro.pth"));
        assertThat(CommandLineRun.of("models", "pull", "test-micro").exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aMistypedNameIsGuessed() throws IOException {
        for (CommandLineRun run :
                List.of(features("-m", "test_mico"), CommandLineRun.of("models", "pull", "testmicro"))) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err()).contains("Did you mean test-micro?").hasLineCount(1);
        }
        assertThat(features("-m", "resnet50").err()).contains("'stego-kernels models list'");
    }

    @Test
    void aFileComesBeforeAName() throws IOException {
        Path here = Path.of("test-micro");
        Files.copy(BACKBONE, here);
        try {
            assertThat(features("-m", "test-micro").exitCode()).isEqualTo(ExitCode.DONE);
        } finally {
            Files.delete(here);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train --data . -o out",
                "tune-shifts --data .",
                "eval --data .",
                "knn . -o x",
                "cluster . -k 3 -o x"
            })
    void whatTakesLongWantsAModelNamed(String line) throws IOException {
        Pictures.png(folder.resolve("a.png"), 64, 64);
        Pictures.png(folder.resolve("b.png"), 64, 64);
        Object[] arguments = Stream.of(line.split(" "))
                .map(word -> word.equals(".") ? folder.toString() : word.equals("out") ? folder + "/out" : word)
                .toArray();
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).startsWith("error: Missing required").contains("--model=MODEL");
    }

    /** The beginnings of a zip archive and of pickles as PyTorch writes them. */
    @ParameterizedTest
    @ValueSource(strings = {"504b0304000008080000", "80028a0a6cfc9c46f920", "80057d94288c076d6f64"})
    void aCheckpointIsToBeConverted(String bytes) throws IOException {
        Path checkpoint = Files.write(folder.resolve("dino.pth"), HexFormat.of().parseHex(bytes));
        CommandLineRun run = features("-m", checkpoint);
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
        assertThat(run.err())
                .contains(checkpoint + ": it is a PyTorch checkpoint")
                .contains("stego-kernels convert " + checkpoint + " ");
    }

    @Test
    void theDemoModelHasNoFile() {
        for (String action : List.of("pull", "path")) {
            CommandLineRun run = CommandLineRun.of("models", action, "demo");
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains("--model demo");
        }
        assertThat(CommandLineRun.of("models").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("info").out()).containsPattern("demo model +(embedded, .* MB|not in this build)");
    }

    /** The program of the test has another model: the one of the build may be missing. */
    @Test
    void segmentUsesTheDemoModelIfNoneIsGiven() throws Exception {
        Path resources = folder.resolve("resources");
        Path resource = resources.resolve("org/stegokernels/demo/demo.safetensors");
        Files.createDirectories(resource.getParent());
        Files.copy(STEGO, resource);
        Path photo = Pictures.png(folder.resolve("a.png"), 96, 64);
        Process process = start(
                resources + File.pathSeparator,
                "segment",
                photo.toString(),
                "--size",
                "64",
                "-o",
                folder.resolve("out").toString());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(folder.resolve("err"));
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said.lines().filter(line -> !line.startsWith("WARNING")))
                .singleElement()
                .asString()
                .contains("This is the demo model", "models list", "--pull");
        JsonNode summary =
                new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
        assertThat(summary.at("/settings/model").asText()).isEqualTo("demo");
    }

    @Test
    void theEmbeddedModelSegments() throws IOException {
        Path photo = Pictures.png(folder.resolve("a.png"), 96, 64);
        Object[] arguments = {"segment", photo, "-m", "demo", "--size", 64, "-o", folder.resolve("out")};
        CommandLineRun run = CommandLineRun.of(arguments);
        if (DemoModel.bytes() > 0) {
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
            assertThat(run.err()).isEmpty();
        } else {
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err()).contains("demo: this build of the program comes without its demo model");
        }
    }

    private Process start(String classPath, String... arguments) throws IOException {
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + ModelRegistry.PROPERTY + "=" + System.getProperty(ModelRegistry.PROPERTY),
                "-cp",
                classPath + System.getProperty("java.class.path"),
                Main.class.getName());
        return new ProcessBuilder(
                        Stream.concat(java.stream(), Stream.of(arguments)).toList())
                .redirectOutput(folder.resolve("stdout").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    @Test
    void anInterruptedPullGoesOnWhereItEnded() throws Exception {
        FaultyServer[] self = new FaultyServer[1];
        try (FaultyServer slow = new FaultyServer((request, out) -> {
            FaultyServer.send(request, out, file, "\"v1\"", request.number() == 0 ? 5000 : file.length);
            if (request.number() == 0) {
                self[0].stall(out);
            }
        })) {
            self[0] = slow;
            registry(slow);
            Process process = start("", "models", "pull", "test-micro");
            Path part = BY_HAND.resolve("test-micro.pth.part");
            for (int wait = 0; wait < 1200 && !(Files.exists(part) && Files.size(part) == 5000); wait++) {
                Thread.sleep(50);
            }
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
            assertThat(part).hasSize(5000);
            assertThat(CommandLineRun.of("models", "list").out()).contains("partly pulled");

            CommandLineRun run = CommandLineRun.of("models", "pull", "test-micro");
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
            assertThat(slow.requests().get(1).from()).isEqualTo(5000);
        }
    }
}
