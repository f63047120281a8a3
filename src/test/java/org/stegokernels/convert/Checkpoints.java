package org.stegokernels.convert;

import java.nio.file.Path;

/** The small checkpoints that {@code checkpoints.py} made, beside it. */
public final class Checkpoints {
    public static final Path FOLDER = Path.of("src", "test", "resources", "org", "stegokernels", "convert");

    private Checkpoints() {}

    public static Path file(String name) {
        return FOLDER.resolve(name);
    }
}
