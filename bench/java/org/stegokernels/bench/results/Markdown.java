package org.stegokernels.bench.results;

import java.util.Collections;
import java.util.List;

/** Tables of Markdown. */
final class Markdown {
    private Markdown() {}

    static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    static String head(String... cells) {
        return row(cells) + "\n|" + String.join("", Collections.nCopies(cells.length, "---|"));
    }

    static String table(String head, List<String> rows) {
        return head + "\n" + String.join("\n", rows) + "\n";
    }
}
