package org.stegokernels.doc;

import java.util.Map;
import java.util.Set;

/**
 * Makes MathML of the little TeX that the pages need, so that they show formulas without a network or a script: letters,
 * numbers, signs, {@code ^ _ {}}, fractions, roots, Greek letters, sums and names of functions. What it does not know is an
 * error, never a guess.
 */
final class Formula {
    private static final Map<String, String> LETTERS = Map.ofEntries(
            Map.entry("alpha", "α"),
            Map.entry("beta", "β"),
            Map.entry("gamma", "γ"),
            Map.entry("delta", "δ"),
            Map.entry("epsilon", "ε"),
            Map.entry("theta", "θ"),
            Map.entry("lambda", "λ"),
            Map.entry("mu", "μ"),
            Map.entry("pi", "π"),
            Map.entry("sigma", "σ"),
            Map.entry("tau", "τ"),
            Map.entry("phi", "φ"),
            Map.entry("psi", "ψ"),
            Map.entry("Phi", "Φ"),
            Map.entry("ell", "ℓ"));
    private static final Map<String, String> SIGNS = Map.ofEntries(
            Map.entry("cdot", "·"),
            Map.entry("times", "×"),
            Map.entry("le", "≤"),
            Map.entry("ge", "≥"),
            Map.entry("ne", "≠"),
            Map.entry("in", "∈"),
            Map.entry("to", "→"),
            Map.entry("lVert", "‖"),
            Map.entry("rVert", "‖"),
            Map.entry("lvert", "|"),
            Map.entry("rvert", "|"),
            Map.entry("top", "⊤"),
            Map.entry("propto", "∝"),
            Map.entry("dots", "…"));
    private static final Map<String, String> LARGE = Map.of("sum", "∑", "prod", "∏");
    private static final Set<String> NAMES = Set.of("exp", "log", "max", "min", "cos", "sin");

    private final String tex;
    private int at;

    private Formula(String tex) {
        this.tex = tex;
    }

    /** @param display true for a formula on lines of its own, with {@code \\} between lines */
    static String html(String tex, boolean display) {
        StringBuilder html = new StringBuilder();
        for (String line : tex.strip().split("\\\\\\\\")) {
            Formula formula = new Formula(line.strip());
            String row = formula.row('\0');
            html.append(display ? "<math display=\"block\">" : "<math>")
                    .append(row)
                    .append("</math>");
        }
        return html.toString();
    }

    private String row(char end) {
        StringBuilder row = new StringBuilder();
        while (true) {
            skipSpace();
            if (at == tex.length()) {
                if (end != '\0') {
                    throw new IllegalArgumentException("a formula ends without " + end + ": " + tex);
                }
                return "<mrow>" + row + "</mrow>";
            }
            if (tex.charAt(at) == end) {
                at++;
                return "<mrow>" + row + "</mrow>";
            }
            row.append(scripted());
        }
    }

    /** Reads an atom with what stands below and above it. */
    private String scripted() {
        String base = atom();
        String below = null;
        String above = null;
        for (skipSpace(); at < tex.length() && "_^".indexOf(tex.charAt(at)) >= 0; skipSpace()) {
            boolean isBelow = tex.charAt(at++) == '_';
            skipSpace();
            String script = atom();
            if ((isBelow ? below : above) != null) {
                throw new IllegalArgumentException("two scripts in one place: " + tex);
            }
            if (isBelow) {
                below = script;
            } else {
                above = script;
            }
        }
        if (below != null && above != null) {
            return tag("msubsup", base + below + above);
        }
        return below != null ? tag("msub", base + below) : above != null ? tag("msup", base + above) : base;
    }

    private String atom() {
        char c = tex.charAt(at);
        if (c == '{') {
            at++;
            return row('}');
        }
        if (c == '\\') {
            return command();
        }
        if (Character.isDigit(c)) {
            int start = at;
            while (at < tex.length() && (Character.isDigit(tex.charAt(at)) || isPoint())) {
                at++;
            }
            return tag("mn", tex.substring(start, at));
        }
        at++;
        if (Character.isLetter(c)) {
            return tag("mi", String.valueOf(c));
        }
        if ("+-=()[]|,;:/!'<>*".indexOf(c) < 0) {
            throw new IllegalArgumentException("unknown sign " + c + " in a formula: " + tex);
        }
        return tag("mo", c == '-' ? "−" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : String.valueOf(c));
    }

    private boolean isPoint() {
        return tex.charAt(at) == '.' && at + 1 < tex.length() && Character.isDigit(tex.charAt(at + 1));
    }

    private String command() {
        at++;
        int start = at;
        while (at < tex.length() && Character.isLetter(tex.charAt(at))) {
            at++;
        }
        String name = tex.substring(start, at);
        if (name.isEmpty()) {
            return space(tex.charAt(at++));
        }
        if (name.equals("frac")) {
            String above = argument();
            return tag("mfrac", above + argument());
        }
        if (name.equals("sqrt")) {
            return tag("msqrt", argument());
        }
        if (name.equals("text") || name.equals("mathrm")) {
            int open = tex.indexOf('{', at);
            int close = tex.indexOf('}', open);
            at = close + 1;
            return tag(name.equals("text") ? "mtext" : "mi", tex.substring(open + 1, close));
        }
        if (LETTERS.containsKey(name)) {
            return tag("mi", LETTERS.get(name));
        }
        if (SIGNS.containsKey(name)) {
            return tag("mo", SIGNS.get(name));
        }
        if (LARGE.containsKey(name)) {
            return tag("mo", LARGE.get(name));
        }
        if (NAMES.contains(name)) {
            return tag("mi", name);
        }
        throw new IllegalArgumentException("unknown \\" + name + " in a formula: " + tex);
    }

    private String argument() {
        skipSpace();
        return atom();
    }

    private static String space(char sign) {
        return switch (sign) {
            case ',' -> "<mspace width=\"0.17em\"/>";
            case ' ' -> "<mspace width=\"0.5em\"/>";
            case '{', '}' -> tag("mo", String.valueOf(sign));
            default -> throw new IllegalArgumentException("unknown \\" + sign + " in a formula");
        };
    }

    private void skipSpace() {
        while (at < tex.length() && Character.isWhitespace(tex.charAt(at))) {
            at++;
        }
    }

    private static String tag(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }
}
