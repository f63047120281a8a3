package org.stegokernels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.TypedTensor.DType;

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
    private static final String DAMAGED = "The file is damaged or not a safetensors file: fetch or convert it again.";

    /**
     * A tensor and where its bytes begin.
     *
     * @param begin counted from the end of the header
     */
    record Located(TensorIndex.Entry entry, long begin, long end) implements Comparable<Located> {
        /** Tensors in the order of the file. */
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
        /** Null until it has come. */
        private Map<String, String> metadata;

        private final Map<String, Located> tensors = new LinkedHashMap<>();
        /** The tensor being read, for messages; null outside of one. */
        private String tensor;

        Parse(String file, long dataBytes) {
            this.file = file;
            this.dataBytes = dataBytes;
        }

        SafetensorsHeader run(ByteBuffer bytes) throws IOException {
            checkEnds(bytes);
            JsonReader header = new JsonReader(bytes);
            try {
                header.begin('{');
                while (header.more('}')) {
                    readMember(header);
                }
            } catch (JsonReader.SyntaxException e) {
                throw damaged(file, tensor, "the header is not valid JSON (" + e.getMessage() + ")", e);
            } catch (CharacterCodingException e) {
                throw damaged(file, tensor, "the header is not valid UTF-8", e);
            }
            if (!header.ended()) {
                throw wrong("the header goes on after its closing brace");
            }
            checkLayout();
            return new SafetensorsHeader(
                    metadata == null ? Map.of() : Collections.unmodifiableMap(metadata),
                    Collections.unmodifiableMap(tensors));
        }

        /** Checks both ends. The format allows spaces after the header, and nothing in front of it. */
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

        private void readMember(JsonReader header) throws IOException {
            String name = header.key(MAX_NAME);
            if (name.equals(METADATA)) {
                readMetadata(header);
                return;
            }
            tensor = name;
            refuseSecond(name, tensors.get(name));
            if (tensors.size() == MAX_TENSORS) {
                throw wrong("the header has more than " + MAX_TENSORS + " tensors");
            }
            tensors.put(name, readTensor(header));
            tensor = null;
        }

        private void readMetadata(JsonReader header) throws IOException {
            refuseSecond(METADATA, metadata);
            if (header.next() != '{') {
                throw wrong(METADATA + " is not an object");
            }
            metadata = new LinkedHashMap<>();
            header.begin('{');
            while (header.more('}')) {
                String key = header.key(MAX_NAME);
                refuseSecond(key, metadata.get(key));
                if (header.next() != '"') {
                    throw wrong("the value of " + Printable.quoted(key) + " in " + METADATA + " is not a string");
                }
                if (metadata.size() == MAX_METADATA) {
                    throw wrong(METADATA + " has more than " + MAX_METADATA + " entries");
                }
                metadata.put(key, header.string(MAX_STRING));
            }
        }

        private Located readTensor(JsonReader header) throws IOException {
            if (header.next() != '{') {
                throw wrong("its description is not an object");
            }
            DType type = null;
            Shape shape = null;
            long[] offsets = null;
            header.begin('{');
            while (header.more('}')) {
                String field = header.key(MAX_NAME);
                switch (field) {
                    case "dtype" -> {
                        refuseSecond(field, type);
                        type = readType(header);
                    }
                    case "shape" -> {
                        refuseSecond(field, shape);
                        shape = readShape(header);
                    }
                    case "data_offsets" -> {
                        refuseSecond(field, offsets);
                        offsets = readOffsets(header);
                    }
                    default -> throw wrong("unknown field " + Printable.quoted(field));
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

        /** @param earlier what the name stands for already; null for nothing */
        private void refuseSecond(String name, Object earlier) {
            if (earlier != null) {
                throw wrong("the header has " + Printable.quoted(name) + " twice");
            }
        }

        private DType readType(JsonReader header) throws IOException {
            if (header.next() != '"') {
                throw wrong("its dtype is not a string");
            }
            String name = header.string(MAX_NAME);
            try {
                return DType.valueOf(name);
            } catch (IllegalArgumentException e) {
                throw new ModelException(
                        file, tensor, "unknown dtype " + Printable.quoted(name), "Convert it to F32, F16 or BF16.", e);
            }
        }

        private Shape readShape(JsonReader header) throws IOException {
            List<Long> dims = readWholeNumbers(header, "shape", MAX_RANK);
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

        private long[] readOffsets(JsonReader header) throws IOException {
            List<Long> offsets = readWholeNumbers(header, "data_offsets", 2);
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
                throw wrong("its data_offsets " + offsets + " are not a begin and an end");
            }
            if (offsets.get(1) > dataBytes) {
                throw wrong("its data_offsets " + offsets + " reach beyond the " + dataBytes
                        + " bytes of data in the file");
            }
            return new long[] {offsets.get(0), offsets.get(1)};
        }

        private List<Long> readWholeNumbers(JsonReader header, String field, int most) throws IOException {
            if (header.next() != '[') {
                throw wrong("its " + field + " is not a list");
            }
            List<Long> values = new ArrayList<>();
            header.begin('[');
            while (header.more(']')) {
                long value = header.whole();
                if (value < 0) {
                    throw wrong("its " + field + " has a value that is not a whole number from 0 to 2^63-1");
                }
                if (values.size() == most) {
                    throw wrong("its " + field + " has more than " + most + " values");
                }
                values.add(value);
            }
            return values;
        }

        /** Checks that the tensors fill the data from end to end, each byte once. */
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
