package org.stegokernels.image;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.io.FileErrors;

/**
 * The images in a folder and below. Links are followed, hidden files and folders passed over.
 *
 * @param files by their names, relative to the folder
 * @param leftOut what else should be there, so that nothing is missing without a word
 */
public record ImageFolder(SortedSet<Path> files, List<LeftOut> leftOut) {
    private static final int NAMED = 3;

    /**
     * Images that can't be used.
     *
     * @param path a folder
     * @param reason why, and what to do
     * @param files which they are, relative to the folder; empty if it can't be read
     */
    public record LeftOut(Path path, String reason, List<Path> files) {
        /** Returns path and reason in one line. */
        public String text() {
            return reason.startsWith(path.toString()) ? reason : path + ": " + reason;
        }
    }

    /**
     * Finds the files of a folder and its subfolders.
     *
     * @param skipped a folder whose contents are passed over, under whatever name; null for none
     * @param wanted gets each file's path relative to the folder
     * @throws IOException if there is no such folder
     */
    public static ImageFolder find(Path folder, Path skipped, Predicate<Path> wanted) throws IOException {
        boolean results = skipped != null && Files.exists(skipped);
        SortedSet<Path> files = new TreeSet<>();
        SortedSet<Path> unread = new TreeSet<>();
        List<LeftOut> leftOut = new ArrayList<>();
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
                            throws IOException {
                        boolean skip = !visited.equals(folder)
                                && (isHidden(visited) || results && Files.isSameFile(visited, skipped));
                        return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        Path below = folder.relativize(file);
                        if (!isHidden(file) && wanted.test(below)) {
                            if (ImageReader.hasImageExtension(file)) {
                                files.add(below);
                            } else if (UnreadFormat.ofName(file).isPresent()) {
                                unread.add(below);
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        // A link to a folder above leads to nothing new.
                        if (!(e instanceof FileSystemLoopException)) {
                            leftOut.add(new LeftOut(
                                    file, FileErrors.reading(file, e).getMessage(), List.of()));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException e) {
                        return e == null ? FileVisitResult.CONTINUE : visitFileFailed(visited, e);
                    }
                });
        if (!unread.isEmpty()) {
            leftOut.add(new LeftOut(folder, text(unread), List.copyOf(unread)));
        }
        return new ImageFolder(files, leftOut);
    }

    private static String text(SortedSet<Path> unread) {
        String formats = unread.stream()
                .flatMap(file -> UnreadFormat.ofName(file).stream())
                .distinct()
                .sorted()
                .map(UnreadFormat::title)
                .collect(Collectors.joining(", "));
        String names = Stream.concat(
                        unread.stream().limit(NAMED).map(Path::toString),
                        unread.size() > NAMED ? Stream.of((unread.size() - NAMED) + " more") : Stream.empty())
                .collect(Collectors.joining(", "));
        return (unread.size() == 1 ? "1 file that looks like an image" : unread.size() + " files that look like images")
                + " (" + formats + ") " + (unread.size() == 1 ? "was" : "were") + " left out: " + names
                + "; convert to JPEG or PNG what should be used";
    }

    /** Returns the part of a path that is in front of an image's extension. */
    public static Path withoutExtension(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 && ImageReader.hasImageExtension(file) ? file.resolveSibling(name.substring(0, dot)) : file;
    }

    private static boolean isHidden(Path path) {
        return path.getFileName() != null && path.getFileName().toString().startsWith(".");
    }
}
