package org.stegokernels.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.Format;
import org.stegokernels.export.Specks;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;

/** The files that segmentations leave in the folder of the results. Those of one photograph at a time are written. */
final class SegmentationFiles implements Closeable {
    /** Kinds of files, as {@code summary.json} names them. */
    static final String LABELS = "labels";

    static final String OVERLAY = "overlay";
    static final String CONFIDENCE = "confidence";

    private static final float JPEG_QUALITY = 0.9f;

    private final ResultFolder results;
    private final Path folder;
    private final ResultSelection wanted;
    private final Exports exports;

    private SegmentationFiles(ResultFolder results, Path folder, ResultSelection wanted, Exports exports) {
        this.results = results;
        this.folder = folder;
        this.wanted = wanted;
        this.exports = exports;
    }

    /**
     * Begins to write.
     *
     * @param folder that of the results
     * @param model its name, for tools that show it
     * @throws UsageException if the classes don't go with a format
     */
    static SegmentationFiles open(
            ResultFolder results, Path folder, ResultSelection wanted, List<ClassInfo> classes, String model)
            throws IOException {
        Set<Format> formats = EnumSet.copyOf(wanted.formats());
        formats.remove(Format.PNG);
        Exports exports = Exports.open(formats, results, folder, classes, wanted.cutout(classes), model);
        return new SegmentationFiles(results, folder, wanted, exports);
    }

    /** Returns the files of a photograph by kind, without those of formats that have folders of their own. */
    static Map<String, Path> of(Path stem, ResultSelection wanted) {
        Map<String, Path> files = new LinkedHashMap<>();
        wanted.suffixes().forEach((kind, suffix) -> files.put(kind, Outputs.with(stem, suffix)));
        return files;
    }

    /** Returns the segmentation without labels that are unsure, and then without objects that are too small. */
    Segmentation refined(Segmentation result) {
        Segmentation sure = wanted.unsure() > 0 ? result.withoutUnsure(wanted.unsure()) : result;
        return wanted.minArea() > 1 ? sure.withLabels(Specks.merge(sure.labels(), wanted.minArea())) : sure;
    }

    /**
     * Writes the files of one photograph.
     *
     * @param stem its name in the folder of the results
     */
    void write(Segmentation result, Path photograph, Path stem) throws IOException {
        Map<String, Path> files = of(stem, wanted);
        if (files.containsKey(LABELS)) {
            results.write(
                    files.get(LABELS),
                    out -> PalettePng.write(out, result.labels(), Segmentation.palette(result.classes())));
        }
        if (files.containsKey(OVERLAY)) {
            results.write(files.get(OVERLAY), out -> writeOverlay(out, result, wanted, wanted.overlaySize()));
        }
        if (!exports.isEmpty()) {
            Picture picture = ResultReader.named(
                            folder.relativize(stem).toString(), photograph.toString(), result.labels())
                    .withPhotograph(result.image());
            exports.add(
                    result.confidence() == null
                            ? picture
                            : picture.withConfidence(ResultReader.rounded(result.confidence())));
        }
    }

    /** Takes in what an earlier run has left of a photograph. */
    void add(Picture picture) throws IOException {
        exports.add(picture);
    }

    /** Writes the files that all photographs share, after the last one. */
    void finish() throws IOException {
        exports.finish();
    }

    @Override
    public void close() {
        exports.close();
    }

    /**
     * Writes the picture to look at.
     *
     * @param longerSide of the picture without the legend, if that of the result is longer
     */
    static void writeOverlay(OutputStream out, Segmentation result, ResultSelection wanted, int longerSide)
            throws IOException {
        RgbImage picture = result.overlayWithLegend(longerSide);
        if (wanted.overlay() == ResultSelection.Overlay.PNG) {
            PngWriter.write(out, picture);
        } else {
            picture.writeJpeg(out, JPEG_QUALITY);
        }
    }
}
