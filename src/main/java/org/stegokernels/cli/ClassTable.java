package org.stegokernels.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.text.Printable;

/** The result of a segmentation run as a short table: the classes that were found, largest first. */
final class ClassTable {
    private static final int LONGEST_NAME = 32;

    private final Console console;

    ClassTable(Console console) {
        this.console = console;
    }

    void print(Summary summary, Path folder) {
        PrintStream out = console.out();
        List<Segmentation.ClassInfo> found = summary.classes().stream()
                .filter(each -> summary.share(each) > 0)
                .sorted(Comparator.comparingDouble((Segmentation.ClassInfo each) -> -summary.share(each)))
                .toList();
        if (!found.isEmpty()) {
            int width =
                    found.stream().mapToInt(each -> name(each).length()).max().orElse(0);
            out.println(margin() + pad("id", 4) + pad("class", width + 2) + " share");
            for (Segmentation.ClassInfo each : found) {
                out.writeBytes(swatch(each));
                out.println(pad(Integer.toString(each.id()), 4)
                        + pad(name(each), width + 2)
                        + String.format(Locale.ROOT, "%5.1f%%", 100 * summary.share(each)));
            }
            out.println();
        }
        out.println(summary.inWords("segmented", folder));
    }

    private String margin() {
        return console.color() ? "   " : "";
    }

    /** Returns a square of the class's colour as bytes: text can't colour anything. */
    private byte[] swatch(Segmentation.ClassInfo each) {
        if (!console.color()) {
            return new byte[0];
        }
        int rgb = each.rgb();
        String square =
                "\u001b[48;2;" + (rgb >> 16 & 0xFF) + ";" + (rgb >> 8 & 0xFF) + ";" + (rgb & 0xFF) + "m  \u001b[0m ";
        return square.getBytes(StandardCharsets.US_ASCII);
    }

    private static String name(Segmentation.ClassInfo each) {
        String name = Printable.line(each.name());
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME - 3) + "..." : name;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
