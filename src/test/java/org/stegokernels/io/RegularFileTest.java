package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.io.RegularFile.NotRegularException;

@Timeout(60)
class RegularFileTest {
    @TempDir
    Path folder;

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> RegularFile.require(file))
                .isInstanceOf(NotRegularException.class)
                .hasMessageContaining(file + ": is no regular file but " + reason);
    }

    @Test
    void aFileAndALinkToItAreLetPass() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "content");
        Path link = Files.createSymbolicLink(folder.resolve("b"), file);
        assertThat(RegularFile.require(file)).isEqualTo(file);
        assertThat(RegularFile.require(link)).isEqualTo(link);
    }

    @Test
    void aFolderIsRefused() {
        assertRefused(folder, "a folder; name a file in it");
    }

    @Test
    void whatIsMissingIsMissing() {
        assertThatThrownBy(() -> RegularFile.require(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPipeAndALinkToItAreRefusedWithoutWaiting() throws Exception {
        Path pipe = folder.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0, "no mkfifo here");
        assertRefused(pipe, "a pipe; save its content to a file first");
        assertRefused(Files.createSymbolicLink(folder.resolve("link"), pipe), "a pipe");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aSocketAndADeviceAreRefused() throws IOException {
        // The folder has a short name: the system allows no more than about 100 bytes.
        Path home = Files.createTempDirectory(Path.of("/tmp"), "s");
        Path socket = home.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertRefused(socket, "a socket");
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(home);
        }
        assertRefused(Path.of("/dev/null"), "a device");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aDescriptorOfTheShellIsAPipeEvenWhereItIsNotInherited() {
        assertRefused(Path.of("/dev/fd/63"), "a pipe");
    }
}
