package org.stegokernels.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;

/** Files in the folder of a format. */
final class Outputs {
    private Outputs() {}

    /**
     * Writes a file, whole or not at all, and makes the folders it is in.
     *
     * @param name with slashes between folders; refused if it leads out of the folder
     */
    static void write(Path folder, String name, AtomicFile.Writer content) throws IOException {
        Path file = InnerPath.of(folder, name);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw FileErrors.writing(file, e);
        }
        AtomicFile.write(file, content);
    }
}
