package org.stegokernels.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/**
 * A safetensors file (format 1: 8 bytes of header length, a JSON header, the data), open for reading. The header is
 * read and checked when it is opened; data are memory-mapped tensor by tensor as they are asked for, so the file may be
 * larger than the heap. Nothing in it is believed: offsets, sizes and names are checked, memory and time are bounded by
 * a header of at most 100 MB, and whatever is wrong is a {@link ModelException}. Values are always little endian.
 *
 * <p>Reading one file from several threads is safe.
 */
public final class Safetensors implements TensorSource {
    /** The most tensors that a file may have. */
    public static final int MAX_TENSORS = SafetensorsHeader.MAX_TENSORS;

    private static final int LENGTH_BYTES = 8;
    /** Bytes that are mapped at once; a multiple of every element's size. */
    private static final int WINDOW = 1 << 26;

    private static final int CHUNK = 1 << 16;
    /** So many fit the first cache with what they are widened to. */
    private static final int HALVES = 1 << 12;

    private final ByteSource source;
    private final long dataBegin;
    private final SafetensorsHeader header;
    private final Map<String, String> metadata;

    private Safetensors(ByteSource source) {
        this.source = source;
        long size = source.size();
        if (size < LENGTH_BYTES) {
            throw damaged(null, "the file has " + size + " bytes, fewer than the shortest header");
        }
        // Not by source.reading: to link a lambda for it takes a new process milliseconds.
        try {
            long length = window(0, LENGTH_BYTES).getLong();
            if (length < 0 || length > SafetensorsHeader.MAX_BYTES) {
                throw damaged(
                        null,
                        "the header claims " + Long.toUnsignedString(length) + " bytes, more than the limit of "
                                + SafetensorsHeader.MAX_BYTES);
            }
            if (length > size - LENGTH_BYTES) {
                throw damaged(null, "the header claims " + length + " bytes, but the file ends after " + size);
            }
            dataBegin = LENGTH_BYTES + length;
            header = SafetensorsHeader.parse(name(), window(LENGTH_BYTES, (int) length), size - dataBegin);
            metadata = header.metadata();
        } catch (IOException | InternalError e) {
            throw ByteSource.unreadable(name(), null, e);
        }
    }

    private Safetensors(Safetensors file, Map<String, String> more) {
        source = file.source;
        dataBegin = file.dataBegin;
        header = file.header;
        metadata = new HashMap<>(file.metadata);
        metadata.putAll(more);
    }

    /**
     * Opens a file.
     *
     * @throws ModelException if it does not exist, can't be read, or breaks a rule of the format
     */
    public static Safetensors open(Path path) {
        return of(ByteSource.open(path));
    }

    /**
     * Reads from memory, as for a resource in the jar.
     *
     * @param name what messages call it
     * @param bytes the whole file, between position and limit; not copied
     * @throws ModelException if it breaks a rule of the format
     */
    public static Safetensors of(String name, ByteBuffer bytes) {
        return of(ByteSource.memory(name, bytes));
    }

    /**
     * Reads from an open source, which belongs to the result from then on, also if this fails.
     *
     * @throws ModelException if it breaks a rule of the format
     */
    public static Safetensors of(ByteSource source) {
        try {
            return new Safetensors(source);
        } catch (ModelException e) {
            source.closeAfter(e);
            throw e;
        }
    }

    @Override
    public String name() {
        return source.name();
    }

    /** Returns the file's {@code __metadata__}; empty if it has none. */
    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Returns this file as if it said more about itself; both are closed by closing either. */
    public Safetensors withMetadata(Map<String, String> more) {
        return new Safetensors(this, more);
    }

    /** Returns the names of all tensors, in the order of the header. */
    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Entry entry(String tensor) {
        return located(tensor).entry();
    }

    /**
     * Returns a floating-point tensor as floats: F32, F16 and BF16 exactly, F64 rounded.
     *
     * @throws ModelException if there is no such tensor, it is of another type, or it can't be read
     */
    public float[] floats(String tensor) {
        Entry entry = entry(tensor);
        float[] values = array(entry, float[]::new);
        read(entry, values);
        return values;
    }

    /**
     * Returns {@link #floats}, all of them finite numbers.
     *
     * @throws ModelException if there is no such tensor, it is of another type or not finite, or it can't be read
     */
    public float[] finiteFloats(String tensor) {
        return finiteFloats(tensor, new float[0]);
    }

