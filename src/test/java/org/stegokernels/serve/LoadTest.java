package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.testing.ProcessMemory;

/** Many clients at once, some of which break off and some of which mean harm. */
class LoadTest {
    private static final int CLIENTS = 50;
    private static final int REQUESTS = 2000;
    private static final int[][] SIZES = {{40, 30}, {64, 48}, {75, 101}, {160, 120}, {300, 200}};
    private static final long ENDING_MILLIS = 10_000;
    private static final long MOST_GROWTH = 32L << 20;

    @TempDir
    Path folder;

    private final List<byte[]> photographs = new ArrayList<>();
    private final List<byte[]> expected = new ArrayList<>();
    private final ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();

    /** Returns the threads of workbenches that don't end: a pool says that it has ended before its threads have. */
    private static List<String> threads() throws InterruptedException {
        List<String> left = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("workbench-") || name.equals("HTTP-Dispatcher")) {
                thread.join(ENDING_MILLIS);
                if (thread.isAlive()) {
                    left.add(name);
                }
            }
        }
        return left;
    }

    @Test
    void allAnswersAreRightAndNothingIsLeftOver() throws Exception {
        assertThat(threads()).isEmpty();
        try (Served served = Served.openSmall(folder.resolve("out"))) {
            for (int[] size : SIZES) {
                byte[] photograph = PublicApiTest.picture(size[0], size[1]);
                photographs.add(photograph);
                expected.add(served.post("/v1/segment", photograph, "Accept", "image/png")
                        .body());
            }
            run(served, REQUESTS / 4);
            long before = ProcessMemory.heapBytes();
            latencies.clear();
            run(served, REQUESTS);
            long after = ProcessMemory.heapBytes();
            assertThat(after - before).isLessThan(MOST_GROWTH);
            long[] sorted =
                    latencies.stream().mapToLong(Long::longValue).sorted().toArray();
            assertThat(sorted).hasSizeGreaterThan(REQUESTS / 2);
            System.out.printf(
                    "%d answers to %d clients: median %d ms, 99th percentile %d ms; heap %d -> %d MiB%n",
                    sorted.length,
                    CLIENTS,
                    sorted[sorted.length / 2] / 1_000_000,
                    sorted[sorted.length * 99 / 100] / 1_000_000,
                    before >> 20,
                    after >> 20);
        }
        assertThat(threads()).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    private void run(Served served, int requests) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                int first = client;
                running.add(clients.submit(() -> {
                    for (int request = first; request < requests; request += CLIENTS) {
                        send(served, request);
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(120, TimeUnit.SECONDS);
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private void send(Served served, int request) throws Exception {
        int which = request % SIZES.length;
        switch (request % 23) {
            case 3 -> breakOff(served, photographs.get(which));
            case 7 -> leaveBeforeTheAnswer(served, photographs.get(which));
            case 11 ->
                assertThat(Served.status(served.raw("GET /../../etc/passwd HTTP/1.1", served.host())))
                        .isEqualTo(401);
            case 13 ->
                assertThat(Served.status(
                                served.raw("POST /v1/segment HTTP/1.1", "Host: evil.example", Served.authorization())))
                        .isEqualTo(403);
            case 17 ->
                assertThat(Served.status(served.raw(
                                "POST /v1/segment HTTP/1.1",
                                served.host(),
                                Served.authorization(),
                                "Content-Length: 1000000000")))
                        .isEqualTo(413);
            case 19 -> {
                byte[] half = Arrays.copyOf(photographs.get(which), photographs.get(which).length / 2);
                assertThat(served.post("/v1/segment", half).statusCode()).isEqualTo(422);
            }
            default -> {
                long start = System.nanoTime();
                HttpResponse<byte[]> answer = served.post("/v1/segment", photographs.get(which), "Accept", "image/png");
                latencies.add(System.nanoTime() - start);
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(expected.get(which));
            }
        }
    }

    private static void breakOff(Served served, byte[] photograph) throws IOException {
        try (Socket socket = served.connect()) {
            begin(served, socket, photograph.length);
            socket.getOutputStream().write(photograph, 0, photograph.length / 2);
        }
    }

    private static void leaveBeforeTheAnswer(Served served, byte[] photograph) throws IOException {
        try (Socket socket = served.connect()) {
            begin(served, socket, photograph.length);
            socket.getOutputStream().write(photograph);
        }
    }

    private static void begin(Served served, Socket socket, int length) throws IOException {
        String head = String.join(
                "\r\n",
                "POST /v1/segment HTTP/1.1",
                served.host(),
                Served.authorization(),
                "Content-Length: " + length,
                "",
                "");
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    }
}
