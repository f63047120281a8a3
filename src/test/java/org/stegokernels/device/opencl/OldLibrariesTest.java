package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of JOCL's library that could not be deleted by the process that used them, as on Windows. */
class OldLibrariesTest {
    private static final long LIMIT = 1_000_000;

    private static Path folder(Path cache, String name, long lastModified) throws IOException {
        Path folder = Files.createDirectory(cache.resolve(name));
        Files.createFile(folder.resolve("library"));
        return Files.setLastModifiedTime(folder, FileTime.fromMillis(lastModified));
    }

    @Test
    void onlyOldPrivateFoldersAreDeleted(@TempDir Path cache) throws IOException {
        Path old = folder(cache, "private.0123abcd", LIMIT - 1000);
        Path young = folder(cache, "private.89abcdef", LIMIT + 1000);
        Path other = folder(cache, "features", LIMIT - 1000);
        NativeLibrary.deleteOld(cache, LIMIT);
        assertThat(old).doesNotExist();
        assertThat(young.resolve("library")).exists();
        assertThat(other.resolve("library")).exists();
    }
}
