package org.stegokernels.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;

/**
 * Reads and judges the header of a safetensors file. Every rule of the format is checked while the JSON streams by, so
 * that a hostile header is refused at its first offence, not after it has filled the memory.
 *
 * @param metadata the file's {@code __metadata__}, unmodifiable
 * @param tensors by name in the order of the header, unmodifiable
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Located> tensors) {
    static final String METADATA = "__metadata__";
    static final int MAX_BYTES = 100_000_000;
    static final int MAX_RANK = 8;
    static final int MAX_NAME = 1000;
    static final int MAX_TENSORS = 100_000;
    private static final int MAX_METADATA = 10_000;
    private static final int MAX_STRING = 1 << 24;
    private static final int MAX_NESTING = 3;
    private static final String DAMAGED = "The file is damaged or not a safetensors file: fetch or convert it again.";

    // Names are neither interned nor kept in a symbol table, which a hostile file could fill.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(20)
                    .build())
            .build();

    /**
     * A tensor and where its bytes begin.
     *
     * @param begin counted from the end of the header
     */
    record Located(TensorIndex.Entry entry, long begin, long end) implements Comparable<Located> {
        /** In the order of the file. */
        @Override
        public int compareTo(Located other) {
            return begin == other.begin ? Long.compare(end, other.end) : Long.compare(begin, other.begin);
        }
    }

    /**
     * Parses and checks.
     *
     * @param file the name for messages
     * @param bytes the header alone
     * @param dataBytes how many bytes follow the header in the file
     * @throws ModelException at the first thing that is wrong
     * @throws IOException if the bytes can't be read
     */
    static SafetensorsHeader parse(String file, ByteBuffer bytes, long dataBytes) throws IOException {
        return new Parse(file, dataBytes).run(bytes);
    }

    static ModelException damaged(String file, String tensor, String reason, Throwable cause) {
        return new ModelException(file, tensor, reason, DAMAGED, cause);
    }

    /** One pass over one header. */
    private static final class Parse {
        private final String file;
        private final long dataBytes;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Map<String, Located> tensors = new LinkedHashMap<>();
        /** The tensor being read, for messages; null outside of one. */
        private String tensor;

        Parse(String file, long dataBytes) {
            this.file = file;
            this.dataBytes = dataBytes;
        }

        SafetensorsHeader run(ByteBuffer bytes) throws IOException {
            checkEnds(bytes);
            Reader text = new InputStreamReader(
                    new ByteBufferBackedInputStream(bytes.duplicate()), StandardCharsets.UTF_8.newDecoder());
            try (JsonParser parser = JSON.createParser(text)) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    readMember(parser);
                }
                if (parser.nextToken() != null) {
                    throw wrong("the header goes on after its closing brace");
                }
            } catch (JsonProcessingException e) {
                throw damaged(file, tensor, "the header is not valid JSON (" + e.getOriginalMessage() + ")", e);
            } catch (CharacterCodingException e) {
                throw damaged(file, tensor, "the header is not valid UTF-8", e);
            }
            checkLayout();
            return new SafetensorsHeader(Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors));
        }

        /** The format allows spaces behind the header, and nothing in front of it. */
        private void checkEnds(ByteBuffer bytes) {
            if (bytes.remaining() == 0 || bytes.get(bytes.position()) != '{') {
                throw wrong("the header does not begin with {");
            }
            int last = bytes.limit() - 1;
            while (bytes.get(last) == ' ') {
                last--;
            }
            if (bytes.get(last) != '}') {
                throw wrong("the header does not end with } and spaces");
            }
        }

        private void readMember(JsonParser parser) throws IOException {
            String name = parser.currentName();
            if (name.equals(METADATA)) {
                readMetadata(parser);
                return;
            }
            tensor = name;
            if (tensors.size() == MAX_TENSORS) {
                throw wrong("the header has more than " + MAX_TENSORS + " tensors");
            }
            tensors.put(name, readTensor(parser));
            tensor = null;
        }

        private void readMetadata(JsonParser parser) throws IOException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw wrong(METADATA + " is not an object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw wrong("the value of " + ModelException.quoted(key) + " in " + METADATA + " is not a string");
                }
                if (metadata.size() == MAX_METADATA) {
                    throw wrong(METADATA + " has more than " + MAX_METADATA + " entries");
                }
                metadata.put(key, parser.getText());
            }
        }

        private Located readTensor(JsonParser parser) throws IOException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw wrong("its description is not an object");
            }
            DType type = null;
            Shape shape = null;
            long[] offsets = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                switch (parser.currentName()) {
                    case "dtype" -> type = readType(parser);
                    case "shape" -> shape = readShape(parser);
                    case "data_offsets" -> offsets = readOffsets(parser);
                    default -> throw wrong("unknown field " + ModelException.quoted(parser.currentName()));
                }
            }
            if (type == null || shape == null || offsets == null) {
                throw wrong("it lacks " + (type == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            long needed = (long) shape.size() * type.bytes();
            if (offsets[1] - offsets[0] != needed) {
                throw wrong("its data_offsets span " + (offsets[1] - offsets[0]) + " bytes, but " + type + shape
                        + " takes " + needed);
            }
            return new Located(new TensorIndex.Entry(tensor, type, shape), offsets[0], offsets[1]);
        }

        private DType readType(JsonParser parser) throws IOException {
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw wrong("its dtype is not a string");
            }
            try {
                return DType.valueOf(parser.getText());
            } catch (IllegalArgumentException e) {
                throw new ModelException(
                        file,
                        tensor,
                        "unknown dtype " + ModelException.quoted(parser.getText()),
                        "Convert it to F32, F16 or BF16.",
                        e);
            }
        }

        private Shape readShape(JsonParser parser) throws IOException {
            List<Long> dims = readIntegers(parser, "shape", MAX_RANK);
            try {
                int[] exact = new int[dims.size()];
                for (int i = 0; i < exact.length; i++) {
                    exact[i] = Math.toIntExact(dims.get(i));
                }
                return Shape.of(exact);
            } catch (ArithmeticException | IllegalArgumentException e) {
                throw new ModelException(
                        file, tensor, "its shape " + dims + " has more than 2^31-1 elements", "Split it.", e);
            }
        }

        private long[] readOffsets(JsonParser parser) throws IOException {
            List<Long> offsets = readIntegers(parser, "data_offsets", 2);
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
                throw wrong("its data_offsets " + offsets + " are not a begin and an end");
            }
            if (offsets.get(1) > dataBytes) {
                throw wrong("its data_offsets " + offsets + " reach beyond the " + dataBytes
                        + " bytes of data in the file");
            }
            return new long[] {offsets.get(0), offsets.get(1)};
        }

        private List<Long> readIntegers(JsonParser parser, String field, int most) throws IOException {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw wrong("its " + field + " is not a list");
            }
            List<Long> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getLongValue() < 0) {
                    throw wrong("its " + field + " has a value that is not a whole number of 0 or more");
                }
                if (values.size() == most) {
                    throw wrong("its " + field + " has more than " + most + " values");
                }
                values.add(parser.getLongValue());
            }
            return values;
        }

        /** The tensors fill the data from end to end, each byte once. */
        private void checkLayout() {
            List<Located> inOrder = new ArrayList<>(tensors.values());
            Collections.sort(inOrder);
            long at = 0;
            for (Located located : inOrder) {
                tensor = located.entry().name();
                if (located.begin() < at) {
                    throw wrong("its data overlaps that of another tensor, at byte " + located.begin());
                }
                if (located.begin() > at) {
                    throw wrong("there is a hole of " + (located.begin() - at) + " bytes before its data");
                }
                at = located.end();
            }
            tensor = null;
            if (at != dataBytes) {
                throw wrong("the file has " + (dataBytes - at) + " bytes that belong to no tensor at its end");
            }
        }

        private ModelException wrong(String reason) {
            return damaged(file, tensor, reason, null);
        }
    }
}
