package org.stegokernels.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** An HTTP server that says exactly what a test has it say, right or wrong, byte by byte. */
public final class FaultyServer implements AutoCloseable {
    /** A request as it came. */
    public record Request(int number, String target, Map<String, String> headers) {
        /** First byte of the file that is wanted; 0 if all of it. */
        public int from() {
            String range = headers.getOrDefault("Range", "bytes=0-");
            return Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        }
    }

    /** Answers a request. The connection is closed after it. */
    public interface Answer {
        void write(Request request, OutputStream out) throws IOException;
    }

    private final ServerSocket socket;
    private final Answer answer;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    public FaultyServer(Answer answer) throws IOException {
        this.answer = answer;
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "faulty server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                daemon(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            if (first == null || !first.endsWith(" HTTP/1.1")) {
                return;
            }
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                headers.put(
                        line.substring(0, line.indexOf(':')),
                        line.substring(line.indexOf(':') + 1).strip());
            }
            Request request;
            synchronized (this) {
                request = new Request(requests.size(), first.split(" ")[1], headers);
                requests.add(request);
            }
            answer.write(request, connection.getOutputStream());
            connection.getOutputStream().flush();
        } catch (IOException clientIsGone) {
            // A client that was given nonsense may do this.
        }
    }

    public URI address(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** All that came so far. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** An answer's last step: says nothing more until the test is over. */
    public void stall(OutputStream out) throws IOException {
        out.flush();
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A status line and headers. */
    public static void head(OutputStream out, String status, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        out.write(head.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A file as a good server sends it, or its rest where that is asked for, of which only {@code count} bytes come. */
    public static void send(Request request, OutputStream out, byte[] file, String tag, int count) throws IOException {
        int from = request.from();
        boolean same = tag.equals(request.headers().getOrDefault("If-Range", tag));
        if (from > 0 && same) {
            if (from >= file.length) {
                head(out, "416 Range Not Satisfiable", "Content-Range: bytes */" + file.length, "Content-Length: 0");
                return;
            }
            head(
                    out,
                    "206 Partial Content",
                    "ETag: " + tag,
                    "Content-Range: bytes " + from + "-" + (file.length - 1) + "/" + file.length,
                    "Content-Length: " + (file.length - from));
        } else {
            from = 0;
            head(out, "200 OK", "ETag: " + tag, "Content-Length: " + file.length);
        }
        out.write(file, from, Math.min(count, file.length - from));
        out.flush();
    }

    public static void send(Request request, OutputStream out, byte[] file, String tag) throws IOException {
        send(request, out, file, tag, file.length);
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        socket.close();
    }
}
