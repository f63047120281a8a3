package org.stegokernels.doc;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Marks comments, strings, keywords and numbers of code, for the style sheet to colour. */
final class CodeColors {
    private static final String KEYWORDS =
            "abstract|boolean|break|byte|case|catch|class|const|continue|default|do|double|else"
                    + "|enum|extends|final|float|for|global|if|implements|import|int|interface|kernel|local|long|new|null|package"
                    + "|private|protected|public|record|return|short|size_t|static|super|switch|this|throw|throws|try|uint|var|void"
                    + "|while|true|false|__global|__kernel|__local|restrict";
    private static final Pattern JAVA = Pattern.compile(
            "(?<comment>//[^\\n]*|/\\*.*?\\*/)"
                    + "|(?<string>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)+')"
                    + "|\\b(?<keyword>" + KEYWORDS + ")\\b"
                    + "|\\b(?<number>\\d[\\w.]*)\\b",
            Pattern.DOTALL);
    private static final Pattern SHELL = Pattern.compile(
            "(?<comment>(?:^|(?<=\\s))#[^\\n]*)"
                    + "|(?<string>\"[^\"\\n]*\"|'[^'\\n]*')"
                    + "|(?<keyword>(?<=\\s)--?[A-Za-z][\\w-]*)"
                    + "|(?<number>$^)",
            Pattern.MULTILINE);

    private CodeColors() {}

    /** @param language java, c, sh or any other, which is left as it is */
    static String html(String code, String language) {
        Pattern pattern = switch (language) {
            case "java", "c" -> JAVA;
            case "sh", "console" -> SHELL;
            default -> null;
        };
        if (pattern == null) {
            return escape(code);
        }
        StringBuilder html = new StringBuilder();
        Matcher match = pattern.matcher(code);
        int last = 0;
        while (match.find()) {
            html.append(escape(code.substring(last, match.start())));
            String kind = match.group("comment") != null
                    ? "c"
                    : match.group("string") != null ? "s" : match.group("keyword") != null ? "k" : "n";
            html.append("<span class=\"")
                    .append(kind)
                    .append("\">")
                    .append(escape(match.group()))
                    .append("</span>");
            last = match.end();
        }
        return html.append(escape(code.substring(last))).toString();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
