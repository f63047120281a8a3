package org.stegokernels.io;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where what can be made again is kept between runs: compiled kernels, tuning results, downloads. */
public final class UserCache {
    private static final String NAME = "stego-kernels";

    private UserCache() {}

    /**
     * The folder, which need not exist yet: {@code $STEGO_HOME/cache} if that variable is set; else {@code
     * stego-kernels} in the user's cache folder: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches} on
     * macOS, {@code %LOCALAPPDATA%} on Windows.
     */
    public static Path folder() {
        return folder(System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
    }

    static Path folder(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("STEGO_HOME", "");
        if (!own.isEmpty()) {
            return Path.of(own, "cache");
        }
        String lower = system.toLowerCase(Locale.ROOT);
        if (lower.startsWith("windows")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            return (local.isEmpty() ? home.resolve("AppData").resolve("Local") : Path.of(local)).resolve(NAME);
        }
        if (lower.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches").resolve(NAME);
        }
        // A relative path is invalid by the XDG base directory specification, and ignored.
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = !xdg.isEmpty() && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.resolve(".cache");
        return base.resolve(NAME);
    }
}
