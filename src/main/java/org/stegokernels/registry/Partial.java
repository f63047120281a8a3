package org.stegokernels.registry;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;

/**
 * The leavings of an earlier download: {@code FILE.part}, and beside it in {@code FILE.part.from} which version of which file
 * it is the beginning of. Without the latter nothing can be appended to it safely.
 *
 * @param validator the server's strong ETag or date of that version, for {@code If-Range}
 * @param total length of the whole
 */
record Partial(URI address, String validator, long total) {
    private static final int MOST_BYTES = 1 << 16;
    /** Address, validator and length, of characters that a header may have. */
    private static final Pattern LINES = Pattern.compile("([ -~]+)\n([ -~]+)\n(\\d{1,18})\n");

    static Path file(Path target) {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    private static Path note(Path target) {
        return target.resolveSibling(target.getFileName() + ".part.from");
    }

    /**
     * Returns what is known of the part of a file, or null if that is nothing. A note that is damaged, as by a power cut,
     * is set aside as {@code FILE.part.from.damaged}.
     */
    static Partial read(Path target, URI address, PullListener listener) throws IOException {
        Path note = note(target);
        if (!Files.isRegularFile(note) || !Files.exists(file(target))) {
            return null;
        }
        String text = Files.size(note) > MOST_BYTES ? "" : new String(Files.readAllBytes(note), StandardCharsets.UTF_8);
        Matcher lines = LINES.matcher(text);
        if (!lines.matches()) {
            Path aside = note.resolveSibling(note.getFileName() + ".damaged");
            Files.move(note, aside, StandardCopyOption.REPLACE_EXISTING);
            listener.says(note + " is damaged and was set aside as " + aside.getFileName() + "; starting anew");
            return null;
        }
        return lines.group(1).equals(address.toString())
                ? new Partial(address, lines.group(2), Long.parseLong(lines.group(3)))
                : null;
    }

    void write(Path target) throws IOException {
        String lines = address + "\n" + validator + "\n" + total + "\n";
        AtomicFile.write(note(target), out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns the bytes that there are. */
    static long length(Path target) throws IOException {
        return Files.exists(file(target)) ? Files.size(file(target)) : 0;
    }

    /** Forgets which version it is, so that the next attempt starts anew. */
    static void forget(Path target) throws IOException {
        Files.deleteIfExists(note(target));
    }

    /** Deletes all that came, which is no part of the file. */
    static void delete(Path target) throws IOException {
        forget(target);
        Files.deleteIfExists(file(target));
    }
}
