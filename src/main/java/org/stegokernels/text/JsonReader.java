package org.stegokernels.text;

import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) in UTF-8 as strictly as can be. The classes of a library would lengthen the loading of a small
 * model in a new process by a third.
 *
 * <p>{@link #parse} gives all at once. A reader goes through a text of a known form without building anything: {@code
 * begin('{')}, then as long as {@code more('}')} holds, a {@link #key} and its value.
 */
public final class JsonReader {
    private static final int MAX_NESTING = 32;
    /** Characters of a number. */
    private static final int MAX_NUMBER = 100;

    private final byte[] text;
    private int at;
    /** True if the object or list that was begun last has had no member yet. */
    private boolean first;

    /** @param bytes read from position to limit, both of which stay */
    public JsonReader(ByteBuffer bytes) {
        text = new byte[bytes.remaining()];
        bytes.duplicate().get(text);
    }

    /** Text that JSON does not allow where it stands. */
    public static final class SyntaxException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        private SyntaxException(String message) {
            super(message);
        }
    }

    /**
     * Returns the one value of a text: a map in the order of the text, a list, a string, an Integer, Long or Double, a
     * truth value, or null.
     *
     * @throws SyntaxException if the text is anything but one JSON value, or an object has a key twice; it says where
     */
    public static Object parse(String text) throws SyntaxException {
        try {
            return parse(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("it has just been encoded", e);
        }
    }

    /**
     * As {@link #parse(String)}, from the bytes between position and limit.
     *
     * @throws CharacterCodingException if a string is not UTF-8
     */
    public static Object parse(ByteBuffer text) throws SyntaxException, CharacterCodingException {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value(0);
        if (!reader.ended()) {
            throw reader.wrong("there is something after the value");
        }
        return value;
    }

    /** @param depth of objects and lists around it */
    private Object value(int depth) throws SyntaxException, CharacterCodingException {
        char opening = next();
        if (depth == MAX_NESTING && (opening == '{' || opening == '[')) {
            throw wrong("objects and lists are nested deeper than " + MAX_NESTING);
        }
        return switch (opening) {
            case '{' -> object(depth + 1);
            case '[' -> list(depth + 1);
            case '"' -> string(Integer.MAX_VALUE);
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) throws SyntaxException, CharacterCodingException {
        Map<String, Object> object = new LinkedHashMap<>();
        begin('{');
        while (more('}')) {
            String key = key(Integer.MAX_VALUE);
            if (object.containsKey(key)) {
                throw wrong("the key " + Printable.quoted(key) + " comes twice");
            }
            object.put(key, value(depth));
        }
        return object;
    }

    private List<Object> list(int depth) throws SyntaxException, CharacterCodingException {
        List<Object> list = new ArrayList<>();
        begin('[');
        while (more(']')) {
            list.add(value(depth));
        }
        return list;
    }

    private <T> T word(String word, T meaning) throws SyntaxException {
        for (int i = 0; i < word.length(); i++, at++) {
            if (current() != word.charAt(i)) {
                throw wrong("there should be " + word);
            }
        }
        return meaning;
    }

    private Number number() throws SyntaxException {
        int begin = at;
        skip('-');
        boolean leadingZero = current() == '0';
        if (digits() > 1 && leadingZero) {
            throw wrong("a number has a 0 too many in front");
        }
        int end = at;
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('-')) {
                skip('+');
            }
            digits();
        }
        if (at - begin > MAX_NUMBER) {
            throw wrong("a number is longer than " + MAX_NUMBER + " characters");
        }
        String number = new String(text, begin, at - begin, StandardCharsets.US_ASCII);
        return at == end ? whole(number) : Double.valueOf(number);
    }

    private static Number whole(String number) {
        try {
            long value = Long.parseLong(number);
            boolean small = value == (int) value;
            return small ? (Number) (int) value : (Number) value;
        } catch (NumberFormatException tooLarge) {
            return Double.valueOf(number);
        }
    }

    private boolean skip(char c) {
        boolean there = current() == c;
        if (there) {
            at++;
        }
        return there;
    }

    /** @return how many, at least one */
    private int digits() throws SyntaxException {
        int begin = at;
        while (current() >= '0' && current() <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong("there should be a value");
        }
        return at - begin;
    }

    /** Returns whether nothing but spaces is left. */
    public boolean ended() {
        next();
        return at == text.length;
    }

    /** Returns the first character of what comes next, by which kinds of values differ; 0 at the end. */
    public char next() {
        while (at < text.length && isSpace(text[at])) {
            at++;
        }
        return current();
    }

    /** Returns 0 at the end. */
    private char current() {
        return at < text.length ? (char) (text[at] & 0xff) : 0;
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /**
     * Begins to read an object or a list.
     *
     * @param open its first character
     */
    public void begin(char open) throws SyntaxException {
        take(open);
        first = true;
    }

    /**
     * Returns whether the object or list has a further member; if not, its end is passed.
     *
     * @param close its last character
     */
    public boolean more(char close) throws SyntaxException {
        boolean more = next() != close;
        if (!more) {
            at++;
        } else if (!first) {
            take(',');
        }
        first = false;
        return more;
    }

    /**
     * Reads a member's name and the colon after it.
     *
     * @param longest how many bytes it may take in the text
     */
    public String key(int longest) throws SyntaxException, CharacterCodingException {
        String key = string(longest);
        take(':');
        return key;
    }

    /**
     * Reads a string.
     *
     * @param longest how many bytes it may take in the text
     * @throws CharacterCodingException if it is not UTF-8
     */
    public String string(int longest) throws SyntaxException, CharacterCodingException {
        take('"');
        int limit = (int) Math.min(text.length, (long) at + longest);
        StringBuilder parts = null;
        String last = plain(limit);
        while (at < limit && text[at] == '\\') {
            parts = parts == null ? new StringBuilder() : parts;
            parts.append(last).append(escaped());
            last = plain(limit);
        }
        if (at < text.length && current() < ' ') {
            throw wrong("a control character stands in a string");
        }
        take('"');
        return parts == null ? last : parts.append(last).toString();
    }

    /** Reads up to a quote, a backslash, a control character or the limit. */
    private String plain(int limit) throws SyntaxException, CharacterCodingException {
        byte[] bytes = text;
        int begin = at;
        int end = at;
        boolean ascii = true;
        while (end < limit && bytes[end] != '"' && bytes[end] != '\\' && (bytes[end] < 0 || bytes[end] >= ' ')) {
            ascii &= bytes[end++] >= 0;
        }
        at = end;
        if (end >= limit && end < bytes.length && bytes[end] != '"') {
            throw wrong("a string is too long");
        }
        if (ascii) {
            return new String(bytes, begin, end - begin, StandardCharsets.US_ASCII);
        }
        // It refuses what is malformed; the constructor of a string would replace it.
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        return strict.decode(ByteBuffer.wrap(bytes, begin, end - begin)).toString();
    }

    /** Reads one character, from its backslash on. */
    private char escaped() throws SyntaxException {
        at++;
        char c = current();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw wrong("JSON has no such escape");
        };
    }

    private char hexadecimal() throws SyntaxException {
        int code = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = Character.digit(current(), 16);
            if (digit < 0) {
                throw wrong("there should be a hexadecimal digit");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    /** Reads a whole number; returns -1 if what comes is something else, or negative, or above 2^63 - 1. */
    public long whole() throws SyntaxException {
        char c = next();
        Number number = c >= '0' && c <= '9' ? number() : -1;
        return number instanceof Double ? -1 : number.longValue();
    }

    private void take(char wanted) throws SyntaxException {
        if (next() != wanted) {
            throw wrong("there should be a " + wanted);
        }
        at++;
    }

    private SyntaxException wrong(String reason) {
        return new SyntaxException("at byte " + at + " " + reason);
    }
}
