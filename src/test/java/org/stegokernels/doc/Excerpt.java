package org.stegokernels.doc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A declaration out of a source file, found by its beginning, so that a page shows the code that is compiled.
 *
 * @param file relative to the project
 * @param line of its beginning, from 1
 * @param text without the indentation of its first line
 */
record Excerpt(Path file, int line, String text) {
    /**
     * Reads the declaration that begins with a text: up to the end of its block, or to the first semicolon if that comes before
     * one.
     *
     * @throws IllegalArgumentException if the text is not there exactly once
     */
    static Excerpt of(Path file, String beginning) throws IOException {
        String source = Files.readString(file);
        int start = source.indexOf(beginning);
        if (start < 0 || source.indexOf(beginning, start + 1) >= 0) {
            throw new IllegalArgumentException(
                    file + (start < 0 ? " has no \"" : " has more than one \"") + beginning + "\"");
        }
        int lineStart = source.lastIndexOf('\n', start) + 1;
        String indent = source.substring(lineStart, start);
        String text = source.substring(start, end(source, start));
        int line = (int) source.substring(0, start).lines().count() + (indent.isEmpty() ? 1 : 0);
        return new Excerpt(file, line, text.replace("\n" + indent, "\n"));
    }

    private static int end(String source, int start) {
        int depth = 0;
        for (int i = start; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0 || c == ';' && depth == 0) {
                return i + 1;
            }
        }
        throw new IllegalArgumentException("the source ends within a block");
    }
}
