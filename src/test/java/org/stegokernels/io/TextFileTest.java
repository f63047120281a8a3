package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.io.RegularFile.TextFile;

class TextFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("text.txt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Straße\nb\n",
                "\uFEFFStraße\nb\n",
                "Straße\r\nb\r\n",
                "Straße\rb\r",
                "\uFEFFStraße \t\r\n  b",
                "Straße\nb"
            })
    void linesAreTheSameFromEverySystem(String text) throws IOException {
        Files.writeString(file, text);
        assertThat(TextFile.lines(file, 100)).containsExactly("Straße", "b");
    }

    @Test
    void markWithinTheTextStays() throws IOException {
        Files.writeString(file, "\uFEFFa\uFEFFb\r\n\r\nc");
        assertThat(TextFile.read(file, 100)).isEqualTo("a\uFEFFb\n\nc");
    }

    @Test
    void emptyFileIsEmptyText() throws IOException {
        Files.createFile(file);
        assertThat(TextFile.read(file, 100)).isEmpty();
        Files.writeString(file, "\uFEFF");
        assertThat(TextFile.lines(file, 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "x-UTF-16LE-BOM"})
    void textInSixteenBitsIsNamed(String charset) throws IOException {
        Files.writeString(file, "Sky\n", Charset.forName(charset));
        assertRefused("is UTF-16 text; save it as plain text in UTF-8");
    }

    @Test
    void otherEncodingsAreNamedByLine() throws IOException {
        Files.write(file, "a\nStraße\n".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused("is not UTF-8: it has the byte 0xdf in line 2; save it as plain text in UTF-8");
        Files.write(file, "Sky\nRoad\n".getBytes(StandardCharsets.UTF_16LE));
        assertRefused("is no text: there is a zero byte in line 1; save it as plain text in UTF-8");
    }

    @Test
    void longFileIsRefusedWithoutReadingItAll() throws IOException {
        Files.writeString(file, "a".repeat(100));
        assertThat(TextFile.read(file, 100)).hasSize(100);
        Files.writeString(file, "a".repeat(101));
        assertRefused("it has more than 100 bytes, too many for what it should be; check the path");
    }

    @Test
    void missingFileAndFolderAreNamed() throws IOException {
        assertRefused("there is no such file");
        Files.createDirectory(file);
        assertRefused("a folder");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pipeIsRefusedWithoutWaiting() throws Exception {
        Process made = new ProcessBuilder("mkfifo", file.toString()).start();
        assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertRefused("a pipe");
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> TextFile.read(file, 100))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(reason)
                .hasMessageNotContaining("java.");
    }
}
