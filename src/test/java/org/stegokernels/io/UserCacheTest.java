package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCacheTest {
    private static final Path HOME = Path.of("/home/ada");

    @Test
    void ownVariableComesFirst() {
        Map<String, String> environment = Map.of("STEGO_HOME", "/srv/stego", "XDG_CACHE_HOME", "/fast");
        assertThat(UserCache.folder(environment, "Linux", HOME)).isEqualTo(Path.of("/srv/stego/cache"));
    }

    @Test
    void xdgRulesHoldOnLinux() {
        assertThat(UserCache.folder(Map.of(), "Linux", HOME)).isEqualTo(Path.of("/home/ada/.cache/stego-kernels"));
        assertThat(UserCache.folder(Map.of("XDG_CACHE_HOME", "/fast"), "Linux", HOME))
                .isEqualTo(Path.of("/fast/stego-kernels"));
        assertThat(UserCache.folder(Map.of("XDG_CACHE_HOME", "not/absolute"), "Linux", HOME))
                .isEqualTo(Path.of("/home/ada/.cache/stego-kernels"));
    }

    @Test
    void otherSystemsHaveTheirOwnPlaces() {
        assertThat(UserCache.folder(Map.of(), "Mac OS X", HOME))
                .isEqualTo(Path.of("/home/ada/Library/Caches/stego-kernels"));
        assertThat(UserCache.folder(Map.of("LOCALAPPDATA", "/local"), "Windows 11", HOME))
                .isEqualTo(Path.of("/local/stego-kernels"));
    }

    @Test
    void whereUsersHaveNoNumbersAPrivateFolderIsFoundAgain() throws IOException {
        try (FileSystem windows = Jimfs.newFileSystem(Configuration.windows())) {
            Path temporary = Files.createDirectory(windows.getPath("C:\\Temp"));
            Path folder = UserCache.PrivateFolder.ofUser(temporary, "stego-kernels");
            assertThat(folder).isDirectory().isEqualTo(temporary.resolve("stego-kernels"));
            assertThat(UserCache.PrivateFolder.ofUser(temporary, "stego-kernels"))
                    .isEqualTo(folder);
            try (Stream<Path> left = Files.list(temporary)) {
                assertThat(left).containsExactly(folder);
            }
        }
    }

    /** As for {@code docker run -u 12345}, where Java says "?", and for services. */
    @Test
    void whereThereIsNoHomeTheVariableHelps(@TempDir Path real) throws IOException {
        String variable = real.toString();
        String unusable = Files.createFile(real.resolve("file")).resolve("home").toString();
        assertThat(UserCache.home("Linux", "?", variable)).isEqualTo(real);
        assertThat(UserCache.home("Linux", unusable, variable)).isEqualTo(real);
        assertThat(UserCache.home("Linux", variable, unusable)).isEqualTo(real);
    }

    @Test
    void whereThereIsNoHomeAtAllAPrivateTemporaryFolderHelps() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        assertThat(UserCache.home("Linux", "?", ""))
                .isDirectory()
                .asString()
                .startsWith(temporary.resolve("stego-kernels-").toString());
    }
}
