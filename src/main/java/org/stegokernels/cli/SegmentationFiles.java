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
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.InnerPath;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.RasterView;
import org.stegokernels.raster.RasterView.Stretch;
import org.stegokernels.raster.RowWriter;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;

/** The files that segmentations leave in the folder of the results. Those of one photograph at a time are written. */
final class SegmentationFiles implements Closeable {
    /** Kinds of files, as {@code summary.json} names them. */
    static final String LABELS = "labels";

    static final String OVERLAY = "overlay";
    static final String CONFIDENCE = "confidence";

    private static final float JPEG_QUALITY = 0.9f;
    /** Pixels that are read at once, unless one row has more. */
    private static final int BAND_PIXELS = 1 << 20;

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
        formats.removeAll(EnumSet.of(Format.PNG, Format.CONFIDENCE));
        Exports exports = Exports.open(formats, results, folder, classes, wanted.cutout(classes), model);
        return new SegmentationFiles(results, folder, wanted, exports);
    }

    /**
     * Returns the files of a photograph by kind, without those of formats that have folders of their own.
     *
     * @param ending as in {@link ResultSelection#suffixes}
     */
    static Map<String, Path> of(Path stem, ResultSelection wanted, String ending) {
        Map<String, Path> files = new LinkedHashMap<>();
        wanted.suffixes(ending).forEach((kind, suffix) -> files.put(kind, Outputs.with(stem, suffix)));
        return files;
    }

    /**
     * Makes sure, before anything is computed, that a photograph has the coordinates that a format asks for.
     *
     * @param reference its place on the ground, or null
     * @throws ImageException if it has a place, but no such coordinates
     */
    void requirePlace(GeoReference reference) {
        if (reference != null && wanted.formats().contains(Format.GEOJSON)) {
            wanted.crs().placement(reference);
        }
    }

    /**
     * Returns the segmentation without labels where a photograph with a place on the ground has no data, without those that
     * are unsure, and then without objects that are too small.
     *
     * @param reference the place, or null
     */
    Segmentation refined(Segmentation result, Path photograph, GeoReference reference) {
        Segmentation seen = reference == null ? result : withData(result, photograph);
        Segmentation sure = wanted.unsure() > 0 ? seen.withoutUnsure(wanted.unsure()) : seen;
        return wanted.minArea() > 1 ? sure.withLabels(Specks.merge(sure.labels(), wanted.minArea())) : sure;
    }

    /**
     * Writes the files of one photograph.
     *
     * @param stem its name in the folder of the results
     * @param reference its place on the ground, which labels and confidence have, too, as TIFF; or null
     */
    void write(Segmentation result, Path photograph, Path stem, GeoReference reference) throws IOException {
        Map<String, Path> files = of(stem, wanted, reference == null ? ResultSelection.PNG : ResultSelection.TIFF);
        if (files.containsKey(LABELS)) {
            writeLabels(files.get(LABELS), result, reference);
        }
        if (files.containsKey(OVERLAY)) {
            results.write(files.get(OVERLAY), out -> writeOverlay(out, result, wanted, wanted.overlaySize()));
        }
        if (files.containsKey(CONFIDENCE)) {
            LabelMap map = result.labels();
            Path file = files.get(CONFIDENCE);
            try (RowWriter rows = confidence(file, map.width(), map.height(), reference)) {
                for (int y = 0; y < map.height(); y++) {
                    rows.append(grey16(result.confidence(), y * map.width(), map.width()));
                }
                rows.finish(results::write);
            }
        }
        if (takesPictures()) {
            Picture picture = new Picture(name(stem), inputName(stem, photograph), result.labels())
                    .withPhotograph(result.image());
            if (result.confidence() != null) {
                picture.withConfidence(ResultReader.rounded(result.confidence()));
            }
            add(picture, reference);
        }
    }

    /** Returns the segmentation without labels, and with confidence 0, where a photograph has no data. */
    private static Segmentation withData(Segmentation result, Path photograph) {
        int width = result.labels().width();
        int height = result.labels().height();
        byte[] labels = result.labels().labels().clone();
        float[] confidence = result.confidence();
        boolean any = false;
        try (Raster raster = Raster.open(photograph)) {
            RasterView view = raster.view(raster.standardBands(), Stretch.NONE);
            int band = Math.max(1, BAND_PIXELS / width);
            for (int top = 0; top < height; top += band) {
                boolean[] valid = view.read(new Region(0, top, width, Math.min(band, height - top)))
                        .valid();
                for (int i = 0; i < valid.length; i++) {
                    if (!valid[i]) {
                        any = true;
                        labels[top * width + i] = (byte) LabelMap.IGNORE;
                        if (confidence != null) {
                            confidence[top * width + i] = 0;
                        }
                    }
                }
            }
        }
        return any ? result.withLabels(new LabelMap(width, height, labels)) : result;
    }

    private void writeLabels(Path file, Segmentation result, GeoReference reference) throws IOException {
        LabelMap map = result.labels();
        Palette palette = Segmentation.palette(result.classes());
        if (reference == null) {
            results.write(file, out -> PalettePng.write(out, map, palette));
            return;
        }
        try (RowWriter rows = RowWriter.labelTiff(file, map.width(), map.height(), palette, reference)) {
            rows.append(map.labels());
            rows.finish(results::write);
        }
    }

    /** Begins a picture of confidences in the format that the ending of its name says. */
    static RowWriter confidence(Path file, int width, int height, GeoReference reference) throws IOException {
        return isTiff(file)
                ? RowWriter.grey16Tiff(file, width, height, reference)
                : RowWriter.grey16Png(file, width, height);
    }

    /** Returns whether a result is written as TIFF. */
    static boolean isTiff(Path result) {
        return result.toString().endsWith(ResultSelection.TIFF);
    }

    /** Returns confidences as 16-bit grey, big-endian. */
    static byte[] grey16(float[] confidence, int from, int count) {
        byte[] grey = new byte[2 * count];
        for (int i = 0; i < count; i++) {
            int value = Math.round(0xFFFF * confidence[from + i]);
            grey[2 * i] = (byte) (value >> 8);
            grey[2 * i + 1] = (byte) value;
        }
        return grey;
    }

    /** Returns whether there are formats that pictures are to be added to. */
    boolean takesPictures() {
        return !exports.isEmpty();
    }

    /** Returns the name that exporters give to a photograph by its stem. */
    String name(Path stem) {
        return InnerPath.slashed(folder.relativize(stem));
    }

    /** Returns the name under which other tools are to find a photograph. */
    String inputName(Path stem, Path photograph) {
        return name(stem.resolveSibling(photograph.getFileName()));
    }

    /**
     * Writes a photograph in all formats that have folders of their own.
     *
     * @param reference its place on the ground, or null
     */
    void add(Picture picture, GeoReference reference) throws IOException {
        if (reference != null && wanted.formats().contains(Format.GEOJSON)) {
            picture.withPlacement(wanted.crs().placement(reference));
        }
        exports.add(picture);
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
