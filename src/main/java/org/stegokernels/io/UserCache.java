package org.stegokernels.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The folder for data that can be made again: compiled kernels, tuning results, downloads. */
public final class UserCache {
    private static final String NAME = "stego-kernels";
    /** The home folder, by Java, of a user who is not in the list of users. */
    private static final String NOBODYS = "?";

    private UserCache() {}

    /**
     * Returns the folder, which need not exist yet: {@code $STEGO_HOME/cache} if that variable is set; else {@code
     * stego-kernels} in the user's cache folder: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches}
     * on macOS, {@code %LOCALAPPDATA%} on Windows.
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
     * Returns the home that the system names, or else the one that the variable {@code HOME} does, or else, where no
     * cache can be in either, a folder for
     * temporary files that only this user can write to. A user who is not in the list of users, as in many containers,
     * has "?" for a home; a user for services, a folder that does not exist.
     */
    static Path home(String system, String named, String variable) {
        for (String candidate : new String[] {named, variable}) {
            // Windows knows no file "?".
            if (candidate.equals(NOBODYS)) {
                continue;
            }
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

    /**
     * Makes folders that nobody else can write to, for what is run or believed without a second look. Other systems
     * than those with owners and modes of POSIX are taken at their word: their folders for temporary files belong to
     * one user.
     */
    public static final class PrivateFolder {
        /** The names of those that {@link #create} makes. */
        public static final String PATTERN = "private.????????";

        private static final int ROOT = 0;
        private static final int WRITABLE_BY_OTHERS = 0022;
        /** Such a folder, as {@code /tmp} is, lets nobody replace what belongs to another. */
        private static final int STICKY = 01000;

        private PrivateFolder() {}

        /**
         * Makes a new folder of a random name, which only this user may enter.
         *
         * @param parent made if missing
         * @throws IOException if it can't be made, or others could replace it: the message says why and where
         */
        public static Path create(Path parent) throws IOException {
            Files.createDirectories(parent);
            Path real = parent.toRealPath();
            while (true) {
                // Not createTempDirectory, whose random number generator takes 50 ms to start: the name needn't be
                // secret.
                String random =
                        HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
                Path folder = real.resolve("private." + random);
                try {
                    Files.createDirectory(folder, mode(folder));
                } catch (FileAlreadyExistsException taken) {
                    continue;
                }
                try {
                    if (posix(folder)) {
                        checkAbove(folder);
                    }
                    return folder;
                } catch (IOException e) {
                    Files.delete(folder);
                    throw e;
                }
            }
        }

        /**
         * Makes a folder that this user finds again, or checks the one that is there.
         *
         * @param name a user's id is appended, where users have one
         * @throws IOException as for {@link #create}
         */
        public static Path ofUser(Path parent, String name) throws IOException {
            Path made = create(parent);
            try {
                if (!posix(made)) {
                    return Files.createDirectories(made.resolveSibling(name));
                }
                Path folder = made.resolveSibling(name + "-" + owner(made));
                try {
                    Files.createDirectory(folder, mode(folder));
                } catch (FileAlreadyExistsException before) {
                    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                            || owner(folder) != owner(made)
                            || (attribute(folder, "mode") & WRITABLE_BY_OTHERS) != 0) {
                        throw new IOException(folder + " is another user's");
                    }
                }
                return folder;
            } finally {
                Files.delete(made);
            }
        }

        /** Checks the folders above. A user who can write to a folder can replace the folders in it. */
        private static void checkAbove(Path folder) throws IOException {
            int self = owner(folder);
            for (Path above = folder.getParent(); above != null; above = above.getParent()) {
                int owner = owner(above);
                int mode = attribute(above, "mode");
                boolean shared = (mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0;
                if (shared || owner != self && owner != ROOT) {
                    throw new IOException("others can write to the folder " + above);
                }
            }
        }

        private static boolean posix(Path folder) {
            return folder.getFileSystem().supportedFileAttributeViews().contains("unix");
        }

        private static FileAttribute<?>[] mode(Path folder) {
            return posix(folder)
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                    }
                    : new FileAttribute<?>[0];
        }

        private static int owner(Path folder) throws IOException {
            return attribute(folder, "uid");
        }

        private static int attribute(Path folder, String name) throws IOException {
            return (Integer) Files.getAttribute(folder, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Locks of the operating system, which a process that is killed gives back. */
    public static final class Locks {
        private Locks() {}

        /**
         * Locks a file until its channel is closed.
         *
         * @param channel open for writing
         * @return false if it is taken, in this process or in another one
         * @throws IOException if its file system has no locks
         */
        public static boolean tryLock(FileChannel channel) throws IOException {
            try {
                return channel.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                return false;
            }
        }
    }
}
