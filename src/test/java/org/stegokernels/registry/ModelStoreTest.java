package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.io.Sha256;
import org.stegokernels.registry.ModelRegistry.ModelKind;
import org.stegokernels.registry.ModelRegistry.ModelStore;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.testing.FaultyServer;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

@Timeout(180)
class ModelStoreTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");
    private static final Path OTHER = Path.of("kernels/reference/vit_micro_p16.safetensors");
    private static final URI NOWHERE = URI.create("https://nowhere.invalid/a/micro.pth");

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final PullListener listener = new PullListener() {
        @Override
        public void says(String line) {
            said.add(line);
        }

        @Override
        public void progress(long done, long total) {}
    };

    @TempDir
    Path parent;

    private Path folder;
    private ModelStore store;
    private byte[] file;
    private Architecture measures;

    @BeforeEach
    void prepare() throws IOException {
        folder = parent.resolve("models");
        store = new ModelStore(
                folder, new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(1)));
        file = Files.readAllBytes(BACKBONE);
        measures = measures(BACKBONE);
    }

    private static Architecture measures(Path path) {
        try (Safetensors opened = Safetensors.open(path)) {
            return Architecture.of(opened, Architecture.findPrefix(opened));
        }
    }

    private RegisteredModel model(URI address, String sha256, Architecture expects) {
        return new RegisteredModel(
                "micro", ModelKind.BACKBONE, "micro", "tests", "Apache-2.0", address, null, null, sha256, expects);
    }

    private RegisteredModel model(FaultyServer server) {
        return model(server.address("/a/micro.pth"), null, measures);
    }

    private static FaultyServer serving(byte[] bytes) throws IOException {
        return new FaultyServer((request, out) -> FaultyServer.send(request, out, bytes, "\"v1\""));
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private byte[] flipped() {
        byte[] flipped = file.clone();
        flipped[flipped.length - 5] ^= 1;
        return flipped;
    }

    private String digest(byte[] bytes) throws IOException {
        return Sha256.hex(Files.write(parent.resolve("any"), bytes));
    }

    @Test
    void pullsOnce() throws IOException {
        try (FaultyServer server = serving(file)) {
            RegisteredModel model = model(server);
            assertThat(store.state(model)).isEqualTo(ModelStore.State.ABSENT);
            Path ready = store.pull(model, listener);
            assertThat(ready).isEqualTo(store.path("micro")).isEqualTo(folder.resolve("micro.safetensors"));
            assertThat(measures(ready)).isEqualTo(measures);
            try (Safetensors before = Safetensors.open(BACKBONE);
                    Safetensors after = Safetensors.open(ready)) {
                String norm = "norm.weight";
                assertThat(after.floats(Architecture.findPrefix(after) + norm))
                        .isEqualTo(before.floats(Architecture.findPrefix(before) + norm));
                assertThat(after.metadata())
                        .containsEntry("licence", "Apache-2.0")
                        .containsEntry("source", model.url().toString());
            }
            assertThat(listing()).containsExactly(".micro.lock", "downloads", "micro.safetensors", "micro.sha256");
            assertThat(folder.resolve("downloads")).isEmptyDirectory();
            assertThat(folder.resolve("micro.sha256"))
                    .hasContent(digest(file) + "  downloads/micro/micro.pth\n" + Sha256.hex(ready)
                            + "  micro.safetensors\n");
            assertThat(store.state(model)).isEqualTo(ModelStore.State.HERE);
            assertThat(store.has("micro")).isTrue();
            assertThat(said)
                    .containsExactly("downloading " + model.url(), "checking and converting " + store.published(model));

            assertThat(store.pull(model, listener)).isEqualTo(ready);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aPullThatFailsAtItsLastStepLeavesNoConvertedFile() throws IOException {
        try (FaultyServer server = serving(file)) {
            RegisteredModel model = model(server);
            PullListener inTheWay = new PullListener() {
                @Override
                public void says(String line) {
                    if (line.startsWith("checking")) {
                        makeFolders(store.path("micro").resolve("full"));
                    }
                }

                @Override
                public void progress(long done, long total) {}
            };
            assertThatThrownBy(() -> store.pull(model, inTheWay)).isInstanceOf(IOException.class);
            assertThat(listing()).doesNotContain(".micro.converted");
        }
    }

    private static void makeFolders(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFlippedByteIsSeenWhereTheDigestIsKnown() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) ->
                FaultyServer.send(request, out, request.number() == 0 ? flipped() : file, "\"v1\""))) {
            RegisteredModel model = model(server.address("/a/micro.pth"), digest(file), measures);
            assertThatThrownBy(() -> store.pull(model, listener))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("micro.pth", digest(flipped()), digest(file));
            assertThat(listing()).containsExactly(".micro.lock", "downloads");
            store.pull(model, listener);
            assertThat(store.has("micro")).isTrue();
        }
    }

    @Test
    void theFirstDigestHoldsFromThenOn() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) ->
                FaultyServer.send(request, out, request.number() == 1 ? flipped() : file, "\"v1\""))) {
            RegisteredModel model = model(server);
            Files.delete(store.pull(model, listener));
            assertThatThrownBy(() -> store.pull(model, listener))
                    .hasMessageContainingAll(digest(flipped()), digest(file), "micro.sha256");
            assertThat(store.has("micro")).isFalse();
            store.pull(model, listener);
            assertThat(store.has("micro")).isTrue();
        }
    }

    @Test
    void anotherModelThanExpectedIsRefusedAndNotRemembered() throws IOException {
        byte[] other = Files.readAllBytes(OTHER);
        try (FaultyServer server = new FaultyServer(
                (request, out) -> FaultyServer.send(request, out, request.number() == 0 ? other : file, "\"v1\""))) {
            RegisteredModel model = model(server);
            assertThatThrownBy(() -> store.pull(model, listener))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContainingAll("side=16", "wanted", "side=8");
            assertThat(listing()).containsExactly(".micro.lock", "downloads");
            store.pull(model, listener);
            assertThat(store.has("micro")).isTrue();
        }
    }

    /** A server that gives too short a length sends what looks like a whole file. */
    @Test
    void aTruncatedFileIsRefusedAndNotRemembered() throws IOException {
        byte[] truncated = Arrays.copyOf(file, file.length - 100);
        try (FaultyServer server = new FaultyServer((request, out) ->
                FaultyServer.send(request, out, request.number() == 0 ? truncated : file, "\"v1\""))) {
            RegisteredModel model = model(server);
            assertThatThrownBy(() -> store.pull(model, listener)).isInstanceOf(ModelException.class);
            assertThat(listing()).containsExactly(".micro.lock", "downloads");
            store.pull(model, listener);
            assertThat(store.has("micro")).isTrue();
        }
    }

    @Test
    void whatWasDownloadedButNotConvertedIsConverted() throws IOException {
        RegisteredModel model = model(NOWHERE, null, measures);
        Files.createDirectories(store.published(model).getParent());
        Files.write(store.published(model), file);
        Files.writeString(folder.resolve(".micro.converted"), "half a file");
        assertThat(store.state(model)).isEqualTo(ModelStore.State.PARTLY);
        assertThat(measures(store.pull(model, listener))).isEqualTo(measures);
        assertThat(listing()).containsExactly(".micro.lock", "downloads", "micro.safetensors", "micro.sha256");
    }

    @Test
    void whatSomebodyPutThereIsNeverDeletedInAnger() throws IOException {
        RegisteredModel model = model(NOWHERE, null, measures);
        Files.createDirectories(store.published(model).getParent());
        Files.writeString(store.published(model), "no model");
        assertThatThrownBy(() -> store.pull(model, listener))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("micro.pth");
        assertThat(store.published(model)).hasContent("no model");
    }

    /** Authors call their files what they like: as other models, as what is kept beside them, or all alike. */
    @ParameterizedTest
    @ValueSource(strings = {"ready.safetensors", "ready.sha256", ".ready.lock", "micro.safetensors", "micro.sha256"})
    void whatAuthorsCallAFileHarmsNoModel(String name) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("ready.safetensors"), "another model");
        Files.writeString(folder.resolve("ready.sha256"), "its digest");
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.number() == 0 || request.number() > 2) {
                FaultyServer.send(request, out, file, "\"v1\"", request.number() == 0 ? 1000 : file.length);
            }
        })) {
            RegisteredModel model = model(server.address("/a/" + name), null, measures);
            assertThatThrownBy(() -> store.pull(model, listener)).isInstanceOf(DownloadException.class);
            assertThat(store.has("micro")).isFalse();
            Files.delete(store.pull(model, listener));
            assertThat(measures(store.pull(model, listener))).isEqualTo(measures);
        }
        assertThat(folder.resolve("ready.safetensors")).hasContent("another model");
        assertThat(folder.resolve("ready.sha256")).hasContent("its digest");
    }

    @Test
    void pipesAreNotOpened() throws Exception {
        RegisteredModel model = model(NOWHERE, null, measures);
        Files.createDirectories(store.published(model).getParent());
        for (Path path : List.of(store.published(model), store.path("micro"), folder.resolve("micro.sha256"))) {
            Process mkfifo = new ProcessBuilder("mkfifo", path.toString()).start();
            assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
            assertThatThrownBy(() -> store.pull(model, listener))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path.toString(), "a pipe");
            Files.delete(path);
        }
    }

    @Test
    void damagedDigestsAreNamed() throws IOException {
        Files.createDirectories(folder);
        Path digests = Files.write(folder.resolve("micro.sha256"), new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
        assertThatThrownBy(() -> store.pull(model(NOWHERE, null, measures), listener))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(digests.toString(), "Delete the file");
    }

    @Test
    void aDamagedModelIsSeenWhenItIsPulledAgain() throws IOException {
        try (FaultyServer server = serving(file)) {
            Path ready = store.pull(model(server), listener);
            Files.write(ready, flipped());
            assertThatThrownBy(() -> store.pull(model(server), listener))
                    .hasMessageContainingAll(ready.toString(), "SHA-256");
        }
    }

    @Test
    void aPartIsShownAndKept() throws IOException {
        try (FaultyServer server = new FaultyServer((request, out) -> {
            if (request.number() == 0) {
                FaultyServer.send(request, out, file, "\"v1\"", 1000);
            } else if (request.number() > 2) {
                FaultyServer.send(request, out, file, "\"v1\"");
            }
        })) {
            RegisteredModel model = model(server);
            assertThatThrownBy(() -> store.pull(model, listener)).isInstanceOf(DownloadException.class);
            assertThat(store.state(model)).isEqualTo(ModelStore.State.PARTLY);
            assertThat(Partial.file(store.published(model))).hasSize(1000);
            assertThat(store.has("micro")).isFalse();
            store.pull(model, listener);
            assertThat(server.requests().get(3).from()).isEqualTo(1000);
        }
    }

    @Test
    void twoWhoPullAtOnceDownloadOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        try (FaultyServer server = new FaultyServer((request, out) -> {
            asked.countDown();
            try {
                answered.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            FaultyServer.send(request, out, file, "\"v1\"");
        })) {
            CompletableFuture<Path> first = pulling(model(server));
            asked.await();
            CompletableFuture<Path> second = pulling(model(server));
            while (said.stream().noneMatch(line -> line.contains("waiting"))) {
                Thread.sleep(10);
            }
            answered.countDown();
            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(second.get(30, TimeUnit.SECONDS));
            assertThat(server.requests()).hasSize(1);
        }
    }

    /** Uses a thread of its own: the HTTP client reads the answer in Java's common pool, which may have only one. */
    private CompletableFuture<Path> pulling(RegisteredModel model) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return store.pull(model, listener);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                pull -> new Thread(pull).start());
    }

    @Test
    void aFolderThatCantBeMadeIsNamed() throws IOException {
        Files.writeString(folder, "a file");
        assertThatThrownBy(() -> store.pull(model(NOWHERE, null, measures), listener))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder + " is a file, not a folder");
    }
}
