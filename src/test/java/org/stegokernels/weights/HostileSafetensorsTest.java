package org.stegokernels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that break one rule each, and the message that each gets. */
class HostileSafetensorsTest {
    private static final String A = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

    @Test
    void theFileThatTheOthersAreMadeFromIsGood() {
        assertThat(Safetensors.of("good", ByteBuffer.wrap(file("{" + A + "}   ", 8)))
                        .names())
                .containsExactly("a");
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                arguments("", 0, "does not begin with {"),
                arguments(" {" + A + "}", 8, "does not begin with {"),
                arguments("\ufeff{" + A + "}", 8, "does not begin with {"),
                arguments("[]", 0, "does not begin with {"),
                arguments("{" + A + "}\n", 8, "does not end with } and spaces"),
                arguments("{" + A + "}\0", 8, "does not end with } and spaces"),
                arguments("{" + A + "} {}", 8, "goes on after its closing brace"),
                arguments("{" + A, 8, "not valid JSON"),
                arguments("{" + A + ",}", 8, "not valid JSON"),
                arguments("{/* c */" + A + "}", 8, "not valid JSON"),
                arguments("{a:1}", 8, "not valid JSON"),
                arguments("{" + A + "," + A + "}", 8, "tensor \"a\": the header has \"a\" twice"),
                arguments("{" + A + ",'\\u0061':{}}", 8, "has \"a\" twice"),
                arguments("{'a':{'dtype':'F32','dtype':'F32'}}", 8, "has \"dtype\" twice"),
                arguments("{'__metadata__':{},'__metadata__':{}}", 0, "has \"__metadata__\" twice"),
                arguments("{'__metadata__':{'k':'1','k':'2'}}", 0, "has \"k\" twice"),
                arguments("{'__metadata__':[]}", 0, "__metadata__ is not an object"),
                arguments("{'__metadata__':{'k':1}}", 0, "\"k\" in __metadata__ is not a string"),
                arguments("{'__metadata__':{'k':{}}}", 0, "\"k\" in __metadata__ is not a string"),
                arguments("{'a':[]}", 0, "tensor \"a\": its description is not an object"),
                arguments("{'a':null}", 0, "tensor \"a\": its description is not an object"),
                arguments(tensor("'dtype':'F32','shape':[2]"), 8, "tensor \"a\": it lacks data_offsets"),
                arguments(tensor("'dtype':'F32','data_offsets':[0,8]"), 8, "tensor \"a\": it lacks shape"),
                arguments(tensor("'shape':[2],'data_offsets':[0,8]"), 8, "tensor \"a\": it lacks dtype"),
                arguments(tensor("'x':1"), 8, "tensor \"a\": unknown field \"x\""),
                arguments(tensor("F33", "2", "0,8"), 8, "tensor \"a\": unknown dtype \"F33\""),
                arguments(tensor("f32", "2", "0,8"), 8, "tensor \"a\": unknown dtype \"f32\""),
                arguments(tensor("'dtype':7"), 8, "its dtype is not a string"),
                arguments(tensor("'dtype':'F32','shape':2"), 8, "its shape is not a list"),
                arguments(tensor("F32", "-2", "0,8"), 8, "its shape has a value that is not a whole number"),
                arguments(tensor("F32", "2.0", "0,8"), 8, "its shape has a value that is not a whole number"),
                arguments(tensor("F32", "'2'", "0,8"), 8, "its shape has a value that is not a whole number"),
                arguments(tensor("F32", "[2]", "0,8"), 8, "its shape has a value that is not a whole number"),
                arguments(tensor("F32", "9223372036854775808", "0,8"), 8, "not a whole number from 0 to 2^63-1"),
                arguments(tensor("F32", "9".repeat(5000), "0,8"), 8, "a number is longer than 100 characters"),
                arguments(tensor("F32", "1,1,1,1,1,1,1,1,2", "0,8"), 8, "its shape has more than 8 values"),
                arguments(tensor("F32", "65536,65536", "0,8"), 8, "[65536, 65536] has more than 2^31-1 elements"),
                arguments(tensor("F32", "4294967298", "0,8"), 8, "[4294967298] has more than 2^31-1 elements"),
                arguments(tensor("F32", "4294967296,4294967296,4294967296", "0,8"), 8, "has more than 2^31-1 elements"),
                arguments(tensor("F32", "2147483647", "0,8"), 8, "F32[2147483647] takes 8589934588"),
                arguments(tensor("F32", "2", "0"), 8, "its data_offsets [0] are not a begin and an end"),
                arguments(tensor("F32", "2", "0,8,8"), 8, "its data_offsets has more than 2 values"),
                arguments(tensor("F32", "2", "8,0"), 8, "its data_offsets [8, 0] are not a begin and an end"),
                arguments(tensor("F32", "2", "-8,0"), 8, "its data_offsets has a value that is not a whole number"),
                arguments(tensor("F32", "2", "0,8"), 7, "reach beyond the 7 bytes of data"),
                arguments(
                        tensor("F32", "2", "9223372036854775799,9223372036854775807"),
                        8,
                        "reach beyond the 8 bytes of data"),
                arguments(tensor("F32", "3", "0,8"), 8, "span 8 bytes, but F32[3] takes 12"),
                arguments(tensor("F64", "2", "0,8"), 8, "span 8 bytes, but F64[2] takes 16"),
                arguments(tensor("F32", "", "0,8"), 8, "span 8 bytes, but F32[] takes 4"),
                arguments(tensor("F32", "2", "8,16"), 16, "tensor \"a\": there is a hole of 8 bytes before its data"),
                arguments(
                        "{" + A + ",'b':{'dtype':'F32','shape':[1],'data_offsets':[12,16]}}",
                        16,
                        "tensor \"b\": there is a hole of 4 bytes"),
                arguments(
                        "{" + A + ",'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}",
                        12,
                        "tensor \"b\": its data overlaps"),
                arguments(
                        "{" + A + ",'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                        8,
                        "tensor \"b\": its data overlaps"),
                arguments("{" + A + "}", 12, "4 bytes that belong to no tensor"),
                arguments("{}", 1, "1 bytes that belong to no tensor"),
                arguments("{'" + "n".repeat(1001) + "':{}}", 0, "a string is too long"),
                arguments("{'" + "\u00e9".repeat(501) + "':{}}", 0, "a string is too long"),
                arguments("{'" + "n".repeat(1000) + "':{}}", 0, "it lacks dtype"),
                arguments("{'a':" + "[".repeat(100_000), 0, "does not end with }"),
                arguments("{'a':{'dtype':" + "[".repeat(100_000) + "}", 0, "its dtype is not a string"),
                arguments(
                        "{'a':{'shape':" + "[".repeat(100_000) + "}",
                        0,
                        "its shape has a value that is not a whole number"),
                arguments("{'__metadata__':{'k':'" + "x".repeat((1 << 24) + 1) + "'}}", 0, "a string is too long"),
                arguments(
                        IntStream.rangeClosed(0, 10_000)
                                .mapToObj(i -> "'k" + i + "':''")
                                .collect(Collectors.joining(",", "{'__metadata__':{", "}}")),
                        0,
                        "more than 10000 entries"),
                arguments(
                        IntStream.rangeClosed(0, 100_000)
                                .mapToObj(i -> "'t" + i + "':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}")
                                .collect(Collectors.joining(",", "{", "}")),
                        0,
                        "more than 100000 tensors"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("headers")
    void aHeaderThatBreaksARuleIsRefused(String header, int dataBytes, String reason) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.of("evil.safetensors", ByteBuffer.wrap(file(header, dataBytes))))
                .withMessageStartingWith("evil.safetensors: ")
                .withMessageContaining(reason)
                .withMessageMatching("(?s).*(fetch or convert it again|Convert it|Split it).*");
    }

