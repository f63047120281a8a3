package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events of the board reach the pages. */
class EventsTest {
    private static final int MOST = 16;
    private static final String TOKEN = "a-token-for-tests-only";

    private final Works works = new Works();
    private final Events events = new Events();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<HttpURLConnection> pages = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        Routes routes = new Routes();
        routes.add("GET", "/events", events::handle);
        server.createContext(
                "/",
                new Gate(
                        routes,
                        works,
                        new Metrics(works, events),
                        TOKEN,
                        server.getAddress().getPort()));
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        pages.forEach(HttpURLConnection::disconnect);
        events.close();
        server.stop(0);
        threads.shutdownNow();
        works.close();
    }

    private HttpURLConnection page() throws IOException {
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/events");
        HttpURLConnection page = (HttpURLConnection) address.toURL().openConnection();
        page.setRequestProperty("Authorization", "Bearer " + TOKEN);
        page.setReadTimeout(10_000);
        pages.add(page);
        return page;
    }

    private static BufferedReader lines(HttpURLConnection page) throws IOException {
        InputStream in = page.getInputStream();
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("retry: 1000");
        assertThat(lines.readLine()).isEmpty();
        return lines;
    }

    @Test
    void allPagesAreTold() throws IOException {
        HttpURLConnection first = page();
        BufferedReader one = lines(first);
        BufferedReader other = lines(page());
        assertThat(first.getContentType()).isEqualTo("text/event-stream");
        events.send("board", json -> json.field("name", "a\nb é"));
        events.send("progress", "{\"done\":1}");
        for (BufferedReader lines : List.of(one, other)) {
            assertThat(lines.readLine()).isEqualTo("event: board");
            assertThat(lines.readLine()).isEqualTo("data: {\"name\":\"a\\nb é\"}");
            assertThat(lines.readLine()).isEmpty();
            assertThat(lines.readLine()).isEqualTo("event: progress");
            assertThat(lines.readLine()).isEqualTo("data: {\"done\":1}");
            assertThat(lines.readLine()).isEmpty();
        }
        events.close();
        while (one.readLine() != null) {
            // A comment may come before the end.
        }
    }

    @Test
    void morePagesThanThereIsRoomForAreRefused() throws IOException {
        for (int i = 0; i < MOST; i++) {
            lines(page());
        }
        HttpURLConnection refused = page();
        assertThat(refused.getResponseCode()).isEqualTo(503);
        assertThat(refused.getHeaderField("Retry-After")).isEqualTo("10");
        assertThat(events.streams()).isEqualTo(MOST);
    }

    /** A page that reads nothing, while much happens: nobody waits for it. */
    @Test
    void aPageThatDoesNotKeepUpIsLeft() throws Exception {
        lines(page());
        String large = "{\"text\":\"" + "x".repeat(1 << 16) + "\"}";
        for (int i = 0; i < 2000; i++) {
            events.send("board", large);
        }
        lines(page());
        events.send("board", "{}");
    }
}
