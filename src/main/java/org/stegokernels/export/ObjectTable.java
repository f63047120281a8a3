package org.stegokernels.export;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.text.JsonWriter;

/**
 * The measures of all objects of all pictures: {@code objects.csv} (RFC 4180, UTF-8) for spreadsheets and
 * {@code objects.json} for programs. Objects count from 1 in each picture. A name that a spreadsheet would take for a formula
 * has an apostrophe before it in the CSV.
 */
final class ObjectTable implements ExportFormat {
    private static final String HEAD = "image,object,class_id,class,area,share,x,y,width,height,"
            + "centroid_x,centroid_y,perimeter,confidence\r\n";

    private final Outputs outputs;
    private final Category[] categories;
    private final Outputs.Spool rows;
    private final Outputs.Spool images;

    private ObjectTable(Outputs outputs, Settings settings) throws IOException {
        this.outputs = outputs;
        categories = Category.byId(settings.categories());
        rows = new Outputs.Spool(outputs.folder(), "");
        images = new Outputs.Spool(outputs.folder(), ",\n");
    }

    static ExportFormat open(Outputs outputs, Settings settings) throws IOException {
        return new ObjectTable(outputs, settings);
    }

    @Override
    public void add(Picture picture) throws IOException {
        long pixels = (long) picture.width() * picture.height();
        StringBuilder lines = new StringBuilder();
        for (Measures object : picture.measures()) {
            lines.append(field(picture.file())).append(',');
            lines.append(object.object() + 1)
                    .append(',')
                    .append(object.classId())
                    .append(',');
            lines.append(field(className(object)))
                    .append(',')
                    .append(object.area())
                    .append(',');
            lines.append(text((double) object.area() / pixels, 6)).append(',');
            lines.append(object.x()).append(',').append(object.y()).append(',');
            lines.append(object.width()).append(',').append(object.height()).append(',');
            lines.append(text(object.centroidX(), 2)).append(',');
            lines.append(text(object.centroidY(), 2)).append(',');
            lines.append(object.perimeter()).append(',');
            lines.append(Double.isNaN(object.confidence()) ? "" : text(object.confidence(), 4));
            lines.append("\r\n");
        }
        rows.add(lines.toString());
        images.add(JsonWriter.bytes(json -> {
            json.field("image", picture.file());
            json.field("width", picture.width());
            json.field("height", picture.height());
            json.beginList("objects");
            for (Measures object : picture.measures()) {
                json.beginObject();
                write(json, object, pixels);
                json.endObject();
            }
            json.endList();
        }));
    }

    private void write(JsonWriter json, Measures object, long pixels) throws IOException {
        json.field("object", object.object() + 1);
        json.field("class_id", object.classId());
        json.field("class", className(object));
        json.field("area", object.area());
        json.field("share", Measures.rounded((double) object.area() / pixels, 6));
        json.field("box", new int[] {object.x(), object.y(), object.width(), object.height()});
        json.field(
                "centroid",
                new double[] {Measures.rounded(object.centroidX(), 2), Measures.rounded(object.centroidY(), 2)});
        json.field("perimeter", object.perimeter());
        if (!Double.isNaN(object.confidence())) {
            json.field("confidence", Measures.rounded(object.confidence(), 4));
        }
    }

    /** Returns a rounded number in digits, never with an exponent. */
    private static String text(double value, int decimals) {
        return new BigDecimal(Double.toString(Measures.rounded(value, decimals))).toPlainString();
    }

    private String className(Measures object) {
        Category category = categories[object.classId()];
        return category == null ? "" : category.name();
    }

    /** Returns a text as a field of CSV that is no formula (OWASP's rule). */
    private static String field(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r\n＝＋－＠".indexOf(text.charAt(0)) >= 0;
        String safe = formula ? "'" + text : text;
        boolean quoted =
                safe.indexOf(',') >= 0 || safe.indexOf('"') >= 0 || safe.indexOf('\r') >= 0 || safe.indexOf('\n') >= 0;
        return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    @Override
    public void finish() throws IOException {
        outputs.write("objects.csv", out -> {
            out.write(HEAD.getBytes(StandardCharsets.UTF_8));
            rows.copyTo(out);
        });
        outputs.write("objects.json", out -> {
            out.write("{\"images\":[".getBytes(StandardCharsets.UTF_8));
            images.copyTo(out);
            out.write("]}\n".getBytes(StandardCharsets.UTF_8));
        });
    }

    @Override
    public void close() throws IOException {
        try (rows) {
            images.close();
        }
    }
}
