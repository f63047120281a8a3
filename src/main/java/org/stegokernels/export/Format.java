package org.stegokernels.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.text.Spelling;

/** The formats in which results are written, each for the tools that open it. */
public enum Format {
    PNG("png", "class ids as a palette PNG in the colours of the classes", PixelFormats::palette),
    IDS("ids", "class ids as an 8-bit grey PNG, for OpenCV and scikit-image", (folder, s) -> PixelFormats.ids(folder)),
    INSTANCES(
            "instances",
            "numbers of objects as a 16-bit grey PNG, for OpenCV, scikit-image and Fiji",
            (folder, s) -> PixelFormats.instances(folder)),
    COLOR("color", "the colours of the classes as an RGB PNG, to look at", PixelFormats::color),
    NPY("npy", "class ids as an array, for NumPy", (folder, s) -> PixelFormats.npy(folder)),
    CONFIDENCE(
            "confidence",
            "how sure the model is of each pixel, as a 16-bit grey PNG: 65535 is 1",
            (folder, s) -> PixelFormats.confidence(folder)),
    CUTOUT("cutout", "one class of the photograph on transparent ground, as an RGBA PNG", PixelFormats::cutout),
    CITYSCAPES("cityscapes", "class ids of Cityscapes, for its evaluation", CityscapesIds::open),
    COCO("coco", "objects as exact masks (RLE), for pycocotools, FiftyOne and CVAT", CocoFormat::rle),
    COCO_POLYGONS(
            "coco-polygons",
            "objects as polygons of COCO, for tools without RLE; holes are cut by bridges",
            CocoFormat::polygons),
    YOLO("yolo", "objects as polygons for YOLO, with data.yaml; holes are cut by bridges", YoloFormat::open),
    GEOJSON("geojson", "objects as polygons, for QGIS and QuPath", GeoJsonFormat::open),
    LABEL_STUDIO("labelstudio", "predictions as brush masks, for Label Studio", LabelStudioFormat::open),
    CVAT("cvat", "CVAT's \"Segmentation mask 1.1\", to be zipped", CvatFormat::open),
    OBJECTS("objects", "the measures of all objects, as CSV and JSON", ObjectTable::open);

    private final String title;
    private final String description;
    private final Opener opener;

    Format(String title, String description, Opener opener) {
        this.title = title;
        this.description = description;
        this.opener = opener;
    }

    @FunctionalInterface
    private interface Opener {
        ExportFormat open(Path folder, ExportSettings settings) throws IOException;
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
     * @throws IllegalArgumentException if the settings don't go with it; the message says what to do
     * @throws IOException if the folder can't be written to
     */
    public ExportFormat open(Path folder, ExportSettings settings) throws IOException {
        return opener.open(folder, settings);
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
