package org.stegokernels.doc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.cli.CommandReference;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;

/**
 * The documentation as static pages: no script, nothing from a network, links that hold from a folder too. Pages link to
 * each other and to files of the project as they do in the repository; a source file of the API leads to its Javadoc, any
 * other one to a page of its text.
 */
public final class Site {
    private static final String PAGES = "src/doc/";
    private static final String SOURCES = "src/main/java/";
    /** Where the Javadoc is. */
    static final String API = "apidocs/";

    /** Javadoc has a folder for the module. */
    private static final String MODULE = "org.stegokernels/";

    private static final String STYLE = "site.css";
    /** The marks of a package whose classes have Javadoc. */
    private static final String API_MARK = "API: other programs may use it.";

    private static final Pattern PICTURE = Pattern.compile(".*\\.(png|jpg|webp|svg)");
    /** What a page of a folder links to. */
    private static final Pattern CODE = Pattern.compile(".*\\.(java|cl|c|h|py)");
    /** What a page of a file shows. */
    private static final Pattern TEXT =
            Pattern.compile(CODE + "|.*\\.(md|yml|tsv|txt|json|html|css|js|xml)|(.*/)?[A-Za-z_-]+");

    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

    /** A part of the navigation: files of the project, in order. */
    private record Group(String title, List<String> files) {}

    private static final List<Group> NAVIGATION = List.of(
            new Group(
                    "Use it",
                    List.of(
                            PAGES + "index.md",
                            PAGES + "photographs.md",
                            PAGES + "train.md",
                            PAGES + "results.md",
                            PAGES + "workbench.md",
                            PAGES + "models.md",
                            PAGES + "commands.md")),
            new Group("Build on it", List.of(PAGES + "library.md", API + "index.html", PAGES + "port.md")),
            new Group("Look inside", List.of(PAGES + "stego.md", PAGES + "speed.md", "CONTRIBUTING.md")));
    /** Pages that others link to. */
    private static final List<String> FURTHER = List.of(
            "bench/RESULTS.md",
            "examples/README.md",
            "kernels/README.md",
            "kernels/port/README.md",
            "kernels/reference/README.md",
            "src/spark/README.md",
            "weights/README.md",
            "weights/demo/README.md");

    private final Map<String, MarkdownPage> pages = new LinkedHashMap<>();
    private final Map<String, byte[]> output = new TreeMap<>();
    private final Deque<String> wanted = new ArrayDeque<>();
    private final Set<String> made = new HashSet<>();

    private Site() {}

    /** Writes the site to the folder that is named. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        for (Map.Entry<String, byte[]> file : render().entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    /** Returns all files of the site by their place, without the Javadoc. */
    static Map<String, byte[]> render() throws IOException {
        Site site = new Site();
        for (String file : site.files()) {
            site.pages.put(file, MarkdownPage.parse(file, site.markdown(file)));
        }
        for (MarkdownPage page : site.pages.values()) {
            String body = page.html(link -> site.link(page.file(), link), picture -> size(page.file(), picture));
            site.put(place(page.file()), site.whole(page, body));
        }
        while (!site.wanted.isEmpty()) {
            site.source(site.wanted.remove());
        }
        site.output.put(STYLE, Files.readAllBytes(Path.of(PAGES + STYLE)));
        return site.output;
    }

    private List<String> files() {
        List<String> files = new ArrayList<>();
        NAVIGATION.forEach(group ->
                group.files().stream().filter(file -> !file.startsWith(API)).forEach(files::add));
        files.addAll(FURTHER);
        return files;
    }

    /** Reads a page, the version of this build in the place of {@code VERSION}. */
    private String markdown(String file) throws IOException {
        String version = Files.readString(Path.of("pom.xml")).split("</?version>")[1];
        String text = Files.readString(Path.of(file)).replace("<version>VERSION<", "<version>" + version + "<");
        return file.equals(PAGES + "commands.md") ? text + "\n" + CommandReference.markdown() : text;
    }

