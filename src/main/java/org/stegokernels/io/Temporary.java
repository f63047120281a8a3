package org.stegokernels.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A temporary file {@code .NAME.XXXXXXXX.tmp}: four random hexadecimal digits, and four that follow from these and the
 * name, by which it differs from files of other programs. It is locked as long as it is open, so that another process,
 * on another machine or in another container too, sees whether the one that made it still lives.
 *
 * @param channel open for writing; closing it gives up the lock
 */
record Temporary(Path path, FileChannel channel) {
    /** Keeps the name within the 255 bytes of common file systems: 4 bytes each in UTF-8, and the rest. */
    private static final int NAME_CODE_POINTS = 50;

    private static final Pattern NAME = Pattern.compile("(\\..+\\.)([0-9a-f]{4})([0-9a-f]{4})\\.tmp", Pattern.DOTALL);
    /** A file is unlocked for a moment between its last byte and its renaming. */
    private static final long RENAMED_WITHIN_MILLIS = 1000;

    private static final System.Logger LOG = System.getLogger(Temporary.class.getName());

    /** Those of this process that are being written. */
    private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();
    /** Folders that this process has looked through for what others left behind. */
    private static final Set<Path> CLEANED = ConcurrentHashMap.newKeySet();

    private static boolean ending;

    static {
        ExitHooks.atEnd(Temporary::deleteAll);
    }

    /**
     * Makes an empty one beside the target, deleted at the end of the process unless it is released before. Not {@link
     * Files#createTempFile}: that allows its owner only, which the finished file would keep.
     */
    static synchronized Temporary create(Path target) throws IOException {
        if (ending) {
            throw new IOException("the program is ending");
        }
        Temporary temporary = createFile(target);
        IN_USE.add(temporary.path());
        return temporary;
    }

    private static Temporary createFile(Path target) throws IOException {
        String name = target.getFileName().toString();
        int shortened = name.codePointCount(0, name.length()) > NAME_CODE_POINTS
                ? name.offsetByCodePoints(0, NAME_CODE_POINTS)
                : name.length();
        String start = "." + name.substring(0, shortened) + ".";
        while (true) {
            short random = (short) ThreadLocalRandom.current().nextInt();
            String digits = HexFormat.of().toHexDigits(random);
            Path path = target.resolveSibling(start + digits + check(start, digits) + ".tmp");
            FileChannel channel;
            try {
                channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
            if (lock(channel) && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return new Temporary(path, channel);
            }
            // Another process took it for abandoned in the moment before it was locked.
            channel.close();
        }
    }

    /** Returns false if another process has the lock; a file system without locks grants it to everyone. */
    private static boolean lock(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException e) {
            return true;
        }
    }

    private static String check(String start, String digits) {
        CRC32 crc = new CRC32();
        crc.update((start + digits).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((short) crc.getValue());
    }

    /** Says that the file is renamed or deleted. */
    void release() {
        IN_USE.remove(path);
    }

    private static synchronized void deleteAll() {
        ending = true;
        for (Path temporary : IN_USE) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "left behind: {0} ({1})", temporary, e.getMessage());
            }
        }
    }

    /** Deletes, once in each folder, what processes that are no more left there. What can't be deleted stays. */
    static void deleteLeftBehind(Path folder) {
        if (!CLEANED.add(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.tmp")) {
            for (Path file : files) {
                // Compared by name: this process may have made it under another spelling of the folder.
                if (isOurs(file.getFileName().toString())
                        && IN_USE.stream().noneMatch(own -> own.endsWith(file.getFileName()))
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    deleteUnlessInUse(file);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "can''t look for temporary files in {0}: {1}", folder, e);
        }
    }

    private static boolean isOurs(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() && check(matcher.group(1), matcher.group(2)).equals(matcher.group(3));
    }

    private static void deleteUnlessInUse(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                long age = System.currentTimeMillis()
                        - Files.getLastModifiedTime(file).toMillis();
                if (age < RENAMED_WITHIN_MILLIS) {
                    Thread.sleep(RENAMED_WITHIN_MILLIS - Math.max(0, age));
                }
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} is left: {1}", file, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
