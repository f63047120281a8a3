package org.stegokernels.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.UserCache.Locks;

/**
 * A part of the user's cache folder that can be removed alone. Links are neither followed nor removed; hidden files,
 * locks and temporary ones among them, belong to those that made them.
 *
 * @param name {@code KIND/NAME}
 * @param files of it, at least one
 * @param modified the time of its last change
 * @param lock the file that is locked while somebody makes it, or null
 */
record CacheEntry(String name, List<Path> files, long bytes, Instant modified, Path lock) {
    private static final String FEATURES = "features";
    private static final String MODELS = "models";
    private static final String DOWNLOADS = "downloads";
    private static final String OPENCL = "opencl";
    private static final String KERNELS = "kernels";

    /** Returns all of them, sorted by name; none if there is no such folder. */
    static List<CacheEntry> in(Path cache) throws IOException {
        Map<String, List<Path>> found = new TreeMap<>();
        for (Path file : files(cache.resolve(FEATURES))) {
            add(found, FEATURES, part(cache.resolve(FEATURES), file), file);
        }
        for (Path file : files(cache.resolve(MODELS))) {
            String part = part(cache.resolve(MODELS), file);
            boolean download = part.equals(DOWNLOADS);
            add(
                    found,
                    MODELS,
                    download ? part(cache.resolve(MODELS).resolve(DOWNLOADS), file) : withoutEnding(part),
                    file);
        }
        for (Path file : files(cache.resolve(OPENCL))) {
            String part = part(cache.resolve(OPENCL), file);
            if (part.startsWith("tuning-")) {
                add(found, "tuning", withoutEnding(part), file);
            } else {
                add(found, KERNELS, OPENCL, file);
            }
        }
        for (Path file : files(cache.resolve("pocl"))) {
            add(found, KERNELS, "pocl", file);
        }
        List<CacheEntry> entries = new ArrayList<>();
        for (Map.Entry<String, List<Path>> each : found.entrySet()) {
            entries.add(of(each.getKey(), each.getValue(), cache));
        }
        return entries;
    }

    private static CacheEntry of(String name, List<Path> files, Path cache) throws IOException {
        long bytes = 0;
        Instant modified = Instant.EPOCH;
        for (Path file : files) {
            bytes += Files.size(file);
            Instant time = Files.getLastModifiedTime(file).toInstant();
            modified = time.isAfter(modified) ? time : modified;
        }
        String[] parts = name.split("/", 2);
        Path lock = parts[0].equals(MODELS) ? cache.resolve(MODELS).resolve("." + parts[1] + ".lock") : null;
        return new CacheEntry(name, files, bytes, modified, lock);
    }

    private static void add(Map<String, List<Path>> found, String kind, String name, Path file) {
        found.computeIfAbsent(kind + "/" + name, absent -> new ArrayList<>()).add(file);
    }

    /** Returns the first part of the way from a folder to a file. */
    private static String part(Path folder, Path file) {
        return folder.relativize(file).getName(0).toString();
    }

    private static String withoutEnding(String file) {
        int dot = file.lastIndexOf('.');
        return dot < 0 ? file : file.substring(0, dot);
    }

    /** Returns all files below a folder that are not hidden; none if it is missing. */
    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Returns whether a person means this by a name: its own, or that of its kind. */
    boolean isMeantBy(String given) {
        return given.equals(name) || name.startsWith(given + "/");
    }

    /**
     * Deletes its files, except those that are locked or can't be deleted.
     *
     * @param reasons gets why a file stays, for each
     * @return how many bytes were freed
     */
    long remove(List<String> reasons) {
        if (lock == null || !Files.exists(lock)) {
            return removeFiles(reasons);
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (isLocked(channel)) {
                reasons.add(name + ": it is being pulled at this moment");
                return 0;
            }
            return removeFiles(reasons);
        } catch (IOException e) {
            reasons.add(FileErrors.text(e));
            return 0;
        }
    }

    private long removeFiles(List<String> reasons) {
        long freed = 0;
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                if (isLocked(channel)) {
                    reasons.add(file + ": a running process is at work on it");
                    continue;
                }
                long size = channel.size();
                Files.delete(file);
                freed += size;
            } catch (IOException e) {
                reasons.add(FileErrors.text(e));
            }
        }
        return freed;
    }

    /** Locks a file until its channel is closed; a file system without locks has none that others could hold. */
    private static boolean isLocked(FileChannel channel) {
        try {
            return !Locks.tryLock(channel);
        } catch (IOException noLocks) {
            return false;
        }
    }
}
