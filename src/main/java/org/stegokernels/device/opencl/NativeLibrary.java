package org.stegokernels.device.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.stegokernels.io.UserCache;
import org.stegokernels.io.UserCache.PrivateFolder;

/**
 * JOCL's part in C. JOCL copies it out of its jar into the folder for temporary files, under a fixed name, and takes
 * whatever lies there already: on a machine with several users another user's file, and with two programs starting at
 * once half a file. So it is sent to a new folder that only this user can write to.
 */
final class NativeLibrary {
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
    private static final long KEPT_MILLIS = 24 * 60 * 60 * 1000L;

    private NativeLibrary() {}

    /**
     * @param firstUse of a JOCL class, which loads the library
     * @throws IOException if there is no folder for it that others can't write to
     * @throws LinkageError if this part or the OpenCL library itself can't be loaded
     */
    static void load(Runnable firstUse) throws IOException {
        String usual = System.getProperty(TEMPORARY_FOLDER);
        Path folder = folder(Path.of(usual));
        try {
            System.setProperty(TEMPORARY_FOLDER, folder.toString());
            firstUse.run();
        } finally {
            System.setProperty(TEMPORARY_FOLDER, usual);
            delete(folder);
        }
    }

    private static Path folder(Path temporary) throws IOException {
        try {
            return PrivateFolder.create(UserCache.folder());
        } catch (IOException | UncheckedIOException unusable) {
            return PrivateFolder.create(temporary);
        }
    }

    /** Deletes the file, which a loaded library needs no more; where it does (Windows), later runs do it. */
    private static void delete(Path folder) {
        if (!deleted(folder)) {
            deleteOld(folder.getParent(), System.currentTimeMillis() - KEPT_MILLIS);
        }
    }

    private static boolean deleted(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    /** Deletes the folders of earlier runs that are over. Another process may just be about to use a younger one. */
    static void deleteOld(Path parent, long untilMillis) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PrivateFolder.PATTERN)) {
            for (Path folder : folders) {
                if (Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS).toMillis() < untilMillis) {
                    deleted(folder);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            // They stay.
        }
    }
}
