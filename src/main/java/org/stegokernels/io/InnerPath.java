package org.stegokernels.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Names that come from data, as paths in a folder that they can't leave. */
public final class InnerPath {
    private InnerPath() {}

    /** Returns whether a name, appended to any folder, is a path in it: not empty or absolute, and without {@code ..}. */
    public static boolean isInner(String name) {
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            return false;
        }
        for (Path part : path) {
            if (part.toString().equals("..")) {
                return false;
            }
        }
        return path.getRoot() == null && !path.normalize().toString().isEmpty();
    }

    /**
     * Returns the path to write to under a name: one that {@link #isInner} and whose folders don't lead out by a link.
     * The last part may be a link, since no write or deletion follows it.
     *
     * @param folder need not exist
     * @throws IOException if the name leads out of the folder
     */
    public static Path of(Path folder, String name) throws IOException {
        if (!isInner(name)) {
            throw leaves(folder, name);
        }
        Path path = folder.resolve(name);
        if (Files.exists(folder)) {
            Path there = path.toAbsolutePath().getParent();
            while (!Files.exists(there)) {
                there = there.getParent();
            }
            if (!there.toRealPath().startsWith(folder.toRealPath())) {
                throw leaves(folder, name);
            }
        }
        return path;
    }

    private static IOException leaves(Path folder, String name) {
        return new IOException(
                "the name \"" + name + "\" leads out of the folder " + folder + "; nothing is written there");
    }
}
