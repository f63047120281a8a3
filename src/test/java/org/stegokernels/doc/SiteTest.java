package org.stegokernels.doc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The site as it is built: every link and picture in it is there, and so is what its pages show of the sources. */
class SiteTest {
    private static final Path PAGES = Path.of("src/doc");
    private static final long MOST_PICTURE_BYTES = 1_500_000;

    private static Map<String, byte[]> site;

    @BeforeAll
    static void build() throws IOException {
        site = Site.render();
    }

    private static String text(String place) {
        return new String(site.get(place), StandardCharsets.UTF_8);
    }

    private static List<String> pages() {
        return site.keySet().stream().filter(place -> place.endsWith(".html")).toList();
    }

    private static List<String> dead() {
        return Links.dead(site, SiteTest::isOfTheApi);
    }

    /** Returns whether Javadoc will have such a page: of a class that is there, or its first one. */
    private static boolean isOfTheApi(String place) {
        String name = place.substring(Site.API.length()).replace(".html", ".java");
        return place.equals(Site.API + "index.html")
                || name.startsWith("org.stegokernels/")
                        && Files.exists(Path.of("src/main/java", name.split("/", 2)[1]));
    }

    @Test
    void everyLinkLeadsSomewhere() {
        assertThat(pages()).hasSizeGreaterThan(15);
        assertThat(dead()).isEmpty();
    }

    @Test
    void nothingComesFromANetwork() {
        for (String page : pages()) {
            assertThat(text(page))
                    .as(page)
                    .doesNotContain("<script")
                    .doesNotContainPattern("(src|rel=\"stylesheet\" href)=\"[a-z]+:");
        }
        assertThat(text("site.css")).doesNotContain("url(", "@import");
    }

    /** A page that nobody lists would not be built. */
    @Test
    void everyPageIsOnTheSite() throws IOException {
        try (Stream<Path> files = Files.list(PAGES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".md"))
                            .map(file -> file.getFileName().toString().replace(".md", ".html")))
                    .allMatch(site::containsKey)
                    .hasSizeGreaterThan(9);
        }
    }

    @Test
    void everyPictureIsShownAndAllAreSmall() throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(PAGES)) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(webp|png|jpg)"))
                    .toList()) {
                assertThat(site).containsKey(file.getFileName().toString());
                bytes += Files.size(file);
            }
        }
        assertThat(bytes).isLessThan(MOST_PICTURE_BYTES);
    }

    @Test
    void theCommandsAreThereWithTheirHelp() {
        assertThat(text("commands.html"))
                .contains("<h2 id=\"segment\">", "<h2 id=\"cache-clear\">", "Usage: stego-kernels train")
                .doesNotContain("<h2 id=\"stego-kernels\">");
    }

    @Test
    void codeIsThatOfTheSources() throws IOException {
        assertThat(text("stego.html"))
                .contains("<math", "clamped * (fd[i] - rule.shift())")
                .contains("source/src/main/java/org/stegokernels/verify");
        Path file = Path.of("src/test/java/org/stegokernels/doc/Excerpt.java");
        Excerpt excerpt = Excerpt.of(file, "private static int end(");
        assertThat(excerpt.text())
                .startsWith("private static int end(")
                .contains("\n    int depth = 0;")
                .endsWith("\n}");
        assertThat(Files.readAllLines(file).get(excerpt.line() - 1)).contains("private static int end(");
        assertThatThrownBy(() -> Excerpt.of(file, "no such declaration")).hasMessageContaining("has no");
        assertThatThrownBy(() -> Excerpt.of(file, "int ")).hasMessageContaining("more than one");
    }

    @Test
    void formulasBecomeMathMl() {
        assertThat(Formula.html("x_i^2", false))
                .isEqualTo("<math><mrow><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>");
        assertThat(Formula.html("\\frac{1}{n} \\sum_{p} \\max(F_p, 0.5)", true))
                .contains("display=\"block\"")
                .contains("<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>")
                .contains("<msub><mo>∑</mo><mrow><mi>p</mi></mrow></msub>")
                .contains("<mn>0.5</mn>");
        assertThat(Formula.html("a \\\\ b", true).split("<math ")).hasSize(3);
        for (String wrong : List.of("\\nosuch", "{a", "a_b_c", "#")) {
            assertThatThrownBy(() -> Formula.html(wrong, false)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLinkThatLeadsNowhereIsSeen() {
        byte[] page =
                "<a href=\"nosuch.html\">x</a><a href=\"stego.html#nosuch\">y</a>".getBytes(StandardCharsets.UTF_8);
        site.put("planted.html", page);
        try {
            assertThat(dead()).containsExactly("planted.html -> nosuch.html", "planted.html -> stego.html#nosuch");
        } finally {
            site.remove("planted.html");
        }
    }

    /** What a new user copies is the version that is built. */
    @Test
    void theLibrarysPageNamesTheVersion() throws IOException {
        String version = Files.readString(Path.of("pom.xml")).split("</?version>")[1];
        assertThat(text("library.html"))
                .contains("&lt;version&gt;" + version + "&lt;/version&gt;")
                .doesNotContain("VERSION");
    }
}
