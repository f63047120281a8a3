package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.testing.FaultyServer;

/** Against a server that does whatever servers and networks do. */
@Timeout(180)
class DownloadTest extends DownloadFixture {
    @Test
    void aGoodServerIsAskedOnce() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().get(0).headers()).doesNotContainKeys("Range", "If-Range");
            assertThat(totals).last().isEqualTo(300_000L);
            assertThat(said).isEmpty();
        }
    }

    @Test
    void aBrokenConnectionIsResumed() throws IOException {
        try (FaultyServer server =
                new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG, 40_000))) {
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(8);
            assertThat(server.requests().get(1).headers())
                    .containsEntry("Range", "bytes=40000-")
                    .containsEntry("If-Range", TAG);
        }
    }

    @Test
    void aStallIsResumed() throws IOException {
        FaultyServer[] self = new FaultyServer[1];
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.send(request, out, file, TAG, request.number() == 0 ? 100_000 : file.length);
            if (request.number() == 0) {
                self[0].stall(out);
            }
        })) {
            self[0] = server;
            download(server);
            assertWhole();
            assertThat(server.requests().get(1).from()).isEqualTo(100_000);
            assertThat(said).first().asString().contains("sent nothing for");
        }
    }

    @Test
    void silenceEndsInAnError() throws IOException {
        FaultyServer[] self = new FaultyServer[1];
        try (FaultyServer server = new FaultyServer((request, out) -> self[0].stall(out))) {
            self[0] = server;
            Download.Patience brief =
                    new Download.Patience(Duration.ofMillis(300), Duration.ofMillis(200), 2, Duration.ofMillis(1));
            assertThatThrownBy(() ->
                            new Download(server.address("/model.pth"), target, null, MOST, brief, ignoring()).run())
                    .hasMessageContaining("did not answer");
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void anInterruptedDownloadGoesOnInTheNextProcess() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            leave(Arrays.copyOf(file, 123_456), server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().get(0).from()).isEqualTo(123_456);
            assertThat(said).containsExactly("going on after 0.1 MB");
        }
    }

    @Test
    void onlyTheNameMayBeMissing() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {})) {
            leave(file, server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void anotherVersionIsBegunAnew() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            leave(new byte[200_000], server.address("/model.pth"), "\"v0\"", 250_000);
            download(server);
            assertWhole();
        }
    }

    @Test
    void theVersionMayChangeBetweenTries() throws IOException {
        byte[] old = new byte[200_000];
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.number() == 0) {
                FaultyServer.send(request, out, old, "\"v0\"", 50_000);
            } else {
                FaultyServer.send(request, out, file, TAG);
            }
        })) {
            download(server);
            assertWhole();
        }
    }

    /** Bytes of another version must not be appended, even if the server sends them as asked. */
    @Test
    void aRangeOfAnotherVersionIsNotAppended() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.from() > 0) {
                FaultyServer.head(
                        out,
                        "206 Partial Content",
                        "ETag: \"v2\"",
                        "Content-Range: bytes " + request.from() + "-" + (file.length - 1) + "/" + file.length,
                        "Content-Length: " + (file.length - request.from()));
                out.write(new byte[file.length - request.from()]);
            } else {
                FaultyServer.send(request, out, file, TAG);
            }
        })) {
            leave(new byte[200_000], server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
        }
    }

    @Test
    void aRangeFromAnotherPlaceIsNotAppended() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.from() > 0) {
                FaultyServer.head(
                        out,
                        "206 Partial Content",
                        "ETag: " + TAG,
                        "Content-Range: bytes 0-299999/300000",
                        "Content-Length: 300000");
                out.write(file);
            } else {
                FaultyServer.send(request, out, file, TAG);
            }
        })) {
            leave(Arrays.copyOf(file, 100), server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
        }
    }

    @Test
    void aServerWithoutRangesSendsAllAgain() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", "ETag: " + TAG, "Content-Length: " + file.length);
            out.write(file);
        })) {
            leave(Arrays.copyOf(file, 100), server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
        }
    }

    @Test
    void aPartLongerThanTheFileIsBegunAnew() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            leave(new byte[400_000], server.address("/model.pth"), TAG, 500_000);
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(2);
        }
    }

    /** A weak tag promises no equal bytes, and without a tag nothing does: what came is not appended to. */
    @ParameterizedTest
    @ValueSource(strings = {"ETag: W/\"v1\"", "X-Nothing: 1"})
    void withoutAStrongTagNothingIsResumed(String header) throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", header, "Content-Length: " + file.length);
            out.write(file, 0, request.number() == 0 ? 1000 : file.length);
        })) {
            download(server);
            assertWhole();
            assertThat(server.requests().get(1).headers()).doesNotContainKeys("Range", "If-Range");
        }
    }

    @Test
    void aDateIsAsGoodAsATag() throws IOException {
        String date = "Wed, 21 Oct 2015 07:28:00 GMT";
        try (FaultyServer server = new FaultyServer((request, out) -> {
            int from = request.from();
            FaultyServer.head(
                    out,
                    from == 0 ? "200 OK" : "206 Partial Content",
                    "Last-Modified: " + date,
                    "Content-Range: bytes " + from + "-299999/300000",
                    "Content-Length: " + (file.length - from));
            out.write(file, from, Math.min(200_000, file.length - from));
        })) {
            download(server);
            assertWhole();
            assertThat(server.requests().get(1).headers()).containsEntry("If-Range", date);
        }
    }

    @Test
    void whatIsNotThereIsAskedForOnce() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "404 Not Found", "Content-Length: 3");
            out.write("no\n".getBytes(StandardCharsets.ISO_8859_1));
        })) {
            assertFails(server, "404", "there is no such file");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"})
    void whatMayPassIsTriedAgain(String status) throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.number() < 2) {
                FaultyServer.head(out, status, "Content-Length: 0");
            } else {
                FaultyServer.send(request, out, file, TAG);
            }
        })) {
            download(server);
            assertWhole();
        }
        try (FaultyServer server =
                new FaultyServer((request, out) -> FaultyServer.head(out, status, "Content-Length: 0"))) {
            Files.delete(target);
            assertFails(server, status.substring(0, 3));
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void aRedirectionToAnotherHostIsFollowedWithItsRange() throws IOException {
        try (FaultyServer mirror =
                        new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG, 200_000));
                FaultyServer server = new FaultyServer((request, out) -> FaultyServer.head(
                        out,
                        "302 Found",
                        "Location: http://localhost:" + mirror.port() + "/elsewhere",
                        "Content-Length: 0"))) {
            download(server);
            assertWhole();
            assertThat(mirror.requests().get(1).from()).isEqualTo(200_000);
            assertThat(mirror.requests().get(1).target()).isEqualTo("/elsewhere");
        }
    }

    @Test
    void aLoopOfRedirectionsEnds() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.head(
                out, "301 Moved Permanently", "Location: " + request.target() + "x", "Content-Length: 0"))) {
            assertFails(server, "redirects too often", "at last to /model.pthxxx");
            assertThat(server.requests()).hasSizeLessThan(10);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x"})
    void aRedirectionAwayFromHttpIsNotFollowed(String location) throws IOException {
        try (FaultyServer server = new FaultyServer(
                (request, out) -> FaultyServer.head(out, "302 Found", "Location: " + location, "Content-Length: 0"))) {
            assertFails(server, "to an unsafe address, at last to " + location);
        }
    }

    @Test
    void anUnknownHostIsNamed() {
        assertThatThrownBy(() -> download(URI.create("https://nowhere.invalid/model.pth"), null))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("there is no host nowhere.invalid, or no network");
    }

    @Test
    void aDoorThatIsShutIsNamed() throws IOException {
        URI address;
        try (FaultyServer server = new FaultyServer((request, out) -> {})) {
            address = server.address("/model.pth");
        }
        assertThatThrownBy(() -> download(address, null)).hasMessageContaining("no connection to 127.0.0.1");
    }

    @Test
    void plainHttpWhereTlsIsWantedIsRefused() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            URI address = URI.create("https://127.0.0.1:" + server.port() + "/model.pth");
            assertThatThrownBy(() -> download(address, null)).isInstanceOf(DownloadException.class);
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void aFullDiskIsNamedAtOnce() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full here");
        Files.createSymbolicLink(folder.resolve("model.pth.part"), full);
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            assertFails(server, "the disk that holds " + folder + " is full");
            Files.delete(folder.resolve("model.pth.part"));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void theProxyOfTheSystemPropertiesIsUsed() throws IOException {
        try (FaultyServer proxy = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            System.setProperty("http.proxyHost", "127.0.0.1");
            System.setProperty("http.proxyPort", Integer.toString(proxy.port()));
            try {
                download(URI.create("http://models.invalid/model.pth"), null);
            } finally {
                System.clearProperty("http.proxyHost");
                System.clearProperty("http.proxyPort");
            }
            assertWhole();
            assertThat(proxy.requests().get(0).target()).isEqualTo("http://models.invalid/model.pth");
        }
    }
}
