package org.stegokernels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.weights.TypedTensor.DType;

class SafetensorsTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = folder.resolve("model.safetensors");
        float[] values = {1, -2.5f, Float.MIN_VALUE, Float.MAX_VALUE, -0f, Float.NEGATIVE_INFINITY};
        Map<String, HostTensor> tensors = Map.of(
                "a", HostTensor.of(values, 2, 3),
                "scalar", HostTensor.of(new float[] {7}),
                "empty", HostTensor.of(new float[0], 3, 0));
        SafetensorsWriter.write(path, tensors, Map.of("licence", "Apache-2.0", "note", "straße \"q\" 雪\n"));

        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.name()).isEqualTo(path.toString());
            assertThat(file.names()).containsExactlyInAnyOrder("a", "scalar", "empty");
            assertThat(file.metadata()).isEqualTo(Map.of("licence", "Apache-2.0", "note", "straße \"q\" 雪\n"));
            assertThat(file.entry("a")).isEqualTo(new Safetensors.Entry("a", DType.F32, Shape.of(2, 3)));
            assertThat(file.floats("a")).containsExactly(values);
            assertThat(file.tensor("scalar").shape()).isEqualTo(Shape.of());
            assertThat(file.floats("scalar")).containsExactly(7);
            assertThat(file.floats("empty")).isEmpty();
            assertThat(file.has("b")).isFalse();
        }
    }

    @Test
    void theSameContentGivesTheSameAlignedBytes() throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("z", TypedTensor.of(Shape.of(3), new byte[] {1, 2, 3}));
        tensors.put("b", TypedTensor.of(Shape.of(1), new int[] {4}));
        tensors.put("d", data(DType.F64, 1, bytes -> bytes.putDouble(1)));
        tensors.put("a", TypedTensor.of(HostTensor.of(new float[] {5}, 1)));
        Map<String, TypedTensor> reversed = new LinkedHashMap<>();
        tensors.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> reversed.put(entry.getKey(), entry.getValue()));
        byte[] bytes = write(tensors, Map.of("x", "1", "y", "2"));

        assertThat(write(reversed, Map.of("y", "2", "x", "1"))).isEqualTo(bytes);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(header % 8).isZero();
        assertThat(new String(bytes, 8, (int) header, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo("{\"__metadata__\":{\"x\":\"1\",\"y\":\"2\"},"
                        + "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                        + "\"b\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[12,16]},"
                        + "\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[16,19]}}");
    }

    @Test
    void everyTypeIsReadAsItsValues() throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("bool", data(DType.BOOL, 2, bytes -> bytes.put((byte) 0).put((byte) 1)));
        tensors.put("u8", data(DType.U8, 2, bytes -> bytes.put((byte) 3).put((byte) 255)));
        tensors.put("i8", data(DType.I8, 2, bytes -> bytes.put((byte) 3).put((byte) -128)));
        tensors.put(
                "u16", data(DType.U16, 2, bytes -> bytes.putShort((short) 258).putShort((short) -1)));
        tensors.put(
                "i16", data(DType.I16, 2, bytes -> bytes.putShort((short) 258).putShort((short) -1)));
        tensors.put("u32", data(DType.U32, 2, bytes -> bytes.putInt(66051).putInt(Integer.MAX_VALUE)));
        tensors.put("i32", data(DType.I32, 2, bytes -> bytes.putInt(66051).putInt(-5)));
        tensors.put("u64", data(DType.U64, 2, bytes -> bytes.putLong(66051).putLong(Integer.MAX_VALUE)));
        tensors.put("i64", data(DType.I64, 2, bytes -> bytes.putLong(66051).putLong(Integer.MIN_VALUE)));
        tensors.put(
                "f16",
                data(DType.F16, 2, bytes -> bytes.putShort((short) 0x3e00).putShort((short) 0xc500)));
        tensors.put(
                "bf16",
                data(DType.BF16, 2, bytes -> bytes.putShort((short) 0x3fc0).putShort((short) 0xc0a0)));
        tensors.put("f32", data(DType.F32, 2, bytes -> bytes.putFloat(1.5f).putFloat(-5)));
        tensors.put("f64", data(DType.F64, 2, bytes -> bytes.putDouble(1.5).putDouble(-5)));
        try (Safetensors file = Safetensors.of("memory", ByteBuffer.wrap(write(tensors, Map.of())))) {
            assertThat(file.ints("bool")).containsExactly(0, 1);
            assertThat(file.ints("u8")).containsExactly(3, 255);
            assertThat(file.ints("i8")).containsExactly(3, -128);
            assertThat(file.ints("u16")).containsExactly(258, 65535);
            assertThat(file.ints("i16")).containsExactly(258, -1);
            assertThat(file.ints("u32")).containsExactly(66051, Integer.MAX_VALUE);
            assertThat(file.ints("i32")).containsExactly(66051, -5);
            assertThat(file.ints("u64")).containsExactly(66051, Integer.MAX_VALUE);
            assertThat(file.ints("i64")).containsExactly(66051, Integer.MIN_VALUE);
            assertThat(file.bytes("u8")).containsExactly(3, 255);
            for (String name : new String[] {"f16", "bf16", "f32", "f64"}) {
                assertThat(file.floats(name)).as(name).containsExactly(1.5f, -5f);
                assertThat(file.finiteFloats(name, new float[1])).as(name).containsExactly(1.5f, -5f);
                float[] room = {8, 8, 8};
                assertThat(file.finiteFloats(name, room))
                        .as(name)
                        .isSameAs(room)
                        .containsExactly(1.5f, -5f, 8);
                assertThat(file.doubles(name)).as(name).containsExactly(1.5, -5);
            }
        }
    }

    @Test
    void valuesThatAreNotFiniteAreRefusedWhereTheyMustBe() throws IOException {
        Map<String, TypedTensor> tensors = Map.of(
                "f16",
                        data(
                                DType.F16,
                                2,
                                bytes -> bytes.putShort((short) 0x3c00).putShort((short) 0xfc00)),
                "bf16",
                        data(
                                DType.BF16,
                                2,
                                bytes -> bytes.putShort((short) 0x3f80).putShort((short) 0xff80)),
                "f32", data(DType.F32, 2, bytes -> bytes.putFloat(1).putFloat(Float.NEGATIVE_INFINITY)),
                "f64", data(DType.F64, 2, bytes -> bytes.putDouble(1).putDouble(-1e300)));
        try (Safetensors file = Safetensors.of("memory", ByteBuffer.wrap(write(tensors, Map.of())))) {
            for (String name : file.names()) {
                assertThat(file.floats(name)).as(name).containsExactly(1, Float.NEGATIVE_INFINITY);
                assertThatExceptionOfType(ModelException.class)
                        .isThrownBy(() -> file.finiteFloats(name, new float[2]))
                        .withMessageContaining("memory: tensor \"" + name + "\": it has the value -Infinity");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 32, 68, 69})
    void aValueThatIsNotFiniteIsFoundWhereverItStands(int at) throws IOException {
        TypedTensor tensor = data(DType.F32, 70, bytes -> {
            for (int i = 0; i < 70; i++) {
                bytes.putFloat(i == at ? Float.NaN : i);
            }
        });
        try (Safetensors file = Safetensors.of("memory", ByteBuffer.wrap(write(Map.of("x", tensor), Map.of())))) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.finiteFloats("x", new float[0]))
                    .withMessageContaining("it has the value NaN");
        }
    }

    @Test
    void doublesKeepTheirPrecision() throws IOException {
        TypedTensor tensor = data(DType.F64, 1, bytes -> bytes.putDouble(Math.PI));
        try (Safetensors file = Safetensors.of("memory", ByteBuffer.wrap(write(Map.of("pi", tensor), Map.of())))) {
            assertThat(file.doubles("pi")).containsExactly(Math.PI);
            assertThat(file.floats("pi")).containsExactly((float) Math.PI);
        }
    }

    @Test
    void aTensorIsCopiedFromFileToFileInItsOwnType() throws IOException {
        Map<String, TypedTensor> tensors = Map.of(
                "half",
                        data(
                                DType.F16,
                                3,
                                bytes -> bytes.putShort((short) 0x7e01).putShort((short) 1)),
                "wide", data(DType.I64, 2, bytes -> bytes.putLong(Long.MIN_VALUE)));
        byte[] bytes = write(tensors, Map.of());
        try (Safetensors file = Safetensors.of("memory", ByteBuffer.wrap(bytes))) {
            assertThat(write(Map.of("half", file.typed("half"), "wide", file.typed("wide")), Map.of()))
                    .isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ops", "metrics", "pipeline", "dense_crf"})
    void filesOfTheOfficialLibraryAreRead(String name) {
        try (Safetensors file = ReferenceVectors.open(name)) {
            assertThat(file.names()).isNotEmpty();
            for (String tensor : file.names()) {
                int length = switch (file.entry(tensor).type()) {
                    case F32, F16 -> file.floats(tensor).length;
                    case F64 -> file.doubles(tensor).length;
                    default -> file.ints(tensor).length;
                };
                assertThat(length).isEqualTo(file.entry(tensor).shape().size());
            }
        }
    }

    @Test
    void dataBehindTwoGigabytesAreReached() throws IOException {
        long far = 3L << 30;
        String header = "{\"a\":{\"dtype\":\"F64\",\"shape\":[" + far / 8 + "],\"data_offsets\":[0," + far + "]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + far + "," + (far + 8) + "]}}";
        Path path = folder.resolve("sparse.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(HostileSafetensorsTest.file(header, 0));
            file.seek(file.length() + far);
            file.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(1.25f)
                    .putFloat(-3)
                    .array());
        }
        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.floats("b")).containsExactly(1.25f, -3);
        }
    }

    @Test
    void aTensorLongerThanOneWindowIsReadWhole() throws IOException {
        int count = (1 << 26) + 11;
        byte[] values = new byte[count];
        values[(1 << 26) - 1] = 1;
        values[1 << 26] = 2;
        values[count - 1] = 3;
        Path path = folder.resolve("long.safetensors");
        SafetensorsWriter.writeTyped(path, Map.of("bytes", TypedTensor.of(Shape.of(count), values)), Map.of());
        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.bytes("bytes")).isEqualTo(values);
        }
    }

    @Test
    void aFileThatShrinksAfterOpeningIsNamed() throws IOException {
        Path path = folder.resolve("shrinking.safetensors");
        SafetensorsWriter.write(path, Map.of("w", HostTensor.of(new float[100_000], 100_000)), Map.of());
        try (Safetensors file = Safetensors.open(path)) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(1000);
            }
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.floats("w"))
                    .withMessageContainingAll(path.toString(), "\"w\"", "shorter since it was opened");
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws IOException {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.open(folder.resolve("none.safetensors")))
                .withMessageContainingAll("none.safetensors", "no such file", "Check the path");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.open(folder))
                .withMessageContaining("it is no regular file but a folder");
        Path empty = Files.createFile(folder.resolve("empty.safetensors"));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.open(empty))
                .withMessageContainingAll("empty.safetensors", "0 bytes");
    }

    @Test
    void asksForWhatIsNotThereOrOfAnotherTypeAreNamed() throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("f", TypedTensor.of(HostTensor.of(new float[1], 1)));
        tensors.put("i", data(DType.I64, 1, bytes -> bytes.putLong(1L << 40)));
        tensors.put("u", data(DType.U64, 1, bytes -> bytes.putLong(-1)));
        tensors.put("u32", data(DType.U32, 1, bytes -> bytes.putInt(-1)));
        try (Safetensors file = Safetensors.of("model", ByteBuffer.wrap(write(tensors, Map.of())))) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.entry("g"))
                    .withMessageContainingAll("model", "\"g\"", "no such tensor")
                    .satisfies(e -> assertThat(e.tensor()).isEqualTo("g"))
                    .satisfies(e -> assertThat(e.file()).isEqualTo("model"));
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.ints("f"))
                    .withMessageContainingAll("model", "\"f\"", "it is F32, wanted integer");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.floats("i"))
                    .withMessageContainingAll("\"i\"", "it is I64, wanted floating point");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.bytes("i"))
                    .withMessageContainingAll("\"i\"", "it is I64, wanted U8");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.ints("i"))
                    .withMessageContainingAll("\"i\"", "1099511627776 does not fit in 32 bits");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.ints("u"))
                    .withMessageContainingAll("\"u\"", "18446744073709551615 does not fit in 32 bits");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> file.ints("u32"))
                    .withMessageContainingAll("\"u32\"", "4294967295 does not fit in 32 bits");
        }
    }

    @Test
    void theWriterRefusesWhatTheReaderWould() {
        TypedTensor one = TypedTensor.of(Shape.of(1), new int[1]);
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("__metadata__", one), Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("n".repeat(1001), one), Map.of()));
        TypedTensor deep = TypedTensor.of(Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1), new int[1]);
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("deep", deep), Map.of()));
        TypedTensor shortened = new TypedTensor(DType.F32, Shape.of(2), out -> out.write(new byte[4]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(Map.of("short", shortened), Map.of()))
                .withMessageContaining("wrote 4 bytes");
    }

    /** A tensor whose elements are put one by one; what is not put is zero. */
    static TypedTensor data(DType type, int count, Consumer<ByteBuffer> values) {
        ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        values.accept(bytes);
        return new TypedTensor(type, Shape.of(count), out -> out.write(bytes.array()));
    }

    static byte[] write(Map<String, TypedTensor> tensors, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.writeTyped(out, tensors, metadata);
        return out.toByteArray();
    }
}