    /**
     * Reads the same to the start of a given array if that is long enough, else in a new one; all of them are finite
     * numbers.
     *
     * @throws ModelException if there is no such tensor, it is of another type or not finite, or it can't be read
     */
    float[] finiteFloats(String tensor, float[] room) {
        Entry entry = entry(tensor);
        float[] values = room.length < entry.shape().size() ? array(entry, float[]::new) : room;
        if (!read(entry, values)) {
            requireFinite(entry, values);
        }
        return values;
    }

    private void requireFinite(Entry entry, float[] values) {
        int size = entry.shape().size();
        for (int begin = 0, end; begin < size; begin = end) {
            end = begin + Math.min(HalfFloat.BLOCK, size - begin);
            int finite = finite(values, begin, end);
            if (finite < end) {
                throw new ModelException(
                        name(),
                        entry.name(),
                        "it has the value " + values[finite],
                        "The training that made it diverged, or its conversion overflowed: use another file.");
            }
        }
    }

    /** Returns the index of the first value that is not finite; {@code end} if all are. */
    private static int finite(float[] values, int begin, int end) {
        int at = begin;
        // As Float.isFinite, which takes ten times as long until it is compiled.
        while (at < end && values[at] - values[at] == 0) {
            at++;
        }
        return at;
    }

    /** @return whether all values are known to be finite: of halves that is seen by the way */
    private boolean read(Entry entry, float[] values) {
        String tensor = entry.name();
        switch (entry.type()) {
            case F32 -> scan(tensor, (bytes, at, count) -> bytes.asFloatBuffer().get(values, at, count));
            case F16 -> {
                Halves halves = new Halves(values);
                scan(tensor, halves);
                return halves.finite;
            }
            case BF16 ->
                scan(tensor, (bytes, at, count) -> {
                    ShortBuffer halves = bytes.asShortBuffer();
                    for (int i = 0; i < count; i++) {
                        values[at + i] = HalfFloat.fromBf16(halves.get(i));
                    }
                });
            case F64 ->
                scan(tensor, (bytes, at, count) -> {
                    DoubleBuffer doubles = bytes.asDoubleBuffer();
                    for (int i = 0; i < count; i++) {
                        values[at + i] = (float) doubles.get(i);
                    }
                });
            default -> throw wrongType(entry, "floating point");
        }
        return false;
    }

    /** Returns {@link #floats} with its shape. */
    public HostTensor tensor(String tensor) {
        return new HostTensor(entry(tensor).shape(), floats(tensor));
    }

    /**
     * Returns a floating-point tensor as doubles, exactly.
     *
     * @throws ModelException if there is no such tensor, it is of another type, or it can't be read
     */
    public double[] doubles(String tensor) {
        Entry entry = entry(tensor);
        double[] values = array(entry, double[]::new);
        if (entry.type() == DType.F64) {
            scan(tensor, (bytes, at, count) -> bytes.asDoubleBuffer().get(values, at, count));
        } else {
            float[] floats = floats(tensor);
            for (int i = 0; i < values.length; i++) {
                values[i] = floats[i];
            }
        }
        return values;
    }

