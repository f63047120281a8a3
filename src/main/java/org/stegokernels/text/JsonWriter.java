package org.stegokernels.text;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON in UTF-8, field by field. Of Jackson it uses the streams alone: the classes of data binding take 0.1 s to
 * start. An object with two fields of one name is refused.
 */
public final class JsonWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private final JsonGenerator json;

    private JsonWriter(JsonGenerator json) {
        this.json = json.enable(JsonGenerator.Feature.STRICT_DUPLICATE_DETECTION);
    }

    /** Writes the fields of an object. */
    @FunctionalInterface
    public interface Fields {
        void write(JsonWriter json) throws IOException;
    }

    /** Escapes what JSON allows in a string but a terminal acts on. */
    private static final class Escapes extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[0x7F] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public SerializableString getEscapeSequence(int character) {
            return Printable.acts(character) ? new SerializedString(Printable.escape(character)) : null;
        }
    }

    /** Writes one object for people and machines: indented, harmless for a terminal. The stream stays open. */
    public static void print(OutputStream out, Fields fields) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.setCharacterEscapes(new Escapes());
            json.writeStartObject();
            fields.write(new JsonWriter(json));
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** Returns one object without spaces and line breaks. */
    public static byte[] bytes(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
            json.writeStartObject();
            fields.write(new JsonWriter(json));
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /**
     * Returns a value, as {@link JsonReader#parse} gives it, without spaces and line breaks.
     *
     * @param value made of maps with strings as keys, lists, strings, numbers, truth values and null
     */
    public static String text(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            new JsonWriter(json).value(value);
        } catch (IOException e) {
            throw new UncheckedIOException("a string can always be written to", e);
        }
        return text.toString();
    }

    /** Begins an object in a list. */
    public void beginObject() throws IOException {
        json.writeStartObject();
    }

    /** Begins an object that is a field. */
    public void beginObject(String name) throws IOException {
        json.writeObjectFieldStart(name);
    }

    public void endObject() throws IOException {
        json.writeEndObject();
    }

    /** Begins a list that is a field. */
    public void beginList(String name) throws IOException {
        json.writeArrayFieldStart(name);
    }

    public void endList() throws IOException {
        json.writeEndArray();
    }

    public void field(String name, String value) throws IOException {
        json.writeStringField(name, value);
    }

    public void field(String name, long value) throws IOException {
        json.writeNumberField(name, value);
    }

    public void field(String name, float value) throws IOException {
        json.writeNumberField(name, value);
    }

    /** Writes a number; NaN and the infinities, which JSON lacks, as strings. */
    public void field(String name, double value) throws IOException {
        json.writeNumberField(name, value);
    }

    public void field(String name, boolean value) throws IOException {
        json.writeBooleanField(name, value);
    }

    /** Writes a value as {@link #text} does. */
    public void field(String name, Object value) throws IOException {
        json.writeFieldName(name);
        value(value);
    }

    /** Writes a member of a list, or what follows a name, as {@link #text} does; arrays of numbers become lists. */
    public void value(Object value) throws IOException {
        if (value instanceof Map<?, ?> object) {
            json.writeStartObject();
            for (Map.Entry<?, ?> field : object.entrySet()) {
                field((String) field.getKey(), field.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object member : list) {
                value(member);
            }
            json.writeEndArray();
        } else if (value instanceof int[] numbers) {
            json.writeArray(numbers, 0, numbers.length);
        } else if (value instanceof long[] numbers) {
            json.writeArray(numbers, 0, numbers.length);
        } else if (value instanceof double[] numbers) {
            json.writeArray(numbers, 0, numbers.length);
        } else {
            json.writeObject(value);
        }
    }
}
