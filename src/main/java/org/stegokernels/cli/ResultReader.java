package org.stegokernels.cli;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/** Reads back what a segmentation has left of a photograph, to write it in other formats. */
final class ResultReader {
    private static final float MAX_16_BITS = 0xFFFF;

    private final Path folder;
    private final EarlierRun run;
    private final ImageReader.Limits limits;
    private final boolean photographs;

    /**
     * @param folder of the results
     * @param photographs true if they are to be read, too
     */
    ResultReader(Path folder, EarlierRun run, ImageReader.Limits limits, boolean photographs) {
        this.folder = folder;
        this.run = run;
        this.limits = limits;
        this.photographs = photographs;
    }

    /**
     * Returns the results of a photograph.
     *
     * @throws IOException if its labels or the photograph are not there, or not what the summary says
     * @throws org.stegokernels.image.ImageException if one of the files can't be read
     */
    Picture read(Summary.Picture picture) throws IOException {
        Path file = picture.results().get(SegmentationFiles.LABELS);
        if (file == null || !Files.exists(file)) {
            throw new IOException("its labels are not there" + (file == null ? "" : " (" + file + ")")
                    + ": run 'segment' again, with png among its formats");
        }
        LabelMap labels = PalettePng.read(file, limits);
        if (labels.width() != picture.width() || labels.height() != picture.height()) {
            throw new IOException(file + " has " + labels.width() + "x" + labels.height() + " pixels, not "
                    + picture.width() + "x" + picture.height() + " as " + Summary.FILE + " says");
        }
        for (int label = run.classes().size(); label < LabelMap.IGNORE; label++) {
            if (labels.counts()[label] > 0) {
                throw new IOException(file + " has the class " + label + ", which " + Summary.FILE + " does not know");
            }
        }
        String stem = folder.relativize(file).toString();
        Picture read = named(stem.substring(0, stem.lastIndexOf('.')), picture.input(), labels);
        Path confidence = picture.results().get(SegmentationFiles.CONFIDENCE);
        if (confidence != null && Files.exists(confidence)) {
            read.withConfidence(confidence(confidence, labels));
        }
        if (photographs) {
            read.withPhotograph(photograph(picture, labels));
        }
        return read;
    }

    /**
     * Returns a picture as exporters name it.
     *
     * @param stem its name in the folder of the results
     * @param input the photograph
     */
    static Picture named(String stem, String input, LabelMap labels) {
        String name = stem.replace('\\', '/');
        String file = Path.of(input).getFileName().toString();
        return new Picture(name, name.substring(0, name.lastIndexOf('/') + 1) + file, labels);
    }

    /** Returns confidences as 16-bit grey keeps them, so that they are the same whether computed or read. */
    static float[] rounded(float[] confidence) {
        float[] rounded = new float[confidence.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = Math.round(confidence[i] * MAX_16_BITS) / MAX_16_BITS;
        }
        return rounded;
    }

    private float[] confidence(Path file, LabelMap labels) throws IOException {
        Raster raster = ImageReader.readPng(file, limits).getRaster();
        if (raster.getWidth() != labels.width()
                || raster.getHeight() != labels.height()
                || raster.getNumBands() != 1
                || raster.getSampleModel().getSampleSize(0) != Short.SIZE) {
            throw new IOException(file + " is no 16-bit grey picture of the size of the labels");
        }
        float[] confidence = raster.getSamples(0, 0, labels.width(), labels.height(), 0, (float[]) null);
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] /= MAX_16_BITS;
        }
        return confidence;
    }

    private RgbImage photograph(Summary.Picture picture, LabelMap labels) throws IOException {
        Path named = Path.of(picture.input());
        Path parent = folder.toAbsolutePath().getParent();
        List<Path> places =
                parent == null || named.isAbsolute() ? List.of(named) : List.of(named, parent.resolve(named));
        for (Path place : places) {
            if (Files.exists(place)) {
                RgbImage image = ImageReader.read(place, limits);
                boolean square = "published".equals(run.settings().get("protocol"));
                RgbImage labelled = square ? Resize.centerSquare(image, labels.width()) : image;
                if (labelled.width() != labels.width() || labelled.height() != labels.height()) {
                    throw new IOException(place + " has another size than its labels: has it changed?");
                }
                return labelled;
            }
        }
        throw new IOException("the photograph is not there: go to the folder in which 'segment' was run");
    }
}
