package org.stegokernels.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/** A workbench on the CPU device, and clients of it, for tests. */
final class Served implements AutoCloseable {
    static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    static final String TOKEN = "a-token-for-tests-only";

    private static final int PATIENCE_MILLIS = 30_000;

    final Workbench workbench;
    final int port;
    private final Device device;
    private final Stego model;
    private final HttpClient client = HttpClient.newHttpClient();

    /** @param size shorter side in pixels of what the model sees, or 0 for its own */
    private Served(Path file, int size, Path out) throws IOException {
        device = Devices.choose("cpu").open(Device.Options.DEFAULT);
        model = Stego.load(file, device);
        Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(
                size == 0 ? model.info().settings().inputSize() : size);
        workbench = Workbench.open(
                new Workbench.Settings(
                        "pipeline",
                        List.of(),
                        out,
                        0,
                        TOKEN,
                        options,
                        ImageReader.Limits.DEFAULT.withMaxPixels(4_000_000)),
                model);
        port = URI.create(workbench.address()).getPort();
    }

    static Served open(Path out) throws IOException {
        return new Served(MODEL, 0, out);
    }

    static Served open(Path model, Path out) throws IOException {
        return new Served(model, 0, out);
    }

    static Served openSmall(Path out) throws IOException {
        return new Served(MODEL, 32, out);
    }

    /** Begins a request that shows the token. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + TOKEN);
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    /** Returns the lines of an answer as they come. */
    Stream<String> lines(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofLines())
                .body();
    }

    HttpResponse<byte[]> post(String path, byte[] body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** Sends what no honest client would, and returns the answer up to the end of the connection; empty if there is none. */
    String raw(String... lines) throws IOException {
        try (Socket socket = connect()) {
            String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return read(socket);
        }
    }

    static String read(Socket socket) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] chunk = new byte[1 << 16];
        InputStream in = socket.getInputStream();
        try {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                answer.writeBytes(Arrays.copyOf(chunk, count));
            }
        } catch (SocketException reset) {
            // As good as an end.
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    String host() {
        return "Host: 127.0.0.1:" + port;
    }

    static String authorization() {
        return "Authorization: Bearer " + TOKEN;
    }

    /** Returns the status in an answer as {@link #raw} gives it. */
    static int status(String answer) {
        return Integer.parseInt(answer.split(" ")[1]);
    }

    @Override
    public void close() {
        workbench.close();
        model.close();
        device.close();
    }
}
