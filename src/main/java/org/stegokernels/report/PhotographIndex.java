package org.stegokernels.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.stegokernels.image.LabelMap;
import org.stegokernels.io.ScratchFile;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;

/**
 * A contact sheet of segmented photographs as one HTML file: each with a slider between photograph and overlay, to be
 * filtered by class and sorted by name, by confidence, of a class too, or by share. Nothing is fetched, and by the page's own policy no script
 * runs and no style counts but those in it. It is XML as well.
 *
 * <p>Photographs come one by one and wait in a file without a name, so that memory holds one at a time. Many make their
 * pictures smaller: the page stays below about 25 MB for 200 photographs, and below about 100 MB for 5000. Safe for use
 * from many threads.
 */
public final class PhotographIndex implements AutoCloseable {
    /** The usual name of the page. */
    public static final String FILE = "index.html";

    private static final int LONGER_SIDE = 640;
    private static final int SHORTEST = 160;
    /** From here on the area of the pictures falls with their number. */
    private static final int MANY = 200;

    private static final float JPEG_QUALITY = 0.6f;
    /** Columns of the page in pixels, if the pictures are at least as large. */
    private static final int COLUMN = 300;
    /** Classes that are named below a photograph. */
    private static final int NAMED = 3;

    private final FileChannel entries;
    private final int side;
    /** By class, and of all photographs. */
    private final double[] pixels = new double[LabelMap.IGNORE];

    private double allPixels;
    private long length;
    private int count;

    /**
     * Makes an empty sheet.
     *
     * @param folder a place for the file in which photographs wait
     * @param photographs about how many there will be
     */
    public PhotographIndex(Path folder, int photographs) throws IOException {
        entries = ScratchFile.create(folder);
        side = side(photographs);
    }

    /** Returns the longer side of the pictures for a number of photographs. */
    static int side(int photographs) {
        double scale = Math.sqrt((double) MANY / Math.max(MANY, photographs));
        return (int) Math.max(SHORTEST, Math.round(scale * LONGER_SIDE));
    }

    /**
     * Adds a photograph, wholly or not at all.
     *
     * @param name of the photograph, to be shown
     * @param link the path, relative to the page and with slashes, of a file that its name leads to; null for none
     * @throws IOException if the disk is full
     */
    public void add(String name, String link, Segmentation result) throws IOException {
        add(name, link, result, result.image().pixels());
    }

