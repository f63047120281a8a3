package org.stegokernels.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.text.JsonWriter;

/**
 * Objects as annotations of COCO: one JSON file for all pictures, which pycocotools, FiftyOne and CVAT read. Ids of images,
 * annotations and categories begin with 1, since many tools take category 0 for the background: a category is the class id
 * + 1. Each object is one annotation with {@code iscrowd} 0; {@code score} is its confidence where that is known.
 *
 * <p>Masks are either compressed RLE, exact and as COCO-Stuff has them, or polygons for tools that take nothing else. A
 * polygon of COCO has no holes; they are cut by a bridge of no width to the outline, see {@link Polygons#bridged}.
 */
final class CocoFormat implements ExportFormat {
    private final Outputs outputs;
    private final String file;
    private final Settings settings;
    private final Category[] categories;
    private final boolean polygons;
    private final Outputs.Spool images;
    private final Outputs.Spool annotations;
    private int imageCount;
    private long annotationCount;

    private CocoFormat(Outputs outputs, Settings settings, boolean polygons) throws IOException {
        this.outputs = outputs;
        this.settings = settings;
        this.polygons = polygons;
        file = polygons ? "coco-polygons.json" : "coco.json";
        categories = Category.byId(settings.categories());
        images = new Outputs.Spool(outputs.folder(), ",\n");
        annotations = new Outputs.Spool(outputs.folder(), ",\n");
    }

    static ExportFormat rle(Outputs outputs, Settings settings) throws IOException {
        return new CocoFormat(outputs, settings, false);
    }

    static ExportFormat polygons(Outputs outputs, Settings settings) throws IOException {
        return new CocoFormat(outputs, settings, true);
    }

    @Override
    public void add(Picture picture) throws IOException {
        int image = ++imageCount;
        images.add(JsonWriter.bytes(json -> {
            json.field("id", image);
            json.field("width", picture.width());
            json.field("height", picture.height());
            json.field("file_name", picture.file());
        }));
        CocoRle rle = polygons ? null : CocoRle.of(picture.objects());
        List<Polygon> outlines = polygons ? picture.polygons(settings.tolerance()) : null;
        for (Measures object : picture.measures()) {
            if (categories[object.classId()] == null) {
                continue;
            }
            long id = ++annotationCount;
            annotations.add(JsonWriter.bytes(json -> {
                json.field("id", id);
                json.field("image_id", image);
                json.field("category_id", object.classId() + 1);
                json.field("iscrowd", 0);
                json.field("area", object.area());
                json.field("bbox", new int[] {object.x(), object.y(), object.width(), object.height()});
                if (!Double.isNaN(object.confidence())) {
                    json.field("score", Measures.rounded(object.confidence(), 4));
                }
                if (polygons) {
                    json.field("segmentation", List.of(Polygons.bridged(outlines.get(object.object()))));
                } else {
                    json.beginObject("segmentation");
                    json.field("size", new int[] {picture.height(), picture.width()});
                    json.field("counts", rle.counts(object.object()));
                    json.endObject();
                }
            }));
        }
    }

    @Override
    public void finish() throws IOException {
        outputs.write(file, out -> {
            write(out, "{\"info\":");
            out.write(JsonWriter.bytes(json -> json.field("description", "segmented by " + settings.model())));
            write(out, ",\n\"licenses\":[],\n\"categories\":[");
            String separator = "";
            for (Category category : settings.categories()) {
                write(out, separator);
                out.write(JsonWriter.bytes(json -> {
                    json.field("id", category.id() + 1);
                    json.field("name", category.name());
                    json.field("supercategory", "");
                }));
                separator = ",\n";
            }
            write(out, "],\n\"images\":[");
            images.copyTo(out);
            write(out, "],\n\"annotations\":[");
            annotations.copyTo(out);
            write(out, "]}\n");
        });
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        try (images) {
            annotations.close();
        }
    }
}
