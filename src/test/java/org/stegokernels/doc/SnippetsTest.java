package org.stegokernels.doc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.cli.CommandReference;

/**
 * The Java that the pages show compiles, with the imports that a development environment adds, and their command lines are
 * understood.
 */
class SnippetsTest {
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final List<String> IMPORTS = List.of(
            "java.io.*",
            "java.nio.file.*",
            "java.util.*",
            "javax.imageio.ImageIO",
            "org.stegokernels.device.*",
            "org.stegokernels.image.*",
            "org.stegokernels.stego.*");

    private static final Pattern COMMAND =
            Pattern.compile("^ *java -jar target/stego-kernels\\.jar ((?:[^\\n]*\\\\\\n)*[^\\n`]*)", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @TempDir
    Path folder;

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Returns what the compiler says of statements within a method. */
    private String compiled(String name, String statements) throws IOException {
        StringBuilder text = new StringBuilder();
        IMPORTS.forEach(each -> text.append("import ").append(each).append(";\n"));
        text.append("class " + name + " { void run() throws Exception {\n" + statements + "}}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", folder.toString());
        boolean right = compiler.getTask(said, null, null, options, null, List.of(new Source(name, text.toString())))
                .call();
        return right ? "" : said.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "src/doc/library.md"})
    void whatAPageShowsCompiles(String page) throws IOException {
        List<String> snippets = new ArrayList<>();
        JAVA.matcher(Files.readString(Path.of(page)))
                .results()
                .map(MatchResult::group)
                .forEach(snippets::add);
        assertThat(snippets).isNotEmpty();
        for (int i = 0; i < snippets.size(); i++) {
            String statements = snippets.get(i).replace("```java", "").replace("```", "");
            assertThat(compiled("Snippet" + i, statements)).as(snippets.get(i)).isEmpty();
        }
        assertThat(compiled("Wrong", "Segmenter.demo().nosuch();")).contains("nosuch");
    }

    /** Returns the words of a command, a number in the place of each variable of the shell. */
    private static List<String> words(String command) {
        return WORD.matcher(command.replace("\\\n", " ").replaceAll(" #.*", "").replaceAll("\\$\\w+", "3"))
                .results()
                .map(word -> Stream.of(1, 2, 3)
                        .map(word::group)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "CONTRIBUTING.md",
                "bench/notes.md",
                "kernels/port/README.md",
                "weights/README.md",
                "src/doc/index.md",
                "src/doc/photographs.md",
                "src/doc/train.md",
                "src/doc/results.md",
                "src/doc/workbench.md",
                "src/doc/models.md",
                "src/doc/port.md"
            })
    void everyCommandIsUnderstood(String page) throws IOException {
        List<String> commands = COMMAND.matcher(Files.readString(Path.of(page)))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(page.equals("CONTRIBUTING.md") ? 0 : 1);
        for (String command : commands) {
            assertThatCode(() -> CommandReference.parse(words(command)))
                    .as(command)
                    .doesNotThrowAnyException();
        }
        assertThatCode(() -> CommandReference.parse(words("segment photos --nosuch 3 -o 'my masks'")))
                .hasMessageContaining("--nosuch");
    }
}
