package org.stegokernels.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.text.JsonWriter;

/**
 * Objects as polygons for YOLO (Ultralytics' segmentation format): {@code labels/NAME.txt} with one object a line, its class
 * and its points as shares of width and height; and {@code data.yaml}, which looks for the photographs in {@code images/}.
 * A line has no holes; they are cut by a bridge of no width, see {@link Polygons#bridged}. Classes count from 0 without gaps, in the
 * order in which they are given.
 */
final class YoloFormat implements ExportFormat {
    private final Outputs outputs;
    private final Settings settings;
    private final int[] indices = new int[256];

    private YoloFormat(Outputs outputs, Settings settings) {
        this.outputs = outputs;
        this.settings = settings;
        for (int id = 0; id < indices.length; id++) {
            indices[id] = -1;
        }
        int count = 0;
        for (Category category : settings.categories()) {
            indices[category.id()] = count++;
        }
    }

    static ExportFormat open(Outputs outputs, Settings settings) {
        return new YoloFormat(outputs, settings);
    }

    @Override
    public void add(Picture picture) throws IOException {
        List<Polygon> polygons = picture.polygons(settings.tolerance());
        outputs.write("labels/" + picture.name() + ".txt", out -> {
            for (Measures object : picture.measures()) {
                if (indices[object.classId()] >= 0) {
                    String line = line(indices[object.classId()], polygons.get(object.object()), picture);
                    out.write(line.getBytes(StandardCharsets.US_ASCII));
                }
            }
        });
    }

    private static String line(int index, Polygon polygon, Picture picture) {
        StringBuilder line = new StringBuilder().append(index);
        int[] ring = Polygons.bridged(polygon);
        for (int i = 0; i < ring.length; i++) {
            int side = i % 2 == 0 ? picture.width() : picture.height();
            line.append(' ').append(share(ring[i], side));
        }
        return line.append('\n').toString();
    }

    /** Returns a share with 6 decimals; {@link String#format} would take most of the time. */
    private static String share(int part, int whole) {
        long millionths = Math.round(part * 1e6 / whole);
        if (millionths >= 1_000_000) {
            return "1";
        }
        String digits = Long.toString(1_000_000 + millionths);
        return "0." + digits.substring(1);
    }

    @Override
    public void finish() throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "# Put or link the photographs into images/, in the folders and under the names of those in labels/.",
                "# Objects are polygons; their holes are cut by bridges of no width.",
                "train: images",
                "val: images",
                "names:"));
        for (Category category : settings.categories()) {
            // A string of JSON is one of YAML.
            lines.add(String.format(Locale.ROOT, "  %d: %s", indices[category.id()], JsonWriter.text(category.name())));
        }
        outputs.write(
                "data.yaml", out -> out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}
