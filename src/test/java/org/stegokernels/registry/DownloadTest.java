package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.registry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelStore.PullListener;
import org.stegokernels.testing.FaultyServer;

/** Against a server that does whatever servers and networks do. */
@Timeout(180)
class DownloadTest {
    private static final String TAG = "\"v1\"";
    private static final Download.Patience IMPATIENT =
            new Download.Patience(Duration.ofSeconds(5), Duration.ofMillis(500), 3, Duration.ofMillis(1));

    private static final long MOST = 1_000_000;

    private final byte[] file = new byte[300_000];
    private final List<String> said = new ArrayList<>();
    private final List<Long> totals = new ArrayList<>();

    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void prepare() {
        new Random(5).nextBytes(file);
        target = folder.resolve("model.pth");
    }

    private void download(URI address, Long bytes) throws IOException {
        PullListener listener = new PullListener() {
            @Override
            public void says(String line) {
                said.add(line);
            }

            @Override
            public void progress(long done, long total) {
                totals.add(total);
            }
        };
        new Download(address, target, bytes, MOST, IMPATIENT, listener).run();
    }

    private void download(FaultyServer server) throws IOException {
        download(server.address("/model.pth"), null);
    }

    private void assertFails(FaultyServer server, String... reasons) {
        assertThatThrownBy(() -> download(server))
                .isInstanceOf(DownloadException.class)
                .hasMessageStartingWith("can't download http://127.0.0.1:")
                .hasMessageContainingAll(reasons);
        assertThat(target).doesNotExist();
    }

