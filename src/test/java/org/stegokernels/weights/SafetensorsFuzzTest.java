package org.stegokernels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.Mutations;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Damaged files: whatever happens to the bytes, nothing but a {@link ModelException} comes out. A million rounds: {@code
 * mvn -Dtest=SafetensorsFuzzTest -Dstego.fuzz.rounds=1000000 test}.
 */
class SafetensorsFuzzTest {
    private static final List<byte[]> TOKENS = tokens(
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
            "\n");
    private static final List<String> WORDS = List.of(
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
            " ");

    static List<byte[]> tokens(String... words) {
        return Stream.of(words).map(String::getBytes).toList();
    }

    @Test
    void onlyModelExceptionsComeOut() throws IOException {
        byte[] good = good();
        FuzzRun run = new FuzzRun("damaged safetensors");
        for (int seed = 0; seed < FuzzRun.rounds(3000); seed++) {
            run.round(seed, new Mutations(seed, TOKENS).damage(good, 0, good.length), SafetensorsFuzzTest::readAll);
        }
        run.finish();
    }

    @Test
    void anyHeaderIsJudged() {
        FuzzRun run = new FuzzRun("safetensors headers of random words");
        for (int seed = 0; seed < FuzzRun.rounds(1000); seed++) {
            Random random = new Random(seed);
            StringBuilder header = new StringBuilder("{");
            random.ints(random.nextInt(13), 0, WORDS.size())
                    .mapToObj(WORDS::get)
                    .forEach(header::append);
            run.round(seed, HostileSafetensorsTest.file(header + "}", 8), SafetensorsFuzzTest::readAll);
        }
        run.finish();
    }

    private static void readAll(byte[] bytes) {
        try (Safetensors file = Safetensors.of("fuzzed", ByteBuffer.wrap(bytes))) {
            for (String tensor : file.names()) {
                switch (file.entry(tensor).type()) {
                    case F16, BF16, F32, F64 -> file.doubles(tensor);
                    default -> file.ints(tensor);
                }
            }
        }
    }

    private static byte[] good() throws IOException {
        Map<String, TypedTensor> tensors = Map.of(
                "a", TypedTensor.of(HostTensor.of(new float[] {1, 2, 3}, 3)),
                "half", SafetensorsTest.data(DType.F16, 2, halves -> halves.putShort((short) 0x3c00)),
                "wide", SafetensorsTest.data(DType.I64, 1, longs -> longs.putLong(5)),
                "labels", TypedTensor.of(Shape.of(2, 2), new byte[4]));
        return SafetensorsTest.write(tensors, Map.of("note", "whole"));
    }
}
