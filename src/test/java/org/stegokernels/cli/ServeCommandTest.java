package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The workbench as a program: its address, its end, and what it makes of wrong use. */
class ServeCommandTest {
    private static final String MODEL = "kernels/reference/pipeline.safetensors";
    private static final int INTERRUPTED = 128 + 2;

    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void nothingIsLeft() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Starts it without a home folder and a screen; returns the address that it prints. */
    private URI start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dsun.net.httpserver.maxReqTime=2",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--model",
                MODEL,
                "--device",
                "cpu",
                "--out",
                folder.resolve("out").toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        builder.environment().keySet().removeAll(List.of("LD_PRELOAD", "HOME", "DISPLAY", "WAYLAND_DISPLAY"));
        process = builder.start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        assertThat(line).as(() -> err()).matches("http://127\\.0\\.0\\.1:\\d+/\\?token=[\\w-]{22}");
        return URI.create(line);
    }

    private String err() {
        try {
            return Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int health(URI address) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/health"))
                .header("Authorization", "Bearer " + address.getQuery().substring("token=".length()))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void aSignalEndsItCleanly() throws Exception {
        Path photograph = Pictures.png(folder.resolve("photos/a.png"), 64, 48);
        URI address = start(photograph, "--open");
        assertThat(health(address)).isEqualTo(200);
        assertThat(err()).contains("There is no browser to open here");
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(err()).isEqualTo(INTERRUPTED);
        assertThat(err()).doesNotContain("error", "Exception");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aClientThatIsTooSlowLosesItsConnection() throws Exception {
        URI address = start();
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            Socket socket = new Socket(address.getHost(), address.getPort());
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("POST /v1/seg".getBytes(StandardCharsets.US_ASCII));
            slow.add(socket);
        }
        for (Socket each : slow) {
            assertThat(isEnded(each)).isTrue();
            each.close();
        }
        assertThat(health(address)).isEqualTo(200);
    }

    /** Waits for the end of a connection; returns false if there is an answer. */
    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CommandLineRun run =
                    CommandLineRun.of("serve", "-m", MODEL, "--device", "cpu", "--port", taken.getLocalPort());
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains("--port " + taken.getLocalPort() + " can't be had", "give another one");
            assertThat(run.out()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--port=-1, --port must be between 0 and 65535",
        "--port=65536, --port must be between 0 and 65535",
        "--token=short, a token has at least 16 characters",
        "--token=with-a-semicolon;-in-it, a token has at least 16 characters",
        "--size=5, --size must be between"
    })
    void wrongUseIsRefusedBeforeAnythingIsLoaded(String option, String reason) {
        CommandLineRun run = CommandLineRun.of("serve", "-m", "no-such-file.safetensors", option);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(reason);
    }
}
