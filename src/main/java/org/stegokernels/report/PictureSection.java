package org.stegokernels.report;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.report.HtmlReport.Section;
import org.stegokernels.stego.Segmenter.Options.Probe;

/** Some images with their labels and predictions side by side, in the colours of the classes. */
final class PictureSection {
    /** Larger pictures are shrunk: the file would grow with nobody seeing more. */
    private static final int SIDE = 480;

    private PictureSection() {}

    private record Column(String title, String uri, String alt) {}

    static Section of(Evaluator.Result evaluated, DatasetClasses classes) {
        StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
        for (int id = 0; id < classes.count(); id++) {
            addLegend(html, classes.palette().color(id), classes.names().get(id));
        }
        addLegend(html, 0, "not labelled");
        boolean extra = evaluated
                .cluster()
                .map(scores -> scores.matrix().predictions() > classes.count())
                .orElse(false);
        if (extra) {
            addLegend(html, HtmlReport.NO_CLASS, "cluster without class");
        }
        html.append("</ul>\n");
        for (Evaluator.Picture picture : evaluated.pictures()) {
            List<Column> columns = columns(picture, evaluated, classes);
            html.append("<div class=\"pictures\" style=\"--columns:")
                    .append(columns.size())
                    .append("\">\n");
            for (Column column : columns) {
                html.append("<figure><figcaption>")
                        .append(column.title())
                        .append("</figcaption><img loading=\"lazy\" src=\"")
                        .append(column.uri())
                        .append("\" alt=\"")
                        .append(Html.text(column.alt()))
                        .append("\"/></figure>");
            }
            html.append("<span class=\"name\">").append(Html.text(picture.id())).append("</span></div>\n");
        }
        return new Section("pictures", "Pictures", html.toString());
    }

    private static void addLegend(StringBuilder html, int rgb, String name) {
        html.append("<li>").append(Html.chip(rgb)).append(Html.text(name)).append("</li>\n");
    }

    private static List<Column> columns(
            Evaluator.Picture picture, Evaluator.Result evaluation, DatasetClasses classes) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("Image", Html.dataUri(rgb(picture.image()), "jpg"), "Image " + picture.id()));
        columns.add(labels("Labels", picture.id(), picture.labels(), classes));
        evaluation
                .linear()
                .ifPresent(scores -> columns.add(
                        labels("Linear probe", picture.id(), picture.classesOf(Probe.LINEAR, scores), classes)));
        evaluation
                .cluster()
                .ifPresent(scores -> columns.add(
                        labels("Clusters", picture.id(), picture.classesOf(Probe.CLUSTER, scores), classes)));
        return columns;
    }

    private static Column labels(String title, String id, LabelMap map, DatasetClasses classes) {
        int[] counts = map.counts();
        List<String> found = IntStream.range(0, classes.count())
                .filter(label -> counts[label] > 0)
                .boxed()
                .sorted((a, b) -> counts[b] - counts[a])
                .limit(3)
                .map(label -> classes.names().get(label))
                .toList();
        String alt = title + " of " + id + (found.isEmpty() ? "" : ": mostly " + String.join(", ", found));
        return new Column(title, Html.dataUri(indexed(map, classes), "png"), alt);
    }

    private static int step(int width, int height) {
        return Math.max(1, (Math.max(width, height) + SIDE - 1) / SIDE);
    }

    private static BufferedImage rgb(RgbImage image) {
        int step = step(image.width(), image.height());
        BufferedImage small = new BufferedImage(
                (image.width() + step - 1) / step, (image.height() + step - 1) / step, BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int y = 0; y < small.getHeight(); y++) {
            for (int x = 0; x < small.getWidth(); x++) {
                int from = 3 * (y * step * image.width() + x * step);
                small.setRGB(x, y, (rgb[from] & 0xFF) << 16 | (rgb[from + 1] & 0xFF) << 8 | rgb[from + 2] & 0xFF);
            }
        }
        return small;
    }

    private static BufferedImage indexed(LabelMap map, DatasetClasses classes) {
        int[] colors = new int[256];
        for (int id = 0; id < classes.count(); id++) {
            colors[id] = classes.palette().color(id);
        }
        colors[classes.count()] = classes.count() < LabelMap.IGNORE ? HtmlReport.NO_CLASS : 0;
        IndexColorModel model = new IndexColorModel(8, 256, colors, 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE);
        int step = step(map.width(), map.height());
        BufferedImage small = new BufferedImage(
                (map.width() + step - 1) / step,
                (map.height() + step - 1) / step,
                BufferedImage.TYPE_BYTE_INDEXED,
                model);
        for (int y = 0; y < small.getHeight(); y++) {
            for (int x = 0; x < small.getWidth(); x++) {
                small.getRaster().setSample(x, y, 0, map.label(x * step, y * step));
            }
        }
        return small;
    }
}
