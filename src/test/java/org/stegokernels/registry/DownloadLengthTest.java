package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.testing.FaultyServer;

/** Against a server that sends less or more than it says, or never ends. */
@Timeout(180)
class DownloadLengthTest extends DownloadFixture {
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
}
