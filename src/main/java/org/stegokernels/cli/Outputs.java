package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;

/**
 * Names the results so that none overwrites another, or a photograph. A photograph {@code a/b.jpg} below a folder that
 * was given becomes {@code OUT/a/b.*}; where two would get one name, the later one becomes {@code b-2}.
 */
final class Outputs {
    private static final System.Logger LOG = System.getLogger(Outputs.class.getName());

    private Outputs() {}

    /**
     * Returns one stem in {@code folder} for each photograph, in their order: append a suffix to get a file's name.
     *
     * @param suffixes all that will be appended for a photograph, so that {@code a.overlay.jpg} and the overlay of
     *     {@code a.jpg} stay apart
     * @throws UsageException if a result would overwrite a photograph
     */
    static List<Path> plan(List<Inputs.Photograph> photographs, Path folder, Function<Path, List<String>> suffixes) {
        Set<String> taken = new HashSet<>();
        List<Path> stems = new ArrayList<>();
        List<String> renamed = new ArrayList<>();
        for (Inputs.Photograph photograph : photographs) {
            Path wanted = folder.resolve(photograph.name());
            Path stem = wanted;
            List<String> own = suffixes.apply(photograph.file());
            for (int copy = 2; !claim(stem, own, taken); copy++) {
                stem = with(wanted, "-" + copy);
            }
            if (!stem.equals(wanted)) {
                renamed.add(photograph.file() + " is called " + stem.getFileName());
            }
            stems.add(stem);
        }
        if (!renamed.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} of {1} inputs have the name of another one, and their results get a number: {2}{3}",
                    renamed.size(),
                    photographs.size(),
                    renamed.get(0),
                    renamed.size() == 1 ? "" : ", ...");
        }
        refuseOverwriting(photographs, folder, stems, suffixes);
        return stems;
    }

    static Path with(Path stem, String suffix) {
        return stem.resolveSibling(stem.getFileName() + suffix);
    }

    private static boolean claim(Path stem, List<String> suffixes, Set<String> taken) {
        List<String> names = Stream.concat(Stream.of(""), suffixes.stream())
                .map(suffix -> key(with(stem, suffix)))
                .toList();
        if (names.stream().anyMatch(taken::contains)) {
            return false;
        }
        return taken.addAll(names);
    }

    /**
     * Returns the name by which paths are compared. Many file systems take "A.png" and "a.png" for one file, and those of
     * macOS an accented letter for the letter and its accent.
     */
    private static String key(Path path) {
        String name = path.toAbsolutePath().normalize().toString().toLowerCase(Locale.ROOT);
        return OwnCommandLine.hasLettersBeyondAscii(List.of(name))
                ? Normalizer.normalize(name, Normalizer.Form.NFC)
                : name;
    }

    /** Compares files, not names: a folder has many by links, and on some systems by upper and lower case. */
    private static void refuseOverwriting(
            List<Inputs.Photograph> photographs, Path folder, List<Path> stems, Function<Path, List<String>> suffixes) {
        if (!Files.exists(folder)) {
            return;
        }
        Map<Object, Path> byIdentity = new HashMap<>();
        photographs.forEach(photograph ->
                identity(photograph.file()).ifPresent(identity -> byIdentity.putIfAbsent(identity, photograph.file())));
        for (int index = 0; index < stems.size(); index++) {
            for (String suffix : suffixes.apply(photographs.get(index).file())) {
                Optional<Path> lost = identity(with(stems.get(index), suffix)).map(byIdentity::get);
                if (lost.isPresent()) {
                    throw new UsageException("a result would overwrite the photograph " + lost.get()
                            + ": choose another folder for --out");
                }
            }
        }
    }

    /** Returns what two paths of one file have in common; nothing if there is no such file. */
    private static Optional<Object> identity(Path file) {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return Optional.of(key == null ? file.toRealPath() : key);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Makes the folder and proves that it can be written to, before anything is computed.
     *
     * @throws IOException if it can't; the message says why
     */
    static void prepare(Path folder) throws IOException {
        try {
            FileErrors.makeFolder(folder);
            AtomicFile.probe(folder);
        } catch (IOException e) {
            throw new IOException("--out: " + e.getMessage(), e);
        }
    }
}
