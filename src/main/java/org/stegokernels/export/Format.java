package org.stegokernels.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.text.Spelling;

/** The formats in which results are written, each for the tools that open it. */
public enum Format {
    PNG("png", "class ids as a palette PNG in the colours of the classes"),
    IDS("ids", "class ids as an 8-bit grey PNG, for OpenCV and scikit-image"),
    INSTANCES("instances", "numbers of objects as a 16-bit grey PNG, for OpenCV, scikit-image and Fiji"),
    COLOR("color", "the colours of the classes as an RGB PNG, to look at"),
    NPY("npy", "class ids as an array, for NumPy"),
    CONFIDENCE("confidence", "how sure the model is of each pixel, as a 16-bit grey PNG: 65535 is 1"),
    CUTOUT("cutout", "one class of the photograph on transparent ground, as an RGBA PNG"),
    CITYSCAPES("cityscapes", "class ids of Cityscapes, for its evaluation"),
    COCO("coco", "objects as exact masks (RLE), for pycocotools, FiftyOne and CVAT"),
    COCO_POLYGONS("coco-polygons", "objects as polygons of COCO, for tools without RLE; holes are cut by bridges"),
    YOLO("yolo", "objects as polygons for YOLO, with data.yaml; holes are cut by bridges"),
    GEOJSON("geojson", "objects as polygons, for QGIS and QuPath"),
    LABEL_STUDIO("labelstudio", "predictions as brush masks, for Label Studio"),
    CVAT("cvat", "CVAT's \"Segmentation mask 1.1\", to be zipped"),
    OBJECTS("objects", "the measures of all objects, as CSV and JSON");

    private final String title;
    private final String description;

    Format(String title, String description) {
        this.title = title;
        this.description = description;
    }

    /** Returns the word by which a person chooses it. */
    public String title() {
        return title;
    }

    /** Returns what is written and for which tools, in a line. */
    public String description() {
        return description;
    }

    /**
     * Begins to write.
     *
     * @param folder of this format alone; made if it isn't there
     * @param files writes each file, whole or not at all
     * @throws IllegalArgumentException if the settings don't go with it; the message says what to do
     * @throws IOException if the folder can't be written to
     */
    public ExportFormat open(Path folder, AtomicFile.Target files, Settings settings) throws IOException {
        Outputs outputs = new Outputs(folder, files);
        return switch (this) {
            case PNG -> PixelFormats.palette(outputs, settings);
            case IDS -> PixelFormats.ids(outputs);
            case INSTANCES -> PixelFormats.instances(outputs);
            case COLOR -> PixelFormats.color(outputs, settings);
            case NPY -> PixelFormats.npy(outputs);
            case CONFIDENCE -> PixelFormats.confidence(outputs);
            case CUTOUT -> PixelFormats.cutout(outputs, settings);
            case CITYSCAPES -> CityscapesIds.open(outputs, settings);
            case COCO -> CocoFormat.rle(outputs, settings);
            case COCO_POLYGONS -> CocoFormat.polygons(outputs, settings);
            case YOLO -> YoloFormat.open(outputs, settings);
            case GEOJSON -> GeoJsonFormat.open(outputs, settings);
            case LABEL_STUDIO -> LabelStudioFormat.open(outputs, settings);
            case CVAT -> CvatFormat.open(outputs, settings);
            case OBJECTS -> ObjectTable.open(outputs, settings);
        };
    }

    /** Returns the words of all formats. */
    public static List<String> titles() {
        return Arrays.stream(values()).map(Format::title).toList();
    }

    /**
     * Returns the format of a word.
     *
     * @throws IllegalArgumentException if there is none; the message has the nearest one
     */
    public static Format of(String title) {
        for (Format format : values()) {
            if (format.title.equals(title)) {
                return format;
            }
        }
        throw new IllegalArgumentException("there is no format \"" + title + "\"; did you mean "
                + Spelling.nearest(title, titles()) + "? There are " + String.join(", ", titles()));
    }
}
