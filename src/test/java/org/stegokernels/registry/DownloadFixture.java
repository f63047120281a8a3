package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;
import org.stegokernels.testing.FaultyServer;

/** A file to download, and an impatient client. */
abstract class DownloadFixture {
    static final String TAG = "\"v1\"";
    static final Download.Patience IMPATIENT =
            new Download.Patience(Duration.ofSeconds(5), Duration.ofMillis(500), 3, Duration.ofMillis(1));

    static final long MOST = 1_000_000;

    final byte[] file = new byte[300_000];
    final List<String> said = new ArrayList<>();
    final List<Long> totals = new ArrayList<>();

    @TempDir
    Path folder;

    Path target;

    @BeforeEach
    void prepare() {
        new Random(5).nextBytes(file);
        target = folder.resolve("model.pth");
    }

    void download(URI address, Long bytes) throws IOException {
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

    void download(FaultyServer server) throws IOException {
        download(server.address("/model.pth"), null);
    }

    void assertFails(FaultyServer server, String... reasons) {
        assertThatThrownBy(() -> download(server))
                .isInstanceOf(DownloadException.class)
                .hasMessageStartingWith("can't download http://127.0.0.1:")
                .hasMessageContainingAll(reasons);
        assertThat(target).doesNotExist();
    }

    void assertWhole() throws IOException {
        assertThat(target).hasBinaryContent(file);
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(target);
        }
    }

    /** A part of the file, as an interrupted download left it. */
    void leave(byte[] part, URI address, String tag, long total) throws IOException {
        Files.write(folder.resolve("model.pth.part"), part);
        Files.writeString(folder.resolve("model.pth.part.from"), address + "\n" + tag + "\n" + total + "\n");
    }

    static PullListener ignoring() {
        return new PullListener() {
            @Override
            public void says(String line) {}

            @Override
            public void progress(long done, long total) {}
        };
    }
}
