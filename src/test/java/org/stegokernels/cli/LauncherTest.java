package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.tornado.sdk.TornadoSdk;

/** The program as the shell starts it, in real processes. */
class LauncherTest {
    private static final String MODEL = "kernels/reference/pipeline.safetensors";

    @TempDir
    Path folder;

    /** Environment variables added to those of this process; null: none. */
    private final Map<String, String> environment = new HashMap<>();

    /** Target of standard output; null: a file of its own. */
    private Path output;

    private record Result(int exitCode, String out, String err) {}

    private Process start(List<String> flags, String... arguments) throws IOException {
        List<String> command = java(flags);
        command.addAll(List.of(arguments));
        return begin(command);
    }

    private static List<String> java(List<String> flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        return command;
    }

    private Process begin(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("LD_PRELOAD");
        environment.forEach((name, value) -> {
            builder.environment().remove(name);
            if (value != null) {
                builder.environment().put(name, value);
            }
        });
        return builder.redirectOutput((output == null ? folder.resolve("out") : output).toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private Result run(List<String> flags, String... arguments) throws Exception {
        Process process = start(flags, arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output == null ? read("out") : "", read("err"));
    }

    private String read(String stream) throws IOException {
        return Files.readString(folder.resolve(stream), StandardCharsets.UTF_8);
    }

    @Test
    void startsAgainWithTheVectorModule() throws Exception {
        Result result = run(List.of(), "info", "--json");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("\"vectorModule\" : \"loaded\"").doesNotContain("plain Java, many");
    }

    /** It would take time, and a warning of the virtual machine would come before the text. */
    @Test
    void doesNotStartAgainToPrintAText() throws Exception {
        for (List<String> arguments :
                List.of(List.of("--version"), List.of("segment", "--help"), List.of("models", "list"))) {
            Result result = run(List.of(), arguments.toArray(String[]::new));
            assertThat(result.exitCode()).isZero();
            assertThat(result.out()).isNotEmpty();
            assertThat(result.err()).isEmpty();
        }
    }

    /** A process as on Windows, where "destroy" ends it at once. */
    private static final class Unaskable extends Process {
        private boolean destroyed;

        @Override
        public boolean supportsNormalTermination() {
            return false;
        }

        @Override
        public void destroy() {
            destroyed = true;
        }

        @Override
        public CompletableFuture<Process> onExit() {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public int waitFor() {
            return 0;
        }

        @Override
        public int exitValue() {
            return 0;
        }
    }

    @Test
    void aChildThatCannotBeAskedToEndIsWaitedFor() {
        Unaskable child = new Unaskable();
        Launcher.end(child);
        assertThat(child.destroyed).isFalse();
    }

    @Test
    void canBeForbiddenToStartAgain() throws Exception {
        Result result = run(List.of("-Dstego.relaunch=false"), "info");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("not loaded").contains("plain Java, many times slower");
    }

    /** The loader finds no driver, with the library or without. */
    @Test
    void withoutAnOpenClPlatformItSaysWhatToInstall() throws Exception {
        environment.put("OCL_ICD_VENDORS", folder.toString());
        Result result = run(List.of("-Dstego.relaunch=false"), "verify", "--device", "opencl", "--only", "gelu");
        assertThat(result.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(result.err()).contains("no device \"opencl\"", "Install a driver", "PoCL", "cpu");
    }

    /** Whatever is missing in this build, on this JDK and in the environment: it names what to set. */
    @Test
    void withoutTornadoVmItSaysWhatToSet() throws Exception {
        environment.put("TORNADOVM_HOME", null);
        Result result = run(List.of(), "verify", "--device", "tornado", "--only", "gelu");
        assertThat(result.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(result.err()).contains("no device \"tornado\"", "TORNADOVM_HOME", "JDK 25");
    }

    @Test
    void aFolderThatIsNoSdkIsNamed() throws Exception {
        assumeTornadoVm();
        environment.put("TORNADOVM_HOME", folder.toString());
        Result result = run(List.of(), "verify", "--device", "tornado:0", "--only", "gelu");
        assertThat(result.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(result.err())
                .contains("no device \"tornado:0\"", "TORNADOVM_HOME is " + folder, "no tornado-argfile", "install");
    }

    @Test
    void startsAgainForTornadoVm() throws Exception {
        assumeTornadoVm();
        Result result = run(List.of(), "verify", "--device=tornado", "--only", "gelu");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("PASS", " 0 failed");
    }

    private static void assumeTornadoVm() {
        assumeTrue(TornadoSdk.obstacle().isEmpty(), TornadoSdk::obstacle);
    }

    @Test
    void passesFlagsAndArgumentsOn() throws Exception {
        Result result = run(List.of("-Xmx64m", "-XX:+UseParallelGC"), "info", "--json");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).containsPattern("\"heapMegabytes\" : (5\\d|6\\d),");
    }

    @Test
    void resultsThatCanNotBeWrittenAreAFailure() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "not on Linux");
        output = full;
        for (List<String> arguments :
                List.of(List.of("--version"), List.of("models", "list"), List.of("segment", "--help"))) {
            Result result = run(List.of(), arguments.toArray(String[]::new));
            assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(result.err())
                    .isEqualToNormalizingNewlines("error: cannot write to standard output: No space left on device\n");
        }
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        assertThat(run(List.of(), "info", "--no-such-option", "").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    /** Starts a run of many photographs, and returns when it is in the middle of it. */
    private Process busy(Path out) throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        for (int i = 0; i < 400; i++) {
            Pictures.png(photos.resolve(i + ".png"), 64, 64);
        }
        Process process = start(List.of(), "segment", photos.toString(), "--model", MODEL, "--out", out.toString());
        Path first = out.resolve("0.overlay.png");
        for (int wait = 0; wait < 600 && !Files.exists(first); wait++) {
            Thread.sleep(50);
        }
        assertThat(first).exists();
        assertThat(process.isAlive()).isTrue();
        return process;
    }

    @Test
    void terminatingTheParentEndsBothAndLeavesNoHalfFile() throws Exception {
        Path out = folder.resolve("masks");
        Process process = busy(out);
        ProcessHandle child = process.children().findFirst().orElseThrow();
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(child.isAlive()).isFalse();
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
        assertThat(Files.readString(out.resolve("summary.json"))).contains("\"stoppedOf\" : 400");
    }

    /** Without it, a driver's compiler takes the virtual machine's own faults for crashes. */
    @Test
    void theVirtualMachineKeepsItsSignalHandlers() throws Exception {
        Path library = Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
        assumeTrue(Files.exists(library) && Files.exists(Path.of("/proc/self/environ")), "not on Linux");
        Process process = busy(folder.resolve("masks"));
        ProcessHandle child = process.children().findFirst().orElseThrow();
        String environment = Files.readString(Path.of("/proc/" + child.pid() + "/environ"));
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(environment.split("\0")).contains("LD_PRELOAD=" + library);
    }

    @Test
    void killingTheParentEndsTheChild() throws Exception {
        Process process = busy(folder.resolve("masks"));
        ProcessHandle child = process.children().findFirst().orElseThrow();
        process.destroyForcibly();
        child.onExit().get(30, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    /** While the child starts, it can't have asked for its parent yet. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aParentThatEndsWhileTheChildStartsLeavesNoOrphan(boolean killed) throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        for (int i = 0; i < 100; i++) {
            Pictures.png(photos.resolve(i + ".png"), 64, 64);
        }
        for (int round = 0; round < 4; round++) {
            Path out = folder.resolve("masks" + round);
            Process process = start(List.of(), "segment", photos.toString(), "--model", MODEL, "--out", out.toString());
            Optional<ProcessHandle> child = Optional.empty();
            while (child.isEmpty() && process.isAlive()) {
                child = process.children().findFirst();
            }
            assertThat(child).isPresent();
            if (killed) {
                process.destroyForcibly();
            } else {
                process.destroy();
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + (killed ? 9 : 15));
            child.get().onExit().get(30, TimeUnit.SECONDS);
            assertThat(out.resolve("summary.json")).doesNotExist();
        }
    }

    /** Without LANG (Docker, cron, systemd), Java takes each letter beyond ASCII for two question marks. */
    @Test
    void argumentsArriveAsTheyWereInALocaleWithoutTheirLetters() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/cmdline")), "not on Linux");
        Pictures.png(folder.resolve("ab.png"), 64, 64);
        environment.put("LC_ALL", "C");
        byLetters("e\\303\\251.png", "missing");
        assertThat(read("err")).contains("e\u00e9.png: there is no such file");
        byLetters("ab.png", "r\\303\\251sultats");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.toUri().getRawPath())).anyMatch(name -> name.contains("/r%C3%A9sultats"));
        }
        assertThat(read("out")).contains("1 photograph segmented");
    }

    /** Segments a picture, given as {@code printf} writes it, whatever the locale of this process. */
    private void byLetters(String picture, String out) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c"));
        command.add("exec \"$@\" segment \"$(printf '" + folder + "/" + picture + "')\" -o \"$(printf '" + folder + "/"
                + out + "')\" --model " + MODEL);
        command.add("sh");
        command.addAll(java(List.of()));
        assertThat(begin(command).waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    /** The first process has the port already when it learns that there is to be a second. */
    @Test
    void aFlagThatOnlyOneProcessCanHaveIsRefused() throws Exception {
        String debugger = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0";
        Result debugged = run(List.of(debugger), "verify", "--only", "gelu");
        assertThat(debugged.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(debugged.err()).contains(debugger, "--add-modules jdk.incubator.vector -Dstego.relaunch=false");
        String port = "-Dcom.sun.management.jmxremote.port=0";
        environment.put("JAVA_TOOL_OPTIONS", port + " -Dcom.sun.management.jmxremote.authenticate=false");
        Result managed = run(List.of(), "verify", "--only", "gelu");
        assertThat(managed.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(managed.err()).contains("can't share " + port);
        List<String> alone = List.of("--add-modules", "jdk.incubator.vector", "-Dstego.relaunch=false");
        assertThat(run(alone, "verify", "--only", "gelu").exitCode()).isZero();
    }

    /** It would be run: here it is no library at all, and loading it the end of OpenCL. */
    @Test
    void whatLiesInTheFolderForTemporaryFilesIsNotLoaded() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        for (String system : List.of("linux-x86_64.so", "linux-arm64.so", "apple-x86_64.dylib", "apple-arm64.dylib")) {
            Files.writeString(temporary.resolve("libJOCL_2_0_6-" + system), "planted");
        }
        String flag = "-Djava.io.tmpdir=" + temporary;
        Result usual = run(List.of(), "info", "--json");
        // No cache can be made below a file.
        environment.put("STEGO_HOME", Files.createFile(folder.resolve("file")).toString());
        assertThat(openCl(run(List.of(flag), "info", "--json"))).isEqualTo(openCl(usual));
        assertThat(temporary).isDirectoryNotContaining(file -> Files.isDirectory(file));
    }

    private static JsonNode openCl(Result info) throws IOException {
        for (JsonNode device : new ObjectMapper().readTree(info.out()).at("/devices")) {
            if (device.at("/id").asText().startsWith("opencl")) {
                return device;
            }
        }
        return null;
    }
}
