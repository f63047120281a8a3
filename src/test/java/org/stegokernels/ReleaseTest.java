package org.stegokernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a release consists of names one version, and workflows that can be read. */
class ReleaseTest {
    private static final Path WORKFLOWS = Path.of(".github/workflows");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern SCRIPT = Pattern.compile("(?<![\\w./-])((?:scripts|\\.ci)/[\\w-]+)");

    private static String version() throws IOException {
        Matcher version = Pattern.compile("<version>(.*?)</version>").matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    @Test
    void oneVersionIsNamedEverywhere() throws IOException {
        String version = version();
        assertThat(Files.readString(Path.of("README.md"))).contains("<version>" + version + "</version>");
        if (!version.endsWith("-SNAPSHOT")) {
            assertThat(Files.readString(Path.of("pom.xml"))).contains("<tag>v" + version + "</tag>");
            assertThat(Files.readString(Path.of("jbang-catalog.json")))
                    .contains("/releases/download/v" + version + "/");
            assertThat(Files.readString(Path.of("CHANGELOG.md"))).contains("\n## [" + version + "] - ");
        }
    }

    static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void everyJobRunsOnSomethingAndDoesOneThingInEachStep(Path workflow) throws IOException {
        JsonNode root = YAML.readTree(workflow.toFile());
        assertThat(root.fieldNames()).toIterable().contains("name", "on", "permissions", "jobs");
        for (JsonNode job : root.path("jobs")) {
            assertThat(job.path("runs-on").asText()).isNotEmpty();
            assertThat(job.path("timeout-minutes").asInt()).isPositive();
            assertThat(job.path("steps"))
                    .isNotEmpty()
                    .allSatisfy(step -> assertThat(step.has("run")).isNotEqualTo(step.has("uses")));
        }
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void everyScriptOfAStepIsThereAndMayBeRun(Path workflow) throws IOException {
        List<String> scripts = SCRIPT.matcher(Files.readString(workflow))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(scripts)
                .isNotEmpty()
                .allSatisfy(script -> assertThat(Path.of(script)).isExecutable());
    }

    @Test
    void testsRunOnEachSystemWithEachJavaFromTheFloorUp() throws IOException {
        JsonNode matrix = YAML.readTree(WORKFLOWS.resolve("build.yml").toFile()).at("/jobs/test/strategy/matrix");
        assertThat(texts(matrix.path("os"))).containsExactly("ubuntu-latest", "macos-latest", "windows-latest");
        assertThat(texts(matrix.path("java"))).containsExactly("17", "21", "25");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    @Test
    void theDockerfileCopiesWhatIsThere() throws IOException {
        assertThat(Files.readAllLines(Path.of("Dockerfile")))
                .filteredOn(line -> line.startsWith("COPY ") && !line.contains("--from"))
                .isNotEmpty()
                .flatMap(line -> {
                    List<String> words = List.of(line.split(" "));
                    return words.subList(1, words.size() - 1);
                })
                .allSatisfy(path -> assertThat(Path.of(path)).exists());
    }

    @Test
    void theAliasIsReadByJbang() throws IOException {
        JsonNode alias = new ObjectMapper()
                .readTree(Path.of("jbang-catalog.json").toFile())
                .at("/aliases/stego-kernels");
        assertThat(alias.path("script-ref").asText()).endsWith(".jar");
        assertThat(alias.path("java-options")).isNotEmpty();
    }
}
