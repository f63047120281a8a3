package org.stegokernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
    @Test
    void valuesAreReadAsTheyWereWritten() throws JsonReader.SyntaxException {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "\"\u0000\u20ac");
        value.put("numbers", List.of(1, 1L << 40, 0.1, -2e300));
        value.put("rest", Arrays.asList(true, null, Map.of()));
        assertThat(JsonReader.parse(JsonWriter.text(value))).isEqualTo(value);
    }

    @Test
    void numbersAreAsShortAsTheirTypeAllows() throws IOException {
        byte[] bytes = JsonWriter.bytes(json -> {
            json.field("float", 0.1f);
            json.field("double", 0.1f + 0.0);
            json.field("list", new long[] {1, 2});
        });
        assertThat(new String(bytes, StandardCharsets.UTF_8))
                .isEqualTo("{\"float\":0.1,\"double\":0.10000000149011612,\"list\":[1,2]}");
    }

    @Test
    void aFieldThatComesTwiceIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> JsonWriter.bytes(json -> {
                    json.field("a", 1);
                    json.field("a", 2);
                }))
                .withMessageContaining("Duplicate field 'a'");
    }

    @Test
    void anythingElseThanAValueOfJsonIsRefused() {
        assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> JsonWriter.text(new Object()));
    }
}
