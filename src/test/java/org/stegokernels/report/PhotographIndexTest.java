package org.stegokernels.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PhotographIndexTest {
    private static final String HOSTILE = "a/</style><script>alert(1)</script>&\"' onerror=x\u0007\u202E.jpg";
    private static final List<ClassInfo> CLASSES = List.of(
            new ClassInfo(0, "sky", 0x0102FF),
            new ClassInfo(1, "<b>&\"road", 0x808080),
            new ClassInfo(2, "never there", 0xFF0000));

    @TempDir
    Path folder;

    /** A quarter sky, half road, the rest without label. */
    private static Segmentation segmentation(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(width).nextBytes(rgb);
        byte[] labels = new byte[width * height];
        Arrays.fill(labels, labels.length / 4, labels.length, (byte) 1);
        Arrays.fill(labels, labels.length * 3 / 4, labels.length, (byte) LabelMap.IGNORE);
        return new Segmentation(
                new RgbImage(width, height, rgb),
                new LabelMap(width, height, labels),
                CLASSES,
                new double[] {0.25, 0.5, 0},
                new double[] {0.9, 0.6, 0},
                null);
    }

    private String page() throws Exception {
        try (PhotographIndex index = new PhotographIndex(folder, 3)) {
            index.add(HOSTILE, HOSTILE + ".png", segmentation(8, 4));
            index.add("b.jpg", "b.overlay.png", segmentation(900, 300));
            index.add("javascript:alert(1)", "javascript:alert(1)", segmentation(4, 8));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            index.write(out, CLASSES, "by <model>");
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static List<String> attributes(Document document, String tag, String attribute) {
        return elements(document, tag).stream()
                .map(element -> element.getAttribute(attribute))
                .toList();
    }

    @Test
    void hasAnEntryForEachPhotograph() throws Exception {
        Document document = parsed(page());
        assertThat(attributes(document, "li", "data-name"))
                .containsExactly(HOSTILE.replaceAll("[\u0007\u202E]", "?"), "b.jpg", "javascript:alert(1)");
        assertThat(attributes(document, "li", "data-shares")).containsOnly("1:0.5000 0:0.2500");
        assertThat(attributes(document, "li", "data-scores")).containsOnly("1:0.6000 0:0.9000");
        // 0.75 of the pixels have a label: (0.25 * 0.9 + 0.5 * 0.6) / 0.75
        assertThat(attributes(document, "li", "data-confidence")).containsOnly("0.7000");
        assertThat(attributes(document, "button", "data-name")).containsExactly("<b>&\"road", "sky");
        assertThat(attributes(document, "img", "alt")).hasSize(6).noneMatch(String::isBlank);
        assertThat(attributes(document, "input", "aria-label")).hasSize(4).noneMatch(String::isBlank);
    }

    @Test
    void nothingIsFetchedAndNoNameActs() throws Exception {
        String page = page();
        Document document = parsed(page);
        assertThat(page).doesNotContain("http:", "https:", "//www", "@import", "url(", "srcset", "\u0007", "\u202E");
        assertThat(attributes(document, "img", "src")).allMatch(uri -> uri.startsWith("data:image/jpeg;base64,"));
        assertThat(attributes(document, "a", "href")).allMatch(link -> link.matches("\\./[-A-Za-z0-9._*%/]+"));
        for (String tag : List.of("link", "base", "iframe", "object", "embed", "form", "b")) {
            assertThat(elements(document, tag)).as(tag).isEmpty();
        }
        for (Element element : elements(document, "*")) {
            assertThat(element.getAttribute("style")).isEmpty();
            assertThat(element.getAttribute("onerror")).isEmpty();
        }
    }

    @Test
    void thePolicyAllowsItsOwnScriptAndStyleAlone() throws Exception {
        Document document = parsed(page());
        List<String> hashes = new ArrayList<>();
        for (String tag : List.of("style", "script")) {
            assertThat(elements(document, tag)).hasSize(1);
            byte[] text = elements(document, tag).get(0).getTextContent().getBytes(StandardCharsets.UTF_8);
            hashes.add("'sha256-"
                    + Base64.getEncoder()
                            .encodeToString(MessageDigest.getInstance("SHA-256").digest(text))
                    + "'");
        }
        assertThat(attributes(document, "meta", "content").get(1))
                .isEqualTo("default-src 'none'; img-src data:; style-src " + hashes.get(0) + "; script-src "
                        + hashes.get(1) + "; base-uri 'none'; form-action 'none'");
    }

    @Test
    void picturesAreReducedAndLessSoIfFew() throws Exception {
        String uri = attributes(parsed(page()), "img", "src").get(3);
        byte[] jpeg = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        var picture = ImageIO.read(new ByteArrayInputStream(jpeg));
        assertThat(picture.getWidth()).isEqualTo(640);
        assertThat(picture.getHeight()).isEqualTo(213);
        assertThat(PhotographIndex.side(200)).isEqualTo(640);
        assertThat(PhotographIndex.side(800)).isEqualTo(320);
        assertThat(PhotographIndex.side(1_000_000)).isEqualTo(160);
    }

    @Test
    void leavesNoFileInTheFolder() throws Exception {
        page();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }
}