    /**
     * Returns an integer or boolean tensor as ints.
     *
     * @throws ModelException if there is no such tensor, it is of another type, a value does not fit, or it can't be
     *     read
     */
    public int[] ints(String tensor) {
        Entry entry = entry(tensor);
        int[] values = array(entry, int[]::new);
        switch (entry.type()) {
            case I32 -> scan(tensor, (bytes, at, count) -> bytes.asIntBuffer().get(values, at, count));
            case BOOL, U8 ->
                scan(tensor, (bytes, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[at + i] = Byte.toUnsignedInt(bytes.get(i));
                    }
                });
            case I8 ->
                scan(tensor, (bytes, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[at + i] = bytes.get(i);
                    }
                });
            case U16 ->
                scan(tensor, (bytes, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[at + i] = bytes.getChar(i * Short.BYTES);
                    }
                });
            case I16 ->
                scan(tensor, (bytes, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[at + i] = bytes.getShort(i * Short.BYTES);
                    }
                });
            case U32 ->
                scan(tensor, (bytes, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[at + i] = fitting(entry, Integer.toUnsignedLong(bytes.getInt(i * Integer.BYTES)));
                    }
                });
            case I64, U64 ->
                scan(tensor, (bytes, at, count) -> {
                    LongBuffer longs = bytes.asLongBuffer();
                    for (int i = 0; i < count; i++) {
                        values[at + i] = fitting(entry, longs.get(i));
                    }
                });
            default -> throw wrongType(entry, "integer");
        }
        return values;
    }

    /**
     * Returns a {@link DType#U8} tensor.
     *
     * @throws ModelException if there is no such tensor, it is of another type, or it can't be read
     */
    public byte[] bytes(String tensor) {
        Entry entry = entry(tensor);
        if (entry.type() != DType.U8) {
            throw wrongType(entry, "U8");
        }
        byte[] values = array(entry, byte[]::new);
        scan(tensor, (bytes, at, count) -> bytes.get(values, at, count));
        return values;
    }

    @Override
    public TypedTensor typed(String tensor) {
        Entry entry = entry(tensor);
        return new TypedTensor(entry.type(), entry.shape(), out -> copy(tensor, out));
    }

    private void copy(String tensor, OutputStream out) throws IOException {
        SafetensorsHeader.Located located = located(tensor);
        byte[] chunk = new byte[(int) Math.min(CHUNK, located.end() - located.begin())];
        for (long at = located.begin(); at < located.end(); at += WINDOW) {
            long begin = at;
            int length = (int) Math.min(WINDOW, located.end() - at);
            ByteBuffer bytes = source.reading(tensor, () -> window(dataBegin + begin, length));
            while (bytes.hasRemaining()) {
                int count = Math.min(chunk.length, bytes.remaining());
                source.reading(tensor, () -> bytes.get(chunk, 0, count));
                out.write(chunk, 0, count);
            }
        }
    }

    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw ByteSource.unreadable(name(), null, e);
        }
    }

    private SafetensorsHeader.Located located(String tensor) {
        SafetensorsHeader.Located located = header.tensors().get(tensor);
        if (located == null) {
            throw missing(tensor);
        }
        return located;
    }

    /**
     * Takes part of a tensor: {@code count} elements at the start of {@code bytes}, the first being number {@code at}.
     */
    private interface Part {
        void take(ByteBuffer bytes, int at, int count);
    }

    /** Widens halves, and sees by the way whether all of them are finite. */
    private static final class Halves implements Part {
        private final float[] values;
        private boolean finite = true;

        Halves(float[] values) {
            this.values = values;
        }

        @Override
        public void take(ByteBuffer bytes, int at, int count) {
            ShortBuffer halves = bytes.asShortBuffer();
            short[] chunk = new short[Math.min(HALVES, count)];
            for (int i = 0; i < count; i += chunk.length) {
                int some = Math.min(chunk.length, count - i);
                halves.get(chunk, 0, some);
                finite &= HalfFloat.widen(chunk, 0, values, at + i, some);
            }
        }
    }

    private void scan(String tensor, Part part) {
        SafetensorsHeader.Located located = located(tensor);
        int elementBytes = located.entry().type().bytes();
        for (long at = located.begin(); at < located.end(); at += WINDOW) {
            int length = (int) Math.min(WINDOW, located.end() - at);
            int first = (int) ((at - located.begin()) / elementBytes);
            try {
                part.take(window(dataBegin + at, length), first, length / elementBytes);
            } catch (IOException | InternalError e) {
                throw ByteSource.unreadable(name(), tensor, e);
            }
        }
    }

    private ByteBuffer window(long offset, int length) throws IOException {
        return source.window(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private <T> T array(Entry entry, IntFunction<T> allocate) {
        try {
            return allocate.apply(entry.shape().size());
        } catch (OutOfMemoryError e) {
            throw new ModelException(
                    name(),
                    entry.name(),
                    entry.type() + entry.shape().toString() + " does not fit in the Java heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
                    "Give it more with -Xmx.",
                    e);
        }
    }

    private int fitting(Entry entry, long value) {
        boolean fits = entry.type() == DType.U64 ? value >= 0 && value <= Integer.MAX_VALUE : value == (int) value;
        if (!fits) {
            String shown = entry.type() == DType.U64 ? Long.toUnsignedString(value) : Long.toString(value);
            throw new ModelException(
                    name(), entry.name(), "its value " + shown + " does not fit in 32 bits", "Convert it to I32.");
        }
        return (int) value;
    }

    private ModelException wrongType(Entry entry, String wanted) {
        return new ModelException(
                name(), entry.name(), "it is " + entry.type() + ", wanted " + wanted, "Convert it again.");
    }

    private ModelException damaged(String tensor, String reason) {
        return SafetensorsHeader.damaged(name(), tensor, reason, null);
    }
}
