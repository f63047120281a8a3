package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.Format;
import org.stegokernels.export.ObjectMap;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.InnerPath;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.RasterView;
import org.stegokernels.stego.Segmentation;

/** Reads back what a segmentation has left of a photograph, to write it in other formats. */
final class ResultReader {
    private static final float MAX_16_BITS = 0xFFFF;
    /** Pixels that are read at once, unless one row has more. */
    private static final int BAND_PIXELS = 1 << 20;
    /** The longer side of a photograph as {@link #preview} shows it. */
    private static final int PREVIEW_SIDE = 1000;

    private final Path folder;
    private final EarlierRun run;
    private final ImageReader.Limits limits;
    private final Set<Format> formats;
    private final FormatSelection.Crs crs;
    private final boolean photographs;

    /**
     * @param folder of the results
     * @param limits of pictures that are read whole
     * @param formats that are to be written
     * @param crs of the coordinates of pictures that have a place on the ground
     * @param photographs true if they are to be read, too
     */
    ResultReader(
            Path folder,
            EarlierRun run,
            ImageReader.Limits limits,
            Set<Format> formats,
            FormatSelection.Crs crs,
            boolean photographs) {
        this.folder = folder;
        this.run = run;
        this.limits = limits;
        this.formats = formats;
        this.crs = crs;
        this.photographs = photographs;
    }

    /**
     * Returns the results of a photograph. Labels that are a TIFF are read row by row, and have its place on the ground.
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
        Path confidence = picture.results().get(SegmentationFiles.CONFIDENCE);
        boolean sure = confidence != null && Files.exists(confidence);
        Picture read = SegmentationFiles.isTiff(file)
                ? tiff(picture, file, sure ? confidence : null)
                : png(picture, file, sure ? confidence : null);
        if (photographs) {
            read.withPhotograph(photograph(picture));
        }
        return read;
    }

    private Picture png(Summary.Picture picture, Path file, Path confidence) throws IOException {
        LabelMap labels = PalettePng.read(file, limits);
        requireSize(picture, file, labels.width(), labels.height());
        for (int label = run.classes().size(); label < LabelMap.IGNORE; label++) {
            if (labels.counts()[label] > 0) {
                throw unknownClass(file, label);
            }
        }
        Picture read = new Picture(name(file), inputName(file, picture), labels);
        return confidence == null ? read : read.withConfidence(confidence(confidence, labels));
    }

    private Picture tiff(Summary.Picture picture, Path file, Path confidence) throws IOException {
        try (Raster labels = Raster.openLabels(file);
                Raster sure = confidence == null ? null : Raster.openLabels(confidence)) {
            int width = labels.width();
            int height = labels.height();
            requireSize(picture, file, width, height);
            if (sure != null) {
                requireSize(picture, confidence, sure.width(), sure.height());
            }
            // Confidences are a format, too, and the only one that needs all of them at once.
            float[] all = sure != null && formats.contains(Format.CONFIDENCE)
                    ? new float[Math.multiplyExact(width, height)]
                    : null;
            ObjectMap.Builder rows = new ObjectMap.Builder(width);
            int band = Math.max(1, BAND_PIXELS / width);
            for (int y = 0; y < height; y += band) {
                Region region = new Region(0, y, width, Math.min(band, height - y));
                byte[] ids = ids(labels.samples(region, 1)[0]);
                float[] probabilities = sure == null ? null : probabilities(sure.samples(region, 1)[0]);
                for (int row = 0; row < region.height(); row++) {
                    rows.add(ids, probabilities, row * width);
                }
                if (all != null) {
                    System.arraycopy(probabilities, 0, all, y * width, probabilities.length);
                }
            }
            ObjectMap objects = rows.build();
            for (int object = 0; object < objects.count(); object++) {
                if (objects.classOf(object) >= run.classes().size()) {
                    throw unknownClass(file, objects.classOf(object));
                }
            }
            Picture read = all == null
                    ? new Picture(name(file), inputName(file, picture), objects)
                    : new Picture(name(file), inputName(file, picture), objects.labels()).withConfidence(all);
            GeoReference reference = labels.geoReference().orElse(null);
            return reference == null || !formats.contains(Format.GEOJSON)
                    ? read
                    : read.withPlacement(crs.placement(reference));
        }
    }

    private static byte[] ids(double[] samples) {
        byte[] ids = new byte[samples.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (byte) samples[i];
        }
        return ids;
    }

    private static float[] probabilities(double[] samples) {
        float[] probabilities = new float[samples.length];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = (float) samples[i] / MAX_16_BITS;
        }
        return probabilities;
    }

    private static void requireSize(Summary.Picture picture, Path file, int width, int height) throws IOException {
        if (width != picture.width() || height != picture.height()) {
            throw new IOException(file + " has " + width + "x" + height + " pixels, not " + picture.width() + "x"
                    + picture.height() + " as " + Summary.FILE + " says");
        }
    }

    private static IOException unknownClass(Path file, int label) {
        return new IOException(file + " has the class " + label + ", which " + Summary.FILE + " does not know");
    }

    /** Returns the name that exporters give to the photograph of a label map. */
    private String name(Path labels) {
        String stem = InnerPath.slashed(folder.relativize(labels));
        return stem.substring(0, stem.lastIndexOf('.'));
    }