    private void assertWhole() throws IOException {
        assertThat(target).hasBinaryContent(file);
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(target);
        }
    }

    /** A part of the file, as an interrupted download left it. */
    private void leave(byte[] part, URI address, String tag, long total) throws IOException {
        Files.write(folder.resolve("model.pth.part"), part);
        Files.writeString(folder.resolve("model.pth.part.from"), address + "\n" + tag + "\n" + total + "\n");
    }

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

    private static PullListener ignoring() {
        return new PullListener() {
            @Override
            public void says(String line) {}

            @Override
            public void progress(long done, long total) {}
        };
    }

    @Test
    void anInterruptedDownloadGoesOnInTheNextProcess() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            leave(Arrays.copyOf(file, 123_456), server.address("/model.pth"), TAG, file.length);
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().get(0).from()).isEqualTo(123_456);
            assertThat(said).containsExactly("going on behind 0.1 MB");
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
    void aLengthThatIsTooLongEndsInAnError() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", "Content-Length: 300001");
            out.write(file);
        })) {
            assertFails(server, "broke off after 300000 bytes of 300001");
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void anAbsurdLengthIsRefusedBeforeAnythingComes() throws IOException {
        try (FaultyServer server = new FaultyServer(
                (request, out) -> FaultyServer.head(out, "200 OK", "Content-Length: 1152921504606846976"))) {
            Download download =
                    new Download(server.address("/model.pth"), target, null, Long.MAX_VALUE, IMPATIENT, ignoring());
            assertThatThrownBy(download::run).hasMessageContainingAll("1152921504606.8 MB", folder.toString(), "left");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aKnownLengthMustBeMet() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            assertThatThrownBy(() -> download(server.address("/model.pth"), 300_001L))
                    .hasMessageContaining("has a file of 300000 bytes, wanted 300001");
        }
    }

    @Test
    void withoutAnyLengthNobodyKnowsWhetherItIsWhole() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK");
            out.write(file);
        })) {
            assertFails(server, "does not say how long");
            download(server.address("/model.pth"), 300_000L);
            assertWhole();
            assertThatThrownBy(() -> download(server.address("/model.pth"), 300_007L))
                    .hasMessageContaining("ended after 300000 bytes of 300007");
        }
    }

    @Test
    void moreThanTheKnownLengthIsCutOff() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK");
            while (true) {
                out.write(file);
            }
        })) {
            assertThatThrownBy(() -> download(server.address("/model.pth"), 1000L))
                    .hasMessageContaining("sends more than the 1000 bytes");
        }
    }

    /** A chunk after the other, for ever. */
    private void sendWithoutEnd(OutputStream out) throws IOException {
        while (true) {
            out.write("493e0\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.write(file);
            out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).isEmpty();
        }
    }

    @Test
    void aBodyWithoutEndIsCutOffAndDeleted() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", "ETag: " + TAG, "Transfer-Encoding: chunked");
            sendWithoutEnd(out);
        })) {
            assertFails(server, "sends more than the 1.0 MB that this model's file can have", "bytes");
            assertThat(server.requests()).hasSize(1);
            assertNothingIsLeft();
        }
    }

    @Test
    void aFileLongerThanTheModelCanBeIsRefusedBeforeAnythingComes() throws IOException {
        try (FaultyServer server =
                new FaultyServer((request, out) -> FaultyServer.send(request, out, new byte[1_000_001], TAG))) {
            assertFails(server, "has a file of 1.0 MB, more than the 1.0 MB");
            assertThat(totals).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"150000-299999", "150000-160000"})
    void aRestWithoutEndIsCutOffAndDeleted(String range) throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(
                    out,
                    "206 Partial Content",
                    "ETag: " + TAG,
                    "Content-Range: bytes " + range + "/300000",
                    "Transfer-Encoding: chunked");
            sendWithoutEnd(out);
        })) {
            leave(Arrays.copyOf(file, 150_000), server.address("/model.pth"), TAG, file.length);
            assertFails(server, "sends more than it announced");
            assertThat(server.requests()).hasSize(1);
            assertNothingIsLeft();
        }
    }

    @Test
    void aRangeThatLeavesTheFileIsNotAppended() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.from() > 0) {
                FaultyServer.head(
                        out,
                        "206 Partial Content",
                        "ETag: " + TAG,
                        "Content-Range: bytes " + request.from() + "-599999/300000",
                        "Content-Length: " + (600_000 - request.from()));
                out.write(new byte[600_000 - request.from()]);
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
    void piecesOfTheRestAreAppended() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            int from = request.from();
            int to = Math.min(from + 100_000, file.length);
            FaultyServer.head(
                    out,
                    from == 0 ? "200 OK" : "206 Partial Content",
                    "ETag: " + TAG,
                    "Content-Range: bytes " + from + "-" + (to - 1) + "/300000",
                    "Content-Length: " + (from == 0 ? 300_000 : to - from));
            out.write(file, from, to - from);
        })) {
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void aByteAtATimeHasAnEnd() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG, 1))) {
            assertFails(server, "broke off after 1000 bytes of 300000");
            assertThat(server.requests()).hasSize(1000);
        }
    }

    @Test
    void anEncodedFileIsRefused() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", "Content-Encoding: gzip", "Content-Length: " + file.length);
            out.write(file);
        })) {
            assertFails(server, "encoded (gzip)");
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().get(0).headers()).containsEntry("Accept-Encoding", "identity");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\377\376 two bytes that are no text", "half a li", ""})
    void aDamagedNoteIsSetAside(String damaged) throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> FaultyServer.send(request, out, file, TAG))) {
            Path note = folder.resolve("model.pth.part.from");
            Files.write(folder.resolve("model.pth.part"), new byte[1000]);
            Files.write(note, damaged.getBytes(StandardCharsets.ISO_8859_1));
            download(server);
            assertThat(target).hasBinaryContent(file);
            assertThat(said).singleElement().asString().contains(note.toString(), "damaged", "starting anew");
            assertThat(note).doesNotExist();
            assertThat(folder.resolve("model.pth.part.from.damaged"))
                    .hasBinaryContent(damaged.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void chunksHaveAnEndOfTheirOwn() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            FaultyServer.head(out, "200 OK", "Transfer-Encoding: chunked");
            out.write("493e0\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.write(file, 0, request.number() == 0 ? 1000 : file.length);
            out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        })) {
            download(server);
            assertWhole();
            assertThat(server.requests()).hasSize(2);
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
