package org.stegokernels.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;

/** Damaged files: whatever happens to the bytes, nothing but a {@link ModelException} comes out. */
class SafetensorsFuzzTest {
    private static final byte[] GOOD = good();

    /** Replaces the bytes from {@code at} on, {@code length} of them, by others. */
    record Damage(int at, int length, byte[] by) {
        byte[] inflict(byte[] bytes) {
            int from = Math.min(at, bytes.length);
            int to = Math.min(from + length, bytes.length);
            byte[] out = Arrays.copyOf(bytes, bytes.length - (to - from) + by.length);
            System.arraycopy(by, 0, out, from, by.length);
            System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
            return out;
        }
    }

    @Property(tries = 3000, seed = "1", shrinking = ShrinkingMode.BOUNDED)
    void onlyModelExceptionsComeOut(@ForAll("damages") List<Damage> damages) {
        byte[] bytes = GOOD;
        for (Damage damage : damages) {
            bytes = damage.inflict(bytes);
        }
        readAll(bytes);
    }

    @Property(tries = 1000, seed = "2", shrinking = ShrinkingMode.BOUNDED)
    void anyHeaderIsJudged(@ForAll("headers") String header) {
        readAll(HostileSafetensorsTest.file(header, 8));
    }

    @Provide
    Arbitrary<List<Damage>> damages() {
        Arbitrary<byte[]> tokens = Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"",
                        "0",
                        "-1",
                        "9999999999",
                        "1e9",
                        "null",
                        "\\u0000",
                        "F16",
                        "I64",
                        "U8",
                        "shape",
                        "\"a\":",
                        " ",
                        "\n")
                .map(String::getBytes);
        Arbitrary<byte[]> noise =
                Arbitraries.bytes().array(byte[].class).ofMinSize(0).ofMaxSize(9);
        return Combinators.combine(
                        Arbitraries.integers().between(0, GOOD.length),
                        Arbitraries.frequencyOf(
                                Tuple.of(9, Arbitraries.integers().between(0, 4)),
                                Tuple.of(1, Arbitraries.integers().between(0, GOOD.length))),
                        Arbitraries.oneOf(tokens, noise))
                .as(Damage::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<String> headers() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "'a'",
                        "'b'",
                        "'dtype'",
                        "'F32'",
                        "'U8'",
                        "'shape'",
                        "'data_offsets'",
                        "0",
                        "2",
                        "8",
                        "'__metadata__'",
                        "'a':{'dtype':'F32','shape':[2],",
                        "'data_offsets':[0,8]}",
                        " ")
                .list()
                .ofMaxSize(12)
                .map(tokens -> "{" + String.join("", tokens) + "}");
    }

    private static void readAll(byte[] bytes) {
        try (Safetensors file = Safetensors.of("fuzzed", ByteBuffer.wrap(bytes))) {
            for (String tensor : file.names()) {
                switch (file.entry(tensor).type()) {
                    case F16, BF16, F32, F64 -> file.doubles(tensor);
                    default -> file.ints(tensor);
                }
            }
        } catch (ModelException expected) {
            // The one way in which a damaged file may fail.
        }
    }

    private static byte[] good() {
        Map<String, TypedTensor> tensors = Map.of(
                "a", TypedTensor.of(HostTensor.of(new float[] {1, 2, 3}, 3)),
                "half", SafetensorsTest.data(DType.F16, 2, halves -> halves.putShort((short) 0x3c00)),
                "wide", SafetensorsTest.data(DType.I64, 1, longs -> longs.putLong(5)),
                "labels", TypedTensor.of(Shape.of(2, 2), new byte[4]));
        try {
            return SafetensorsTest.write(tensors, Map.of("note", "whole"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
