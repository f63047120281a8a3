package org.stegokernels.weights;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;

/**
 * Writes safetensors files. The same content gives the same bytes: metadata are sorted by key, tensors by element size
 * (largest first, so that each is aligned) and then by name, and the header is padded with spaces to a multiple of 8.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * Writes F32 tensors to a file that appears whole or not at all.
     *
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public static void write(Path target, Map<String, HostTensor> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, TypedTensor> typed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> typed.put(name, TypedTensor.of(tensor)));
        writeTyped(target, typed, metadata);
    }

    /**
     * Writes tensors of any types to a file that appears whole or not at all.
     *
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public static void writeTyped(Path target, Map<String, TypedTensor> tensors, Map<String, String> metadata)
            throws IOException {
        AtomicFile.write(target, out -> writeTyped(out, tensors, metadata));
    }

    /**
     * Writes the bytes of a file to a stream, which stays open: tensors of larger elements first, then in the order of their
     * names, or the map's, if it has a comparator.
     */
    public static void writeTyped(OutputStream out, Map<String, TypedTensor> tensors, Map<String, String> metadata)
            throws IOException {
        out.write(head(tensors, metadata).bytes());
        for (Map.Entry<String, TypedTensor> entry : inOrder(tensors)) {
            Counting counting = new Counting(out);
            entry.getValue().content().write(counting);
            if (counting.bytes != entry.getValue().bytes()) {
                throw new IllegalArgumentException("tensor " + entry.getKey() + " wrote " + counting.bytes
                        + " bytes, its shape and type take " + entry.getValue().bytes());
            }
        }
    }

    /**
     * A file up to its first tensor.
     *
     * @param bytes length and header
     * @param positions where in the file each tensor begins, by name
     * @param length of the whole file
     */
    public record Head(byte[] bytes, Map<String, Long> positions, long length) {}

    /** Returns the bytes that {@link #writeTyped} writes before any tensor's content, which is not asked for. */
    public static Head head(Map<String, TypedTensor> tensors, Map<String, String> metadata) throws IOException {
        List<Map.Entry<String, TypedTensor>> inOrder = inOrder(tensors);
        byte[] header = header(inOrder, metadata);
        int padded = header.length + (-header.length & (ALIGNMENT - 1));
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(header);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        Map<String, Long> positions = new LinkedHashMap<>();
        long position = bytes.capacity();
        for (Map.Entry<String, TypedTensor> entry : inOrder) {
            positions.put(entry.getKey(), position);
            position += entry.getValue().bytes();
        }
        return new Head(bytes.array(), positions, position);
    }

    private static List<Map.Entry<String, TypedTensor>> inOrder(Map<String, TypedTensor> tensors) {
        List<Map.Entry<String, TypedTensor>> inOrder = new ArrayList<>(tensors.entrySet());
        Comparator<? super String> own =
                tensors instanceof SortedMap<String, TypedTensor> sorted ? sorted.comparator() : null;
        Comparator<? super String> names = own == null ? Comparator.naturalOrder() : own;
        inOrder.sort(Comparator.comparingInt((Map.Entry<String, TypedTensor> entry) ->
                        -entry.getValue().type().bytes())
                .thenComparing(Map.Entry::getKey, names));
        return inOrder;
    }

    private static byte[] header(List<Map.Entry<String, TypedTensor>> tensors, Map<String, String> metadata)
            throws IOException {
        return JsonWriter.bytes(json -> {
            if (!metadata.isEmpty()) {
                json.beginObject(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.field(entry.getKey(), entry.getValue());
                }
                json.endObject();
            }
            long begin = 0;
            for (Map.Entry<String, TypedTensor> entry : tensors) {
                TypedTensor tensor = entry.getValue();
                requireReadable(entry.getKey(), tensor);
                json.beginObject(entry.getKey());
                json.field("dtype", tensor.type().name());
                json.field("shape", tensor.shape().dims());
                json.field("data_offsets", new long[] {begin, begin + tensor.bytes()});
                begin += tensor.bytes();
                json.endObject();
            }
        });
    }

    /** Refuses what {@link Safetensors} would refuse to read. */
    private static void requireReadable(String name, TypedTensor tensor) {
        if (name.equals(SafetensorsHeader.METADATA) || name.length() > SafetensorsHeader.MAX_NAME) {
            throw new IllegalArgumentException("a tensor can't be called " + Printable.quoted(name));
        }
        if (tensor.shape().rank() > SafetensorsHeader.MAX_RANK) {
            throw new IllegalArgumentException("tensor " + name + ": " + tensor.shape() + " has more than "
                    + SafetensorsHeader.MAX_RANK + " dimensions");
        }
    }

    private static final class Counting extends FilterOutputStream {
        long bytes;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            bytes++;
        }

        @Override
        public void write(byte[] values, int offset, int length) throws IOException {
            out.write(values, offset, length);
            bytes += length;
        }
    }
}
