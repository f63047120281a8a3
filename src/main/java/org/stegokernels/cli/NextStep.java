package org.stegokernels.cli;

import java.io.File;
import java.nio.file.Path;
import org.stegokernels.text.Printable;

/** Words for {@link CliCommand#next}. */
final class NextStep {
    private static final boolean WINDOWS = File.separatorChar == '\\';

    private NextStep() {}

    /** Returns a command of this program as it is typed; a word in capitals is to be replaced. */
    static String command(Object... words) {
        StringBuilder line = new StringBuilder("stego-kernels");
        for (Object word : words) {
            line.append(' ').append(quoted(word.toString()));
        }
        return line.toString();
    }

    /** Returns the advice to look at a file or folder. */
    static String look(Path at) {
        return "look at " + Printable.line(at.toString());
    }

    /** Returns a word so that a shell takes it as one. */
    private static String quoted(String word) {
        boolean plain = !word.isEmpty();
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            plain &= Character.isLetterOrDigit(c) || "_./:,=@%+-".indexOf(c) >= 0 || WINDOWS && c == '\\';
        }
        if (plain) {
            return word;
        }
        String safe = Printable.line(word);
        return WINDOWS ? '"' + safe + '"' : "'" + safe.replace("'", "'\\''") + "'";
    }
}
