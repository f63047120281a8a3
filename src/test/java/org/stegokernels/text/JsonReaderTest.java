package org.stegokernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.testing.Mutations;

/** Strict JSON, against Jackson at its strictest. */
class JsonReaderTest {
    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final List<String> WORDS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"a\":",
            "\"\\u0061\":",
            "0",
            "-1",
            "1.5",
            "2e3",
            "0.1e-2",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "true",
            "false",
            "null",
            "nul",
            "\"\\n\\\"\\/\"",
            "\"\u00e9\u20ac\ud83d\ude00\"",
            "\"\\ud83d\\ude00\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"",
            "\n",
            "\t",
            " ",
            "\u00a0",
            "/**/",
            "'a'",
            "NaN");

    static {
        JACKSON.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(32)
                        .maxNumberLength(100)
                        .build());
    }

    static Stream<Arguments> values() {
        return Stream.of(
                arguments("{}", Map.of()),
                arguments(" [ ] ", List.of()),
                arguments("\r\n\t [1,-2 , 3000000000]", List.of(1, -2, 3_000_000_000L)),
                arguments("[9223372036854775807,9223372036854775808]", List.of(Long.MAX_VALUE, 0x1p63)),
                arguments("[0,-0.5,1e3,2E-1,12.25e+2]", List.of(0, -0.5, 1000.0, 0.2, 1225.0)),
                arguments("[true,false]", List.of(true, false)),
                arguments("{\"a\":{\"b\":[\"c\"]},\"\":7}", Map.of("a", Map.of("b", List.of("c")), "", 7)),
                arguments("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9x\"", "\"\\/\b\f\n\r\t\u00e9x"),
                arguments("\"\u00e9 \u20ac \ud83d\ude00 \\uD83D\\ude00\"", "\u00e9 \u20ac \ud83d\ude00 \ud83d\ude00"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valuesAreWhatTheTextSays(String text, Object value) throws JsonReader.SyntaxException {
        assertThat(JsonReader.parse(text)).isEqualTo(value);
    }

    @Test
    void nullIsNull() throws JsonReader.SyntaxException {
        assertThat(JsonReader.parse("null")).isNull();
    }

    @Test
    void objectsKeepTheOrderOfTheText() throws JsonReader.SyntaxException {
        assertThat(((Map<?, ?>) JsonReader.parse("{\"z\":1,\"a\":2,\"m\":3}"))
                        .keySet()
                        .toString())
                .isEqualTo("[z, a, m]");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("", "at byte 0 there should be a value"),
                arguments("[1,]", "at byte 3 there should be a value"),
                arguments("[1 2]", "at byte 3 there should be a ,"),
                arguments("{\"a\" 1}", "at byte 5 there should be a :"),
                arguments("{\"a\":1,}", "at byte 7 there should be a \""),
                arguments("{\"a\":1,\"a\":2}", "the key \"a\" comes twice"),
                arguments("{\"a\":1", "at byte 6 there should be a ,"),
                arguments("\"a", "at byte 2 there should be a \""),
                arguments("\"a\nb\"", "at byte 2 a control character"),
                arguments("\"\\", "no such escape"),
                arguments("\"\\u00", "there should be a hexadecimal digit"),
                arguments("treu", "there should be true"),
                arguments("007", "a 0 too many"),
                arguments("1.e5", "there should be a value"),
                arguments("1 1", "at byte 2 there is something after the value"),
                arguments("[".repeat(33) + "]".repeat(33), "nested deeper than 32"),
                arguments("1".repeat(101), "longer than 100 characters"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamedWithItsPlace(String text, String reason) {
        assertThatExceptionOfType(JsonReader.SyntaxException.class)
                .isThrownBy(() -> JsonReader.parse(text))
                .withMessageStartingWith("at byte ")
                .withMessageContaining(reason);
    }

    @Test
    void whatJacksonTakesIsTakenAndNothingElse() {
        int taken = 0;
        for (int seed = 0; seed < 50_000; seed++) {
            taken += agrees(randomWords(new Random(seed))) ? 1 : 0;
        }
        // Neither all nor none: else the texts would say little.
        assertThat(taken).isBetween(1000, 40_000);
    }

    @Test
    void damagedTextsAreJudgedAsJacksonJudgesThem() {
        String good =
                "{\"feature\": \"FEAT\", \"n\": [1, -2.5e3, true, null], \"s\": \"\\u00e9\\n\", \"o\": {\"k\": {}}}";
        byte[] bytes = good.getBytes(StandardCharsets.UTF_8);
        List<byte[]> tokens = WORDS.stream()
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        int taken = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] damaged = new Mutations(seed, tokens).damage(bytes, 0, bytes.length);
            taken += agrees(new String(damaged, StandardCharsets.UTF_8)) ? 1 : 0;
        }
        assertThat(taken).isBetween(500, 19_000);
    }

    private static String randomWords(Random random) {
        StringBuilder text = new StringBuilder();
        random.ints(1 + random.nextInt(6), 0, WORDS.size()).mapToObj(WORDS::get).forEach(text::append);
        return random.nextBoolean() ? "[" + text + "]" : text.toString();
    }

    /** @return whether both take it */
    private static boolean agrees(String text) {
        JsonNode expected;
        try {
            expected = JACKSON.readTree(text);
        } catch (JsonProcessingException e) {
            assertThatExceptionOfType(JsonReader.SyntaxException.class)
                    .as(text)
                    .isThrownBy(() -> JsonReader.parse(text));
            return false;
        }
        try {
            Object value = JsonReader.parse(text);
            assertThat(value).as(text).isEqualTo(plain(expected));
        } catch (JsonReader.SyntaxException e) {
            // Jackson takes a text without any value for none.
            assertThat(text.strip()).as(e.getMessage()).isEmpty();
            return false;
        }
        return true;
    }

    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> object = new LinkedHashMap<>();
            node.fields().forEachRemaining(field -> object.put(field.getKey(), plain(field.getValue())));
            return object;
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        }
        if (node.isNumber()) {
            return node.canConvertToInt() && node.isIntegralNumber()
                    ? (Object) node.intValue()
                    : node.isIntegralNumber() && node.canConvertToLong()
                            ? (Object) node.longValue()
                            : node.doubleValue();
        }
        return node.isBoolean() ? (Object) node.booleanValue() : node.textValue();
    }
}