    private String inputName(Path labels, Summary.Picture picture) {
        String name = name(labels);
        return name.substring(0, name.lastIndexOf('/') + 1)
                + Path.of(picture.input()).getFileName();
    }

    /**
     * Returns a photograph and its labels, made smaller, for those that are too large for memory.
     *
     * @param read what {@link #read} gave
     * @param tiling says how the photograph is shown
     * @param allowed limits of pictures that are read by regions
     */
    Segmentation preview(Summary.Picture picture, Picture read, Tiling tiling, ImageReader.Limits allowed)
            throws IOException {
        double scale = Math.min(1, (double) PREVIEW_SIDE / Math.max(read.width(), read.height()));
        int width = (int) Math.max(1, Math.round(scale * read.width()));
        int height = (int) Math.max(1, Math.round(scale * read.height()));
        byte[] rgb = new byte[3 * width * height];
        byte[] labels = new byte[width * height];
        byte[] row = new byte[read.width()];
        try (Raster photograph = Raster.open(place(picture), allowed)) {
            requireSize(picture, photograph.file(), photograph.width(), photograph.height());
            RasterView view = tiling.view(photograph);
            int most = Math.max(1, BAND_PIXELS / read.width());
            for (int y = 0; y < height; y++) {
                int top = (int) ((long) y * read.height() / height);
                int bottom = (int) ((y + 1L) * read.height() / height);
                Region band = new Region(0, top, read.width(), Math.max(1, Math.min(most, bottom - top)));
                RgbImage shrunk = Resize.antialiased(view.read(band).image(), width, 1);
                System.arraycopy(shrunk.rgb(), 0, rgb, 3 * width * y, 3 * width);
                read.objects().row((top + Math.max(top, bottom - 1)) / 2, row, 0);
                for (int x = 0; x < width; x++) {
                    labels[y * width + x] = row[(int) ((2L * x + 1) * read.width() / (2L * width))];
                }
            }
        }
        return new Segmentation(
                new RgbImage(width, height, rgb),
                new LabelMap(width, height, labels),
                run.classes(),
                picture.shares(),
                picture.scores(),
                null);
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
        java.awt.image.Raster raster = ImageReader.readPng(file, limits).getRaster();
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

    private RgbImage photograph(Summary.Picture picture) throws IOException {
        Path place = place(picture);
        RgbImage image = ImageReader.read(place, limits);
        boolean square = "published".equals(run.settings().get("protocol"));
        RgbImage labelled = square ? Resize.centerSquare(image, picture.width()) : image;
        if (labelled.width() != picture.width() || labelled.height() != picture.height()) {
            throw new IOException(place + " has another size than its labels: has it changed?");
        }
        return labelled;
    }

    private Path place(Summary.Picture picture) throws IOException {
        Path named = Path.of(picture.input());
        Path parent = folder.toAbsolutePath().getParent();
        List<Path> places =
                parent == null || named.isAbsolute() ? List.of(named) : List.of(named, parent.resolve(named));
        for (Path place : places) {
            if (Files.exists(place)) {
                return place;
            }
        }
        throw new IOException("the photograph is not there: go to the folder in which 'segment' was run");
    }
}
