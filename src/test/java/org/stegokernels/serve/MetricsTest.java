package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs against the rules of OpenMetrics 1.0 (its ABNF, and what it says must hold). */
class MetricsTest {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\"";
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")(?:\\{(" + LABEL + "(?:," + LABEL + ")*)\\})? ([-+]?\\d\\S*)");
    private static final Map<String, List<String>> SUFFIXES = Map.of(
            "counter", List.of("_total", "_created"),
            "gauge", List.of(""),
            "histogram", List.of("_bucket", "_count", "_sum", "_created"));

    @TempDir
    Path folder;

    @Test
    void theFiguresAreOpenMetrics() throws Exception {
        try (Served served = Served.openSmall(folder)) {
            served.post("/v1/segment", PublicApiTest.picture(40, 30));
            served.post("/v1/segment", new byte[] {1, 2, 3});
            served.get("/some\"thing\\else/strange".replace("\"", "%22").replace("\\", "%5c"));
            served.get("/metrics");
            HttpResponse<byte[]> answer = served.get("/metrics");
            assertThat(answer.headers().firstValue("Content-Type"))
                    .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
            Map<String, Double> samples = samples(Served.text(answer));
            String segment = "method=\"POST\",path=\"/v1/segment\"";
            assertThat(samples)
                    .containsEntry("stego_http_requests_total{" + segment + ",status=\"200\"}", 1.0)
                    .containsEntry("stego_http_requests_total{" + segment + ",status=\"422\"}", 1.0)
                    .containsEntry("stego_http_requests_total{method=\"other\",path=\"other\",status=\"404\"}", 1.0)
                    .containsEntry("stego_http_request_duration_seconds_count{" + segment + "}", 2.0)
                    .containsEntry("stego_photographs_total", 1.0)
                    .containsEntry("stego_queue_photographs", 0.0);
            assertThat(samples.get("stego_stage_seconds_total{stage=\"backbone\"}"))
                    .isPositive();
            assertThat(samples.get("stego_heap_used_bytes")).isPositive();
        }
    }

    /** Returns the values by name and labels, if all rules are kept. */
    private static Map<String, Double> samples(String text) {
        assertThat(text).endsWith("\n# EOF\n").doesNotContain("\r", "\n\n");
        Map<String, Double> samples = new LinkedHashMap<>();
        Set<String> families = new HashSet<>();
        String family = "";
        String type = "";
        Map<String, Double> lastBuckets = new HashMap<>();
        for (String line : text.substring(0, text.length() - "# EOF\n".length()).split("\n")) {
            if (line.startsWith("# ")) {
                List<String> words = new ArrayList<>(List.of(line.split(" ", 4)));
                if (words.get(1).equals("TYPE")) {
                    family = words.get(2);
                    type = words.get(3);
                    assertThat(families.add(family))
                            .as("families don't interleave: " + line)
                            .isTrue();
                    assertThat(SUFFIXES).containsKey(type);
                } else if (words.get(1).equals("UNIT")) {
                    assertThat(family).endsWith("_" + words.get(3));
                } else {
                    assertThat(words.get(1)).isEqualTo("HELP");
                }
                assertThat(words.get(2)).isEqualTo(family);
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            String name = sample.group(1);
            assertThat(name).startsWith(family);
            assertThat(SUFFIXES.get(type)).contains(name.substring(family.length()));
            double value = Double.parseDouble(sample.group(3));
            assertThat(value).isNotNegative().isNotNaN();
            String labels = sample.group(2);
            assertThat(samples.put(labels == null ? name : name + "{" + labels + "}", value))
                    .as("no series twice")
                    .isNull();
            if (name.endsWith("_bucket")) {
                Matcher bound =
                        Pattern.compile("(.*),le=\"(\\d+\\.\\d+|\\+Inf)\"").matcher(labels);
                assertThat(bound.matches()).as(line).isTrue();
                assertThat(value).isGreaterThanOrEqualTo(lastBuckets.getOrDefault(bound.group(1), 0.0));
                lastBuckets.put(bound.group(1), value);
            }
            if (name.endsWith("_count")) {
                assertThat(value).as("the last bucket has all").isEqualTo(lastBuckets.get(labels));
            }
        }
        return samples;
    }
}
