package org.stegokernels.registry;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.stegokernels.io.AtomicFile;

/**
 * What an earlier download left: {@code FILE.part}, and beside it in {@code FILE.part.from} which version of which file
 * it is the beginning of. Without the latter nothing can be appended to it safely.
 *
 * @param validator the server's strong ETag or date of that version, for {@code If-Range}
 * @param total length of the whole
 */
record Partial(URI address, String validator, long total) {
    static Path file(Path target) {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    private static Path note(Path target) {
        return target.resolveSibling(target.getFileName() + ".part.from");
    }

    /** What is known of the part of a file, or null if that is nothing. */
    static Partial read(Path target, URI address) throws IOException {
        if (!Files.exists(note(target)) || !Files.exists(file(target))) {
            return null;
        }
        List<String> lines = Files.readAllLines(note(target), StandardCharsets.UTF_8);
        boolean usable = lines.size() == 3
                && lines.get(0).equals(address.toString())
                && lines.get(2).matches("\\d{1,18}");
        return usable ? new Partial(address, lines.get(1), Long.parseLong(lines.get(2))) : null;
    }

    void write(Path target) throws IOException {
        String lines = address + "\n" + validator + "\n" + total + "\n";
        AtomicFile.write(note(target), out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
    }

    /** How much there is. */
    static long length(Path target) throws IOException {
        return Files.exists(file(target)) ? Files.size(file(target)) : 0;
    }

    /** Forgets which version it is, so that the next attempt starts anew. */
    static void forget(Path target) throws IOException {
        Files.deleteIfExists(note(target));
    }
}
