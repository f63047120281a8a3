package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.io.UserCache;

/** {@code cache}: what is kept, and what may be removed of it. */
class CacheCommandTest {
    private static final int BYTES = 1000;

    @TempDir
    Path folder;

    private Path make(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[BYTES]);
    }

    private List<String> names() throws IOException {
        return CacheEntry.in(folder).stream().map(CacheEntry::name).toList();
    }

    private CacheEntry entry(String name) throws IOException {
        return CacheEntry.in(folder).stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsKeptIsListedByKind() throws IOException {
        make("features/photos-01.safetensors");
        make("features/camvid-02.safetensors.part");
        make("features/photographs/a.safetensors");
        make("features/photographs/b.safetensors");
        make("models/dino-vits8.safetensors");
        make("models/dino-vits8.sha256");
        make("models/.dino-vits8.lock");
        make("models/downloads/dinov3-vits16/dinov3.pth");
        make("opencl/tuning-0123.properties");
        make("opencl/linear-45.bin");
        make("opencl/product-67.bin");
        make("opencl/.product-67.bin.0123abcd.tmp");
        make("pocl/tempfile/x.so");
        make("somebody-elses.txt");
        assertThat(names())
                .containsExactly(
                        "features/camvid-02.safetensors.part",
                        "features/photographs",
                        "features/photos-01.safetensors",
                        "kernels/opencl",
                        "kernels/pocl",
                        "models/dino-vits8",
                        "models/dinov3-vits16",
                        "tuning/tuning-0123");
        assertThat(entry("features/photographs").bytes()).isEqualTo(2 * BYTES);
        assertThat(entry("models/dino-vits8").files()).hasSize(2);
    }

    @Test
    void anEmptyCacheHasNothing() throws IOException {
        assertThat(CacheEntry.in(folder.resolve("nowhere"))).isEmpty();
    }

    @Test
    void whatIsRemovedIsCounted() throws IOException {
        make("features/photographs/a.safetensors");
        make("features/photographs/b.safetensors");
        Path kept = make("features/photos-01.safetensors");
        List<String> reasons = new ArrayList<>();
        assertThat(entry("features/photographs").remove(reasons)).isEqualTo(2 * BYTES);
        assertThat(reasons).isEmpty();
        assertThat(names()).containsExactly("features/photos-01.safetensors");
        assertThat(kept).exists();
    }

    @Test
    void whatIsLockedStays() throws IOException {
        Path file = make("features/photos-01.safetensors.part");
        List<String> reasons = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(entry("features/photos-01.safetensors.part").remove(reasons))
                    .isZero();
        }
        assertThat(reasons).singleElement().asString().startsWith(file + ": a running process");
        assertThat(file).exists();
    }

    @Test
    void aModelThatIsBeingPulledStays() throws IOException {
        Path part = make("models/downloads/dino-vits8/dino.pth.part");
        Path lockFile = make("models/.dino-vits8.lock");
        List<String> reasons = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(entry("models/dino-vits8").remove(reasons)).isZero();
        }
        assertThat(reasons).containsExactly("models/dino-vits8: it is being pulled at this moment");
        assertThat(part).exists();
        assertThat(entry("models/dino-vits8").remove(new ArrayList<>())).isEqualTo(BYTES);
        assertThat(lockFile).exists();
    }

    @Test
    void aLinkIsNeitherFollowedNorRemoved() throws IOException {
        Path elsewhere = Files.write(folder.resolve("mine.safetensors"), new byte[BYTES]);
        make("features/photos-01.safetensors");
        Path link = folder.resolve("features/link.safetensors");
        try {
            Files.createSymbolicLink(link, elsewhere);
        } catch (IOException | UnsupportedOperationException noLinks) {
            assumeTrue(false, "no links here");
        }
        assertThat(names()).containsExactly("features/photos-01.safetensors");
    }

    /** In the cache of the tests, of which it removes its own file only. */
    @Test
    void theCommandListsAndClearsByName() throws IOException {
        assumeTrue(System.getenv("STEGO_HOME") != null, "the user's own cache is left alone: set STEGO_HOME");
        Path file = UserCache.folder().resolve("features").resolve("cache-command-test.safetensors");
        Files.createDirectories(file.getParent());
        int length = 2 * 1000 * BYTES;
        Files.write(file, new byte[length]);
        String name = "features/cache-command-test.safetensors";
        assertThat(CommandLineRun.of("cache", "list").out())
                .containsPattern(name + " +2.0 MB +0 min")
                .contains(UserCache.folder().toString());
        JsonNode json = new ObjectMapper()
                .readTree(CommandLineRun.of("cache", "list", "--json").out());
        assertThat(json.at("/entries"))
                .anyMatch(entry -> entry.at("/name").asText().equals(name)
                        && entry.at("/bytes").asLong() == length);
        CommandLineRun run = CommandLineRun.of("cache", "clear", name);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out().strip()).isEqualTo("2.0 MB freed");
        assertThat(file).doesNotExist();
    }

    @Test
    void nobodyIsAskedWhereNobodyIs() throws IOException {
        assumeTrue(System.getenv("STEGO_HOME") != null, "the user's own cache is left alone: set STEGO_HOME");
        Path file = UserCache.folder().resolve("features").resolve("cache-command-test.safetensors");
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[BYTES]);
        CommandLineRun run = CommandLineRun.of("cache", "clear");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("say what to remove, or --all");
        assertThat(file).exists();
        Files.delete(file);
        for (Object[] wrong :
                new Object[][] {{"cache"}, {"cache", "clear", "no/such"}, {"cache", "clear", "x", "--all"}}) {
            assertThat(CommandLineRun.of(wrong).exitCode()).isEqualTo(ExitCode.USAGE);
        }
    }

    @Test
    void agesAreInTheUnitThatFits() {
        assertThat(CacheCommand.ListCommand.age(Duration.ofSeconds(-5))).isEqualTo("0 min");
        assertThat(CacheCommand.ListCommand.age(Duration.ofMinutes(59))).isEqualTo("59 min");
        assertThat(CacheCommand.ListCommand.age(Duration.ofHours(23))).isEqualTo("23 h");
        assertThat(CacheCommand.ListCommand.age(Duration.ofDays(12))).isEqualTo("12 d");
    }
}