    private void put(String place, String html) {
        output.put(place, html.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the place of a file of the project on the site. */
    private static String place(String file) {
        String place = file.startsWith(PAGES) ? file.substring(PAGES.length()) : file;
        return place.endsWith(".md") ? place.substring(0, place.length() - 2) + "html" : place;
    }

    /**
     * Returns what a link leads to on the site.
     *
     * @param from the file that it is in
     * @param link relative to that file, or with a slash from the top of the project
     */
    private String link(String from, String link) {
        if (ELSEWHERE.matcher(link).matches() || link.startsWith("#")) {
            return link;
        }
        String[] parts = link.split("#", 2);
        String anchor = parts.length == 1 ? "" : "#" + parts[1];
        String file = resolve(from, parts[0]);
        return relative(place(from), target(file) + (isApi(file) ? "" : anchor));
    }

    private static String resolve(String from, String link) {
        Path path = link.startsWith("/")
                ? Path.of(link.substring(1))
                : Path.of(from).resolveSibling(link);
        String file = path.normalize().toString().replace('\\', '/');
        if (file.startsWith("..") || !Files.exists(Path.of(file.isEmpty() ? "." : file))) {
            throw new IllegalArgumentException(from + " links to " + link + ", which is not there");
        }
        return file;
    }

    private String target(String file) {
        if (pages.containsKey(file)) {
            return place(file);
        }
        if (isApi(file)) {
            return API + MODULE + file.substring(SOURCES.length()).replace(".java", ".html");
        }
        try {
            if (PICTURE.matcher(file).matches()) {
                output.put(place(file), Files.readAllBytes(Path.of(file)));
                return place(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (made.add(file)) {
            wanted.add(file);
        }
        return sourcePlace(file);
    }

    private static String sourcePlace(String file) {
        return "source/" + file + (Files.isDirectory(Path.of(file)) ? "/index.html" : ".html");
    }

    private static boolean isApi(String file) {
        Path about = Path.of(file).resolveSibling("package-info.java");
        try {
            return file.startsWith(SOURCES)
                    && file.endsWith(".java")
                    && Files.exists(about)
                    && Files.readString(about).contains(API_MARK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String relative(String from, String to) {
        String[] parts = to.split("#", 2);
        Path folder = Path.of(from).getParent();
        String path = (folder == null ? Path.of(parts[0]) : folder.relativize(Path.of(parts[0])))
                .toString()
                .replace('\\', '/');
        return path + (parts.length == 1 ? "" : "#" + parts[1]);
    }

    private static String size(String from, String picture) {
        RgbImage image = ImageReader.read(Path.of(resolve(from, picture)));
        return image.width() + "x" + image.height();
    }

    /** Makes the page of a source file or of a folder's files. */
    private void source(String file) throws IOException {
        Path path = Path.of(file);
        String place = sourcePlace(file);
        String body;
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                body = files.map(each -> each.toString().replace('\\', '/'))
                        .sorted()
                        .filter(each -> !each.contains("/."))
                        .map(each -> "<li>" + listed(place, each) + "</li>")
                        .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>"));
            }
        } else if (!TEXT.matcher(file).matches()) {
            body = "<p>A file of " + Files.size(path) + " bytes.</p>";
        } else {
            String language = file.endsWith(".java") ? "java" : file.endsWith(".cl") || file.endsWith(".c") ? "c" : "";
            String[] lines = CodeColors.html(Files.readString(path), language).split("\n", -1);
            StringBuilder code = new StringBuilder("<pre class=\"source\"><code>");
            for (int i = 0; i < lines.length; i++) {
                code.append("<a id=\"L")
                        .append(i + 1)
                        .append("\"></a>")
                        .append(lines[i])
                        .append('\n');
            }
            body = code.append("</code></pre>").toString();
        }
        String head = "<h1 class=\"path\">" + CodeColors.escape(file) + "</h1>\n";
        put(place, page(place, file, navigation(place, null), head + body, ""));
    }

    private String listed(String place, String file) {
        String name = CodeColors.escape(Path.of(file).getFileName().toString());
        boolean code = CODE.matcher(file).matches() || isApi(file);
        return code ? "<a href=\"" + relative(place, target(file)) + "\">" + name + "</a>" : name;
    }

    private String whole(MarkdownPage page, String body) {
        String place = place(page.file());
        return page(place, page.title(), navigation(place, page), body, neighbours(page));
    }

    private String navigation(String place, MarkdownPage page) {
        StringBuilder html = new StringBuilder();
        for (Group group : NAVIGATION) {
            html.append("<h2>").append(group.title()).append("</h2>\n<ul>\n");
            for (String file : group.files()) {
                boolean here = page != null && page.file().equals(file);
                html.append("<li><a href=\"")
                        .append(relative(place, place(file)))
                        .append(here ? "\" aria-current=\"page\">" : "\">")
                        .append(name(file))
                        .append("</a></li>\n");
            }
            html.append("</ul>\n");
        }
        return html.toString();
    }

    private String name(String file) {
        return file.startsWith(API)
                ? "Javadoc"
                : CodeColors.escape(pages.get(file).title());
    }

    /** Returns links to the pages before and after this one. */
    private String neighbours(MarkdownPage page) {
        List<String> order = NAVIGATION.stream()
                .flatMap(group -> group.files().stream())
                .filter(file -> !file.startsWith(API))
                .toList();
        int here = order.indexOf(page.file());
        StringBuilder html = new StringBuilder();
        if (here > 0) {
            html.append(neighbour(page, order.get(here - 1), "prev", "← "));
        }
        if (here >= 0 && here + 1 < order.size()) {
            html.append(neighbour(page, order.get(here + 1), "next", ""));
        }
        return html.toString();
    }

    private String neighbour(MarkdownPage page, String file, String rel, String arrow) {
        return "<a rel=\"" + rel + "\" href=\"" + relative(place(page.file()), place(file)) + "\">" + arrow + name(file)
                + (arrow.isEmpty() ? " →" : "") + "</a>\n";
    }

    private static String page(String place, String title, String navigation, String body, String neighbours) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s - stego-kernels</title>
                <link rel="stylesheet" href="%s">
                </head>
                <body>
                <header><a class="home" href="%s">stego-kernels</a><a class="menu" href="#pages">All pages</a></header>
                <main>
                %s</main>
                <nav id="pages" aria-label="Pages">
                %s</nav>
                <footer>%s</footer>
                </body>
                </html>
                """.formatted(
                        CodeColors.escape(title),
                        relative(place, STYLE),
                        relative(place, "index.html"),
                        body,
                        navigation,
                        neighbours);
    }
}
