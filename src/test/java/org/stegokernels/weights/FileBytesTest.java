package org.stegokernels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of a file are the same mapped and, as on Windows, read. */
class FileBytesTest {
    @TempDir
    Path folder;

    private Path file() throws IOException {
        return Files.write(folder.resolve("file"), new byte[] {0, 1, 2, 3, 4, 5});
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWindowHoldsTheBytesAtItsPlace(boolean mapped) throws IOException {
        try (FileBytes bytes = FileBytes.open(file(), mapped)) {
            assertThat(bytes.size()).isEqualTo(6);
            ByteBuffer window = bytes.window(2, 3);
            assertThat(window).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3, 4}));
            assertThat(window.isReadOnly()).isTrue();
            assertThat(bytes.window(6, 0).remaining()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatWasCutIsSaidToBeShorter(boolean mapped) throws IOException {
        Path file = file();
        try (FileBytes bytes = FileBytes.open(file, mapped)) {
            Files.write(file, new byte[] {0, 1, 2});
            assertThatThrownBy(() -> bytes.window(2, 3))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("shorter");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWindowOutlivesItsFile(boolean mapped) throws IOException {
        Path file = file();
        ByteBuffer window;
        try (FileBytes bytes = FileBytes.open(file, mapped)) {
            window = bytes.window(4, 2);
        }
        Files.delete(file);
        assertThat(window.get(1)).isEqualTo((byte) 5);
    }
}