    /**
     * As {@link #add(String, String, Segmentation)}, for a photograph that was larger than the image of the result.
     *
     * @param size of the photograph in pixels
     */
    public void add(String name, String link, Segmentation result, long size) throws IOException {
        byte[] entry = entry(name, link, result).getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            ScratchFile.write(entries, ByteBuffer.wrap(entry), length);
            length += entry.length;
            count++;
            allPixels += size;
            for (ClassInfo each : result.classes()) {
                pixels[each.id()] += size * result.shares()[each.id()];
            }
        }
    }

    /** Returns the number of photographs so far. */
    public synchronized int count() {
        return count;
    }

    private String entry(String name, String link, Segmentation result) {
        Segmentation small = result.shrunk(side);
        List<ClassInfo> found = result.classes().stream()
                .filter(each -> result.shares()[each.id()] > 0)
                .sorted(Comparator.comparingDouble(each -> -result.shares()[each.id()]))
                .toList();
        String shares = byClass(found, result.shares());
        String scores = byClass(found, result.scores());
        List<ClassInfo> most = found.stream().limit(NAMED).toList();
        String mostly = most.stream()
                .map(each -> each.name() + " " + Html.percent(result.shares()[each.id()]) + " %")
                .collect(Collectors.joining(", "));
        String chips = most.stream()
                .map(each -> "<span>" + chip(each) + Html.text(each.name()) + " <small>"
                        + Html.percent(result.shares()[each.id()]) + " %</small></span>")
                .collect(Collectors.joining("\n"));
        double confidence = confidence(result);
        String size = "\" width=\"" + small.image().width() + "\" height=\""
                + small.image().height() + "\" loading=\"lazy\"/>";
        return "<li data-name=\"" + Html.text(name) + "\" data-confidence=\"" + decimal(confidence)
                + "\" data-shares=\"" + shares + "\" data-scores=\"" + scores
                + "\">\n<div class=\"frame\"><div class=\"compare\"><img src=\""
                + Html.jpegUri(small.image().toImage(), JPEG_QUALITY) + "\" alt=\"Photograph " + Html.text(name) + size
                + "<img class=\"overlay\" src=\"" + Html.jpegUri(small.overlay().toImage(), JPEG_QUALITY)
                + "\" alt=\"Overlay of " + Html.text(name + (mostly.isEmpty() ? "" : ": " + mostly)) + size
                + "<input type=\"range\" min=\"0\" max=\"100\" value=\"50\" aria-label=\"Part of the photograph that is"
                + " without overlay: " + Html.text(name) + "\"/></div></div>\n<p class=\"name\">"
                + heading(name, link) + " <small>" + Html.percent(confidence)
                + " % sure</small></p>\n" + bar(found, result.shares()) + "\n<p class=\"most\">" + chips
                + "</p>\n</li>\n";
    }

    private static String byClass(List<ClassInfo> classes, double[] values) {
        return classes.stream()
                .map(each -> each.id() + ":" + decimal(values[each.id()]))
                .collect(Collectors.joining(" "));
    }

    private static String heading(String name, String link) {
        return link == null
                ? "<b>" + Html.text(name) + "</b>"
                : "<a href=\"" + Html.text(Html.link(link)) + "\">" + Html.text(name) + "</a>";
    }

    /** Returns the mean probability of the labels of all pixels that have one. */
    private static double confidence(Segmentation result) {
        double sum = 0;
        for (ClassInfo each : result.classes()) {
            sum += result.shares()[each.id()] * result.scores()[each.id()];
        }
        double labelled = Arrays.stream(result.shares()).sum();
        return labelled == 0 ? 0 : sum / labelled;
    }

    private static String bar(List<ClassInfo> found, double[] shares) {
        StringBuilder html = new StringBuilder(
                "<svg class=\"bar\" viewBox=\"0 0 1 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        double from = 0;
        for (ClassInfo each : found) {
            double share = shares[each.id()];
            html.append("<rect class=\"c").append(each.id()).append("\" x=\"").append(decimal(from));
            html.append("\" width=\"").append(decimal(share)).append("\" height=\"1\"/>");
            from += share;
        }
        return html.append("</svg>").toString();
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String chip(ClassInfo each) {
        return "<i class=\"chip c" + each.id() + "\"></i>";
    }

    /**
     * Writes the page, of what was added so far; the stream stays open.
     *
     * @param classes all that photographs may have, by id
     * @param lead one sentence about them
     */
    public synchronized void write(OutputStream out, List<ClassInfo> classes, String lead) throws IOException {
        String style = Html.resource("photograph_index.css") + colors(classes) + ":root { --column: "
                + Math.min(side, COLUMN) + "px; }\n";
        String script = Html.resource("photograph_index.js");
        String head = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src '"
                + hash(style) + "'; script-src '" + hash(script) + "'; base-uri 'none'; form-action 'none'\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>Segmented"
                + " photographs</title>\n<style>" + style + "</style>\n</head>\n<body>\n<header>\n<h1>Segmented"
                + " photographs</h1>\n<p class=\"lead\">" + Html.text(lead) + "</p>\n" + controls(classes)
                + "</header>\n<main>\n<ul id=\"photographs\">\n";
        String foot = "</ul>\n</main>\n<footer>Made by stego-kernels. How sure: the mean probability of the labels of a"
                + " photograph's pixels. A name leads to the picture at full size.</footer>\n<script>" + script
                + "</script>\n</body>\n</html>\n";
        out.write(head.getBytes(StandardCharsets.UTF_8));
        entries.position(0);
        Channels.newInputStream(entries).transferTo(out);
        out.write(foot.getBytes(StandardCharsets.UTF_8));
    }

    private static String colors(List<ClassInfo> classes) {
        return classes.stream()
                .map(each -> String.format(
                        Locale.ROOT, ".c%d { background: #%06x; fill: #%2$06x; }\n", each.id(), each.rgb()))
                .collect(Collectors.joining());
    }

    private String controls(List<ClassInfo> classes) {
        StringBuilder html = new StringBuilder(
                "<div id=\"classes\" role=\"group\" aria-label=\"Show only photographs with a class\">\n"
                        + "<span>Show only</span>\n");
        classes.stream()
                .filter(each -> pixels[each.id()] > 0)
                .sorted(Comparator.comparingDouble(each -> -pixels[each.id()]))
                .forEach(each -> html.append("<button type=\"button\" aria-pressed=\"false\" data-class=\"")
                        .append(each.id())
                        .append("\" data-name=\"")
                        .append(Html.text(each.name()))
                        .append("\">")
                        .append(chip(each))
                        .append(Html.text(each.name()))
                        .append(" <small>")
                        .append(Html.percent(pixels[each.id()] / allPixels))
                        .append(" %</small></button>\n"));
        return html.append("</div>\n<div class=\"tools\">\n<label>Sort by <select id=\"order\">")
                .append("<option value=\"name\">name</option>")
                .append("<option value=\"unsure\">least sure first</option>")
                .append("<option value=\"sure\">most sure first</option>")
                .append("<option value=\"share\" disabled=\"disabled\">share of the chosen class</option>")
                .append("</select></label>\n<label class=\"all\">Overlay <input id=\"all\" type=\"range\" min=\"0\"")
                .append(" max=\"100\" value=\"50\" aria-label=\"Part of every photograph that is without overlay\"/>")
                .append(" photograph</label>\n<output id=\"shown\" aria-live=\"polite\">")
                .append(count)
                .append(count == 1 ? " photograph" : " photographs")
                .append("</output>\n</div>\n")
                .toString();
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        entries.close();
    }
}
