package org.stegokernels.weights.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void aDictionaryWithinItselfIsReadOnce() {
        Map<String, Object> inner = new LinkedHashMap<>();
        Map<String, Object> outer = new LinkedHashMap<>();
        outer.put("a", 1);
        outer.put("inner", inner);
        inner.put("b", true);
        inner.put("parent", outer);
        inner.put("self", inner);
        assertThat(Settings.of(outer)).isEqualTo(Map.of("a", 1, "inner.b", true));
    }

    @Test
    void aDictionaryUnderTwoNamesIsReadUnderBoth() {
        Map<String, Object> shared = Map.of("c", "x");
        assertThat(Settings.of(Map.of("one", shared, "two", shared))).isEqualTo(Map.of("one.c", "x", "two.c", "x"));
    }
}
