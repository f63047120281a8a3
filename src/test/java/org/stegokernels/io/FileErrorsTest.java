package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileErrorsTest {
    @TempDir
    Path folder;

    @Test
    void aMessageThatIsButAPathGetsAReason() {
        assertThat(FileErrors.text(new AccessDeniedException("/a/b"))).startsWith("/a/b: may not be read or written");
        assertThat(FileErrors.text(new NoSuchFileException("/a/b"))).startsWith("/a/b: there is no such file");
        assertThat(FileErrors.text(new FileSystemException("/a/b"))).isEqualTo("/a/b: FileSystemException");
    }

    @Test
    void otherMessagesStayAsTheyAre() {
        assertThat(FileErrors.text(new IOException("the source ran dry"))).isEqualTo("the source ran dry");
        assertThat(FileErrors.text(new FileSystemException("/a/b", null, "Input/output error")))
                .isEqualTo("/a/b: Input/output error");
        assertThat(FileErrors.text(new IOException((String) null))).isEqualTo("java.io.IOException");
    }

    @Test
    void aFolderThatMayNotBeMadeNamesTheOneThatIsNotWritable() {
        Path wanted = folder.resolve("a").resolve("b");
        IOException explained = FileErrors.writing(folder.resolve("c"), new AccessDeniedException(wanted.toString()));
        assertThat(explained)
                .hasMessage("cannot write " + folder.resolve("c") + ": the folder " + folder
                        + " is not writable; change its permissions or write elsewhere");
    }

    @Test
    void aFileInPlaceOfAFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> FileErrors.makeFolder(file.resolve("below")))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot make the folder " + file.resolve("below") + ": " + file
                        + " is a file, not a folder; choose another folder");
    }

    @Test
    void aNameThatIsTooLongIsSaidToBe() {
        String name = "x".repeat(300);
        assertThatThrownBy(() -> FileErrors.makeFolder(folder.resolve(name))).hasMessageContaining("too long");
        assertThatThrownBy(() -> AtomicFile.write(folder.resolve(name), out -> out.write(1)))
                .hasMessageContaining("too long");
    }
}
