package org.stegokernels.image;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds files below a folder. Links are followed, hidden files and folders left out. */
public final class ImageFolder {
    private static final System.Logger LOG = System.getLogger(ImageFolder.class.getName());

    private ImageFolder() {}

    /**
     * Files below a folder, relative to it, sorted.
     *
     * @param skipped a folder whose contents are left out, under whatever name; null for none
     * @param wanted gets each file's path relative to the folder
     * @throws IOException if the folder can't be read; what lies below and can't is left out with a warning
     */
    public static SortedSet<Path> find(Path folder, Path skipped, Predicate<Path> wanted) throws IOException {
        SortedSet<Path> found = new TreeSet<>();
        boolean results = skipped != null && Files.exists(skipped);
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
                            found.add(below);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        LOG.log(System.Logger.Level.WARNING, "can''t look into {0}: {1}", file, e.toString());
                        return FileVisitResult.CONTINUE;
                    }
                });
        return found;
    }

    /** Of a path in a folder, the part in front of an image's extension. */
    public static Path withoutExtension(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 && ImageReader.hasImageExtension(file) ? file.resolveSibling(name.substring(0, dot)) : file;
    }

    private static boolean isHidden(Path path) {
        return path.getFileName() != null && path.getFileName().toString().startsWith(".");
    }
}
