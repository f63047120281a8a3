package org.stegokernels.doc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Emphasis;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A page in Markdown, of which GitHub's dialect is understood as far as tables, {@code math} blocks and inline formulas
 * <code>$`x`$</code> go. A block {@code include} names a source file and the beginning of a declaration in it, and shows that.
 *
 * @param file relative to the project, with slashes
 * @param title the text of its first heading
 * @param headings text by anchor, in order
 * @param links targets of links as they are written
 * @param pictures targets of pictures as they are written
 */
record MarkdownPage(
        String file, String title, Map<String, String> headings, List<String> links, List<String> pictures, Node root) {
    /** Code of at most so many letters stays on one line, on a phone too; so does the text of a cell of half as many. */
    private static final int UNBROKEN = 24;

    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

    static MarkdownPage parse(String file, String markdown) {
        Node root = PARSER.parse(markdown);
        Map<String, String> headings = new LinkedHashMap<>();
        List<String> links = new ArrayList<>();
        List<String> pictures = new ArrayList<>();
        root.accept(new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
                String text = text(heading);
                headings.put(anchor(text, headings.keySet()), text);
                visitChildren(heading);
            }

            @Override
            public void visit(Link link) {
                links.add(link.getDestination());
                visitChildren(link);
            }

            @Override
            public void visit(Image image) {
                pictures.add(image.getDestination());
            }
        });
        if (headings.isEmpty()) {
            throw new IllegalArgumentException(file + " has no heading");
        }
        return new MarkdownPage(file, headings.values().iterator().next(), headings, links, pictures, root);
    }

    /** Returns the anchor that GitHub gives a heading. */
    private static String anchor(String text, Set<String> taken) {
        String plain = text.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
        String anchor = plain;
        for (int i = 1; taken.contains(anchor); i++) {
            anchor = plain + "-" + i;
        }
        return anchor;
    }

    private static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text each) {
                text.append(each.getLiteral());
            }

            @Override
            public void visit(Code each) {
                text.append(each.getLiteral());
            }
        });
        return text.toString();
    }

    /**
     * Returns the HTML between header and footer.
     *
     * @param target gives the place on the site for a link or picture as it is written
     * @param picture gives the attributes of a picture as it is written
     */
    String html(UnaryOperator<String> target, UnaryOperator<String> picture) {
        replaceBlocks(root, target);
        Set<String> taken = new HashSet<>();
        HtmlRenderer renderer = HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    if (node instanceof Heading heading && tag.startsWith("h")) {
                        String anchor = anchor(text(heading), taken);
                        taken.add(anchor);
                        attributes.put("id", anchor);
                    } else if (node instanceof Code code && code.getLiteral().length() <= UNBROKEN
                            || node instanceof TableCell && text(node).length() <= UNBROKEN / 2) {
                        attributes.put("class", "short");
                    } else if (isCaption(node)) {
                        attributes.put("class", "caption");
                    } else if (node instanceof Link link) {
                        attributes.put("href", target.apply(link.getDestination()));
                    } else if (node instanceof Image image) {
                        attributes.put("src", target.apply(image.getDestination()));
                        attributes.put("loading", "lazy");
                        String[] size = picture.apply(image.getDestination()).split("x");
                        attributes.put("width", size[0]);
                        attributes.put("height", size[1]);
                    }
                })
                .build();
        return renderer.render(root)
                .replace("<table>", "<div class=\"scroll\"><table>")
                .replace("</table>", "</table></div>");
    }

    /** Returns whether this is a paragraph in italics right after a picture. */
    private static boolean isCaption(Node node) {
        return node instanceof Paragraph
                && node.getFirstChild() instanceof Emphasis
                && node.getFirstChild() == node.getLastChild()
                && node.getPrevious() != null
                && node.getPrevious().getFirstChild() instanceof Image;
    }

    /** Puts HTML in the place of formulas and code. */
    private static void replaceBlocks(Node root, UnaryOperator<String> target) {
        List<Node> nodes = new ArrayList<>();
        root.accept(new AbstractVisitor() {
            @Override
            public void visit(FencedCodeBlock block) {
                nodes.add(block);
            }

            @Override
            public void visit(Code code) {
                if (code.getPrevious() instanceof Text before
                        && before.getLiteral().endsWith("$")
                        && code.getNext() instanceof Text after
                        && after.getLiteral().startsWith("$")) {
                    nodes.add(code);
                }
            }
        });
        for (Node node : nodes) {
            if (node instanceof Code code) {
                Text before = (Text) code.getPrevious();
                Text after = (Text) code.getNext();
                before.setLiteral(
                        before.getLiteral().substring(0, before.getLiteral().length() - 1));
                after.setLiteral(after.getLiteral().substring(1));
                HtmlInline formula = new HtmlInline();
                formula.setLiteral(Formula.html(code.getLiteral(), false));
                code.insertAfter(formula);
                code.unlink();
            } else if (node instanceof FencedCodeBlock block) {
                HtmlBlock html = new HtmlBlock();
                html.setLiteral(block(block.getInfo(), block.getLiteral(), target));
                block.insertAfter(html);
                block.unlink();
            }
        }
    }

    private static String block(String language, String code, UnaryOperator<String> target) {
        if (language.equals("math")) {
            return Formula.html(code, true);
        }
        if (!language.equals("include")) {
            boolean shell = language.equals("sh") || language.equals("console");
            return (shell ? "<pre class=\"shell\"><code>" : "<pre><code>") + CodeColors.html(code, language)
                    + "</code></pre>";
        }
        String[] lines = code.strip().split("\n", 2);
        try {
            Excerpt excerpt = Excerpt.of(Path.of(lines[0]), lines[1]);
            String name = Path.of(lines[0]).getFileName().toString();
            return "<figure class=\"code\"><figcaption><a href=\""
                    + target.apply("/" + lines[0] + "#L" + excerpt.line())
                    + "\">" + name + "</a></figcaption><pre><code>"
                    + CodeColors.html(excerpt.text(), name.endsWith(".java") ? "java" : "c")
                    + "</code></pre></figure>";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
