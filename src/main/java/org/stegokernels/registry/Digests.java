package org.stegokernels.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.InnerPath;
import org.stegokernels.io.RegularFile;
import org.stegokernels.io.Sha256;

/**
 * The wanted SHA-256 of files, kept in a file of the form that {@code sha256sum} writes and checks.
 *
 * @param file where they are kept
 * @param known hexadecimal, by the path of each file from the folder of this one, with slashes
 */
record Digests(Path file, Map<String, String> known) {
    private static final String LINE = "[0-9a-f]{64} [ *].+";
    private static final int DIGITS = 64;

    static Digests read(Path file) throws IOException {
        Map<String, String> known = new TreeMap<>();
        if (Files.exists(file)) {
            // Not by Files.readAllLines, whose failure on damaged bytes names no file.
            String text = new String(Files.readAllBytes(RegularFile.require(file)), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                if (!line.matches(LINE) || line.indexOf('\ufffd') >= 0) {
                    throw new IOException(file + ": this is no line of sha256sum: " + line + ". Delete the file.");
                }
                known.put(line.substring(DIGITS + 2), line.substring(0, DIGITS));
            }
        }
        return new Digests(file, known);
    }

    /** Returns these and the digest of one more file. */
    Digests with(Path path, String digest) {
        Map<String, String> more = new TreeMap<>(known);
        more.put(name(path), digest);
        return new Digests(file, more);
    }

    private String name(Path path) {
        return InnerPath.slashed(file.getParent().relativize(path));
    }

    void write() throws IOException {
        StringBuilder lines = new StringBuilder();
        known.forEach(
                (name, digest) -> lines.append(digest).append("  ").append(name).append('\n'));
        AtomicFile.write(file, out -> out.write(lines.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Computes the digest of a file.
     *
     * @throws DigestException if another one is known
     */
    String check(Path path) throws IOException {
        String digest = Sha256.hex(path);
        String wanted = known.getOrDefault(name(path), digest);
        if (!wanted.equals(digest)) {
            throw new DigestException(path + ": its SHA-256 is " + digest + ", wanted " + wanted
                    + ". Delete it, if it is still there, and pull it again. If its authors replaced it, delete " + file
                    + " too.");
        }
        return digest;
    }

    /** A file is not the one that it should be. */
    static final class DigestException extends IOException {
        private static final long serialVersionUID = 1L;

        DigestException(String message) {
            super(message);
        }
    }
}
