package org.stegokernels.io;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Names that come from data, as paths in a folder that they can't leave. On Windows names are refused, too, that stand for
 * a device in every folder ({@code nul.png}) or for another name ({@code a.}).
 */
public final class InnerPath {
    /** Devices of Windows, without the numbered ones. */
    private static final Set<String> DEVICES = Set.of("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$");

    private static final Set<String> NUMBERED_DEVICES = Set.of("COM", "LPT");
    private static final String DEVICE_NUMBERS = "0123456789\u00b9\u00b2\u00b3";

    private InnerPath() {}

    /** Returns whether a name, appended to any folder, is a path in it: not empty or absolute, and without {@code ..}. */
    public static boolean isInner(String name) {
        return isInner(name, FileSystems.getDefault());
    }

    static boolean isInner(String name, FileSystem system) {
        Path path;
        try {
            path = system.getPath(name);
        } catch (InvalidPathException e) {
            return false;
        }
        boolean windows = system.getSeparator().equals("\\");
        for (Path part : path) {
            String text = part.toString();
            if (text.equals("..") || windows && !text.equals(".") && meansAnotherOnWindows(text)) {
                return false;
            }
        }
        return path.getRoot() == null && !path.normalize().toString().isEmpty();
    }

    /** Returns true for devices, with any ending, and for what Windows cuts off the end of names. */
    private static boolean meansAnotherOnWindows(String part) {
        if (part.endsWith(".") || part.endsWith(" ")) {
            return true;
        }
        int dot = part.indexOf('.');
        String name = (dot < 0 ? part : part.substring(0, dot)).stripTrailing().toUpperCase(Locale.ROOT);
        return DEVICES.contains(name)
                || name.length() == 4
                        && NUMBERED_DEVICES.contains(name.substring(0, 3))
                        && DEVICE_NUMBERS.indexOf(name.charAt(3)) >= 0;
    }

    /** Returns a relative path with slashes, as links and files that travel have it, whatever this system writes. */
    public static String slashed(Path path) {
        String separator = path.getFileSystem().getSeparator();
        return separator.equals("/") ? path.toString() : path.toString().replace(separator, "/");
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
