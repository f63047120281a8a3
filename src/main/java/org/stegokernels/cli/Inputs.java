package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.io.RegularFile;

/**
 * The photographs that the arguments of a command stand for. An argument is a file, a folder (all photographs in it and
 * below, in the order of their names) or a glob, where {@code **} stands for any number of folders, none included.
 * Hidden files are left out of folders and globs, and so is what lies in the folder of the results.
 *
 * @param photographs each once, in the order of the arguments
 * @param failures arguments that stand for nothing, and what in folders can't be used
 */
record Inputs(List<Photograph> photographs, List<Failure> failures) {
    private static final String GLOB_CHARACTERS = "*?[{";

    /**
     * @param file where to read it
     * @param name what its results are called: its path below the folder that was given, without the extension
     */
    record Photograph(Path file, Path name) {}

    /**
     * An input that could not be used, and why.
     *
     * @param files in a folder, if it is these that could not be used
     */
    record Failure(String input, String reason, List<Path> files) {
        Failure(String input, String reason) {
            this(input, reason, List.of());
        }

        /** Returns both in one line. */
        String text() {
            return reason.startsWith(input) ? reason : input + ": " + reason;
        }
    }

    /**
     * @param results the folder of the results, whose contents are nobody's photographs
     * @throws IOException if a folder can't be read
     */
    static Inputs of(List<String> arguments, Path results) throws IOException {
        Inputs inputs = new Inputs(new ArrayList<>(), new ArrayList<>());
        Set<Path> seen = new HashSet<>();
        for (String argument : arguments) {
            inputs.add(argument, results, seen);
        }
        return inputs;
    }

    private void add(String argument, Path results, Set<Path> seen) throws IOException {
        Path path = Path.of(argument);
        if (argument.isEmpty()) {
            // Java takes it for the current folder; it mostly is a variable that was never set.
            failures.add(new Failure(argument, "an input without a name"));
        } else if (Files.isDirectory(path)) {
            addAll(argument, path, ImageFolder.find(path, results, file -> true), seen);
        } else if (Files.exists(path) || RegularFile.isDescriptor(path)) {
            addOne(path, path.getFileName(), seen);
        } else if (argument.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0)) {
            addGlob(argument, results, seen);
        } else {
            failures.add(new Failure(argument, "there is no such file or folder"));
        }
    }

    private void addGlob(String glob, Path results, Set<Path> seen) throws IOException {
        String pattern = glob.replace('\\', '/');
        int special = 0;
        while (GLOB_CHARACTERS.indexOf(pattern.charAt(special)) < 0) {
            special++;
        }
        int split = pattern.lastIndexOf('/', special);
        Path folder = Path.of(split < 0 ? "" : pattern.substring(0, Math.max(split, 1)));
        String below = pattern.substring(split + 1);
        PathMatcher deep = FileSystems.getDefault().getPathMatcher("glob:" + below);
        PathMatcher here = FileSystems.getDefault().getPathMatcher("glob:" + below.replace("**/", ""));
        if (!Files.isDirectory(folder)) {
            failures.add(new Failure(glob, "there is no folder " + folder));
            return;
        }
        addAll(glob, folder, ImageFolder.find(folder, results, file -> deep.matches(file) || here.matches(file)), seen);
    }

    private void addAll(String argument, Path folder, ImageFolder found, Set<Path> seen) {
        found.files().forEach(file -> addOne(folder.resolve(file), file, seen));
        found.leftOut().forEach(each -> failures.add(new Failure(each.path().toString(), each.reason(), each.files())));
        if (found.files().isEmpty() && found.leftOut().isEmpty()) {
            failures.add(new Failure(argument, "no photographs there (JPEG, PNG, WebP, TIFF, BMP or GIF)"));
        }
    }

    private void addOne(Path file, Path name, Set<Path> seen) {
        if (seen.add(file.toAbsolutePath().normalize())) {
            photographs.add(new Photograph(file, ImageFolder.withoutExtension(name)));
        }
    }
}
