package org.stegokernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;

/** {@code kernels/README.md} has every operation, and what it names is there. */
class CatalogueTest {
    private static final Path CATALOGUE = Path.of("kernels", "README.md");

    private static String text() throws IOException {
        return Files.readString(CATALOGUE);
    }

    private static List<String> matches(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .toList();
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> files = Stream.concat(Files.walk(Path.of("src")), Files.walk(Path.of("bench")))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void everyOperationHasAHeading() throws IOException {
        assertThat(matches("^## (\\w+)$", text()))
                .containsAll(Stream.of(Kernels.class, TrainingKernels.class)
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .map(Method::getName)
                        .distinct()
                        .toList());
    }

    @Test
    void everyClassItNamesExists() throws IOException {
        List<String> named = matches("`([A-Z]\\w*(?:Test|Benchmark))`", text());
        List<String> implementations = matches("CPU `([A-Z]\\w+)`", text());
        assertThat(named).hasSizeGreaterThan(15);
        assertThat(implementations).hasSizeGreaterThan(10);
        assertThat(sources())
                .containsAll(Stream.concat(named.stream(), implementations.stream())
                        .map(name -> name + ".java")
                        .toList());
    }

    @Test
    void everyOperationTellsWhereItIsAndItsBenchmark() throws IOException {
        List<String> sections = Stream.of(text().split("(?m)^##? "))
                .filter(section -> section.contains("- Where:"))
                .toList();
        assertThat(sections)
                .hasSizeGreaterThan(30)
                .allSatisfy(section -> assertThat(section)
                        .as(section.lines().findFirst().orElseThrow())
                        .containsPattern("Benchmark: (in )?(`\\w+Benchmark`|none, )"));
    }

    @Test
    void everyLinkIntoTheProjectLeadsSomewhere() throws IOException {
        assertThat(matches("\\]\\((?!https:)([^)#]+)\\)", text()))
                .hasSizeGreaterThan(60)
                .allSatisfy(link ->
                        assertThat(CATALOGUE.resolveSibling(link)).as(link).exists());
    }

    /** An operation has the same name in either language. */
    @Test
    void everyOpenClFileItNamesHasATwinForTornadoVm() throws IOException {
        Path twins = CATALOGUE.resolveSibling(Path.of("tornado", "org", "stegokernels", "tornado"));
        assertThat(matches("\\(opencl/(\\w+)\\.cl\\)", text()))
                .hasSizeGreaterThan(30)
                .allSatisfy(file ->
                        assertThat(twins.resolve(className(file) + ".java")).exists());
    }

    private static String className(String file) {
        return Pattern.compile("(?:^|_)(\\w)")
                .matcher(file)
                .replaceAll(start -> start.group(1).toUpperCase(Locale.ROOT));
    }
}
