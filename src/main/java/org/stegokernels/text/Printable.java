package org.stegokernels.text;

/**
 * Makes text of others (names of files and classes, metadata, answers of servers) harmless for a terminal: whatever would
 * move the cursor, change colours or reorder what stands there becomes a question mark.
 */
public final class Printable {
    private static final int LONGEST_NAME = 100;

    private Printable() {}

    /** Returns the text as a part of one line: line breaks and tabs become question marks, too. */
    public static String line(String text) {
        return clean(text, false);
    }

    /** Returns the text with its line breaks and tabs. */
    public static String text(String text) {
        return clean(text, true);
    }

    /** Returns the text as a part of one line in which each such character, line breaks and tabs too, is replaced by its number. */
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (acts(c)) {
                escaped.append(escape(c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** Returns the escape of Java and JSON: {@code \\u001b}. */
    public static String escape(int character) {
        return String.format("\\u%04x", character);
    }

    /** Returns a name from a file in quotes, cut if it is very long. */
    public static String quoted(String name) {
        return '"' + (name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "..." : name) + '"';
    }

    private static String clean(String text, boolean layout) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (acts(c) && !(layout && (c == '\n' || c == '\t'))) {
                if (clean == null) {
                    clean = new StringBuilder(text);
                }
                clean.setCharAt(i, '?');
            }
        }
        return clean == null ? text : clean.toString();
    }

    /** Returns true for control characters (C0, DEL, C1), line separators and the marks that change the direction. */
    public static boolean acts(int character) {
        return character < 0x20
                || character >= 0x7F && character < 0xA0
                || character == 0x061C
                || character == 0x200E
                || character == 0x200F
                || character >= 0x2028 && character <= 0x202E
                || character >= 0x2066 && character <= 0x2069;
    }
}
