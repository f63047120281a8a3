package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinaryCacheTest {
    private static final byte[] BINARY = {1, 2, 3, 4, 5};

    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasStored() {
        BinaryCache cache = new BinaryCache(folder.resolve("new"));
        assertThat(cache.load("gelu")).isNull();
        cache.store("gelu", BINARY);
        assertThat(cache.load("gelu")).isEqualTo(BINARY);
        assertThat(cache.load("slice")).isNull();
    }

    @Test
    void aDamagedFileIsAsGoodAsNone() throws IOException {
        BinaryCache cache = new BinaryCache(folder);
        cache.store("gelu", BINARY);
        Path file = folder.resolve("gelu.bin");
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThat(cache.load("gelu")).as("byte %d changed", i).isNull();
        }
        Files.write(file, new byte[7]);
        assertThat(cache.load("gelu")).isNull();
    }

    @Test
    void aFolderThatCantBeWrittenIsNoError() throws IOException {
        Path file = Files.write(folder.resolve("file"), BINARY);
        BinaryCache cache = new BinaryCache(file.resolve("below"));
        assertThatCode(() -> cache.store("gelu", BINARY)).doesNotThrowAnyException();
        assertThat(cache.load("gelu")).isNull();
    }
}
