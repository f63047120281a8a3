package org.stegokernels.export;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.image.LabelMap;
import org.stegokernels.text.JsonWriter;

/**
 * Predictions for Label Studio: {@code tasks.json}, one task a picture and in it one brush mask a class, and
 * {@code config.xml}, the labelling interface that they are for. Masks rather than polygons, since its polygons have no
 * holes; they are imported as they are.
 */
final class LabelStudioFormat implements ExportFormat {
    private static final String CONTROL = "label";
    private static final String OBJECT = "image";

    private final Outputs outputs;
    private final Settings settings;
    private final Outputs.Spool tasks;
    private int results;

    private LabelStudioFormat(Outputs outputs, Settings settings) throws IOException {
        this.outputs = outputs;
        this.settings = settings;
        tasks = new Outputs.Spool(outputs.folder(), ",\n");
    }

    static ExportFormat open(Outputs outputs, Settings settings) throws IOException {
        return new LabelStudioFormat(outputs, settings);
    }

    @Override
    public void add(Picture picture) throws IOException {
        ObjectMap objects = picture.objects();
        boolean[] found = new boolean[LabelMap.IGNORE];
        for (int object = 0; object < objects.count(); object++) {
            found[objects.classOf(object)] = true;
        }
        tasks.add(JsonWriter.bytes(json -> {
            json.beginObject("data");
            json.field(OBJECT, settings.imageRoot() + encoded(picture.file()));
            json.endObject();
            json.beginList("predictions");
            json.beginObject();
            json.field("model_version", settings.model());
            json.beginList("result");
            for (Category category : settings.categories()) {
                if (found[category.id()]) {
                    write(json, objects, category);
                }
            }
            json.endList();
            json.endObject();
            json.endList();
        }));
    }

    private void write(JsonWriter json, ObjectMap objects, Category category) throws IOException {
        json.beginObject();
        json.field("id", "r" + ++results);
        json.field("type", "brushlabels");
        json.field("from_name", CONTROL);
        json.field("to_name", OBJECT);
        json.field("original_width", objects.width());
        json.field("original_height", objects.height());
        json.field("image_rotation", 0);
        json.beginObject("value");
        json.field("format", "rle");
        json.field("rle", BrushRle.of(objects, category.id()));
        json.field("brushlabels", List.of(category.name()));
        json.endObject();
        json.endObject();
    }

    /** Returns a name as a part of an address: slashes stay, spaces are {@code %20}. */
    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    @Override
    public void finish() throws IOException {
        StringBuilder config = new StringBuilder("<View>\n");
        config.append("  <Image name=\"" + OBJECT + "\" value=\"$" + OBJECT + "\" zoom=\"true\"/>\n");
        config.append("  <BrushLabels name=\"" + CONTROL + "\" toName=\"" + OBJECT + "\">\n");
        for (Category category : settings.categories()) {
            config.append(String.format(
                    Locale.ROOT,
                    "    <Label value=\"%s\" background=\"#%06x\"/>\n",
                    xml(category.name()),
                    category.rgb() & 0xFFFFFF));
        }
        config.append("  </BrushLabels>\n</View>\n");
        outputs.write("config.xml", out -> out.write(config.toString().getBytes(StandardCharsets.UTF_8)));
        outputs.write("tasks.json", out -> {
            out.write("[".getBytes(StandardCharsets.UTF_8));
            tasks.copyTo(out);
            out.write("]\n".getBytes(StandardCharsets.UTF_8));
        });
    }

    /** Returns a text as the value of an attribute; characters that XML can't hold become question marks. */
    private static String xml(String text) {
        StringBuilder xml = new StringBuilder();
        text.codePoints().forEach(character -> {
            switch (character) {
                case '&' -> xml.append("&amp;");
                case '<' -> xml.append("&lt;");
                case '"' -> xml.append("&quot;");
                default -> xml.appendCodePoint(isXml(character) ? character : '?');
            }
        });
        return xml.toString();
    }

    private static boolean isXml(int character) {
        return character >= 0x20 && character < 0xD800
                || character >= 0xE000 && character < 0xFFFE
                || character >= 0x10000;
    }

    @Override
    public void close() throws IOException {
        tasks.close();
    }
}