    @Test
    void aHeaderLengthBeyondTheFileOrTheLimitIsRefused() {
        byte[] good = file("{" + A + "}", 8);
        refusedWithLength(good, good.length - 7, "but the file ends after " + good.length);
        refusedWithLength(good, 100_000_000, "claims 100000000 bytes, but the file ends");
        refusedWithLength(good, 100_000_001, "more than the limit of 100000000");
        refusedWithLength(good, Long.MAX_VALUE, "more than the limit");
        refusedWithLength(good, -1, "claims 18446744073709551615 bytes, more than the limit");
    }

    private static void refusedWithLength(byte[] good, long length, String reason) {
        byte[] bytes = good.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.of("evil", ByteBuffer.wrap(bytes)))
                .withMessageContaining(reason);
    }

    @Test
    void everyTruncationOfAGoodFileIsRefused() {
        byte[] good = file("{" + A + "}", 8);
        for (int length = 0; length < good.length; length++) {
            byte[] bytes = Arrays.copyOf(good, length);
            assertThatExceptionOfType(ModelException.class)
                    .as("cut after " + length)
                    .isThrownBy(() -> Safetensors.of("cut", ByteBuffer.wrap(bytes)));
        }
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] bytes = file("{'#':" + A.substring(4) + "}", 8);
        bytes[10] = (byte) 0xff;
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.of("latin1", ByteBuffer.wrap(bytes)))
                .withMessageContaining("not valid UTF-8");
    }

    @Test
    void namesCannotSendControlSequencesToTheTerminal() {
        String header = "{'\\u001b[2J\\u202e" + "y".repeat(500) + "':{}}";
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Safetensors.of("evil", ByteBuffer.wrap(file(header, 0))))
                .withMessageContaining("\\u001b[2J\\u202e")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u001b", "\u202e"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    private static String tensor(String fields) {
        return "{'a':{" + fields + "}}";
    }

    private static String tensor(String type, String shape, String offsets) {
        return tensor("'dtype':'" + type + "','shape':[" + shape + "],'data_offsets':[" + offsets + "]");
    }

    /** Header length, header (single quotes become double ones), and zeros for data. */
    static byte[] file(String header, int dataBytes) {
        byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }
}
