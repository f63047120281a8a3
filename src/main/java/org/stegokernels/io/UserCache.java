package org.stegokernels.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The folder for data that can be made again: compiled kernels, tuning results, downloads. */
public final class UserCache {
    private static final String NAME = "stego-kernels";

    private UserCache() {}

    /**
     * The folder, which need not exist yet: {@code $STEGO_HOME/cache} if that variable is set; else {@code
     * stego-kernels} in the user's cache folder: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches} on
     * macOS, {@code %LOCALAPPDATA%} on Windows.
     */
    public static Path folder() {
        Map<String, String> environment = System.getenv();
        String system = System.getProperty("os.name");
        Path chosen = chosen(environment, system);
        return chosen != null
                ? chosen
                : inHome(system, home(system, System.getProperty("user.home"), environment.getOrDefault("HOME", "")));
    }

    static Path folder(Map<String, String> environment, String system, Path home) {
        Path chosen = chosen(environment, system);
        return chosen != null ? chosen : inHome(system, home);
    }

    /**
     * Returns the home that the system names, or else the one that the variable {@code HOME} does, or else, where no cache can be in either, a folder for
     * temporary files that only this user can write to. A user who is not in the list of users, as in many containers,
     * has "?" for a home; one who runs services, a folder that does not exist.
     */
    static Path home(String system, String named, String variable) {
        for (String candidate : new String[] {named, variable}) {
            Path home = Path.of(candidate);
            if (home.isAbsolute() && usable(inHome(system, home))) {
                return home;
            }
        }
        String temporary = System.getProperty("java.io.tmpdir");
        try {
            return PrivateFolder.ofUser(Path.of(temporary), NAME);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "there is no home folder, and none can be in " + temporary + ": " + e.getMessage()
                            + ". Set STEGO_HOME to a folder that can be written to",
                    e);
        }
    }

    private static boolean usable(Path folder) {
        if (Files.isDirectory(folder)) {
            return true;
        }
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there != null && Files.isDirectory(there) && Files.isWritable(there);
    }

    /** Returns the folder that a variable names, or null. */
    private static Path chosen(Map<String, String> environment, String system) {
        String own = environment.getOrDefault("STEGO_HOME", "");
        if (!own.isEmpty()) {
            return Path.of(own, "cache");
        }
        String lower = system.toLowerCase(Locale.ROOT);
        if (lower.startsWith("windows")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            return local.isEmpty() ? null : Path.of(local, NAME);
        }
        // A relative path is invalid by the XDG base directory specification, and ignored.
        Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        return xdg.isAbsolute() && !lower.startsWith("mac") ? xdg.resolve(NAME) : null;
    }

    private static Path inHome(String system, Path home) {
        String lower = system.toLowerCase(Locale.ROOT);
        if (lower.startsWith("windows")) {
            return home.resolve("AppData").resolve("Local").resolve(NAME);
        }
        return lower.startsWith("mac")
                ? home.resolve("Library").resolve("Caches").resolve(NAME)
                : home.resolve(".cache").resolve(NAME);
    }
}
