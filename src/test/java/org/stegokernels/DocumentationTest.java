package org.stegokernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The classes and paths that the documents name are there. */
class DocumentationTest {
    private static final Path PACKAGES = Path.of("src/main/java/org/stegokernels");
    /** Stands for an operation that somebody adds. */
    private static final String EXAMPLE = "(?i).*leaky_?relu.*";

    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w+)");
    private static final Pattern CLASS = Pattern.compile("([A-Z][a-z]\\w+)(\\.\\w+)?(\\(\\))?");
    private static final Pattern PLACE = Pattern.compile("[\\w.-]+(/[\\w.-]+)+/?");
    private static final List<String> OF_JAVA = List.of("java.lang.", "java.io.", "java.util.", "java.awt.image.");

    private static List<String> named(String document) throws IOException {
        String text = Files.readString(Path.of(document)).replaceAll("(?s)```.*?```", "");
        return Pattern.compile("`([^`\\s]+)`")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !name.matches(EXAMPLE))
                .toList();
    }

    private static Set<String> declared() throws IOException {
        Set<String> names = new HashSet<>();
        for (String folder : List.of("src", "bench", "kernels")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    DECLARED.matcher(Files.readString(file)).results().forEach(match -> names.add(match.group(1)));
                }
            }
        }
        return names;
    }

    private static boolean isOfJava(String name) {
        return OF_JAVA.stream().anyMatch(start -> {
            try {
                return Class.forName(start + name) != null;
            } catch (ClassNotFoundException e) {
                return false;
            }
        });
    }

    private static List<String> documents() throws IOException {
        List<String> documents = new ArrayList<>(List.of("README.md", "CONTRIBUTING.md"));
        try (Stream<Path> files = Files.list(Path.of("src/doc"))) {
            files.map(Path::toString).filter(file -> file.endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    @Test
    void everyClassIsThere() throws IOException {
        Set<String> declared = declared();
        for (String document : documents()) {
            assertThat(named(document))
                    .as(document)
                    .filteredOn(name -> CLASS.matcher(name).matches())
                    .map(name -> name.replaceAll("\\W.*", ""))
                    .allMatch(name -> declared.contains(name) || isOfJava(name));
        }
    }

    /** A path is that of a package or class, or begins at the top. */
    @Test
    void everyPathIsThere() throws IOException {
        for (String document : documents()) {
            assertThat(named(document))
                    .as(document)
                    .filteredOn(name -> PLACE.matcher(name).matches())
                    .filteredOn(name -> !name.matches("(imgs|labels|trained|masks|META-INF|target|out)/.*|.*\\.\\.\\."))
                    .filteredOn(name -> !name.matches("(image|application)/\\w+"))
                    .map(name -> name.replace(".../", ""))
                    .allMatch(name -> Files.exists(Path.of(name))
                            || Files.exists(PACKAGES.resolve(name))
                            || Files.exists(PACKAGES.resolve(name + ".java")));
        }
        assertThat(named("CONTRIBUTING.md")).hasSizeGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "CONTRIBUTING.md", "weights/README.md", "weights/demo/README.md"})
    void everyLinkIntoTheProjectLeadsSomewhere(String document) throws IOException {
        Path file = Path.of(document);
        assertThat(Pattern.compile("\\]\\((?!https?:)([^)#]+)[^)]*\\)")
                        .matcher(Files.readString(file))
                        .results()
                        .map(match -> match.group(1)))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(file.resolveSibling(link)).exists());
    }

    /** A text written into the page alone would be lost when it is made again. */
    @Test
    void thePageOfResultsEndsWithTheNotes() throws IOException {
        assertThat(Files.readString(Path.of("bench/RESULTS.md")))
                .endsWith("## Notes\n\n" + Files.readString(Path.of("bench/notes.md")));
    }
}
