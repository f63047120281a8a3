package org.stegokernels.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ObjectMap;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.export.Specks;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.io.FileErrors;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.RowWriter;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.TiledSegmenter;

/** Segments pictures of any size: from the file to the results, row by row. */
final class TiledSegmenting {
    private final TiledSegmenter segmenter;
    private final Tiling tiling;
    private final ResultSelection wanted;
    private final ResultFolder results;
    private final SegmentationFiles output;
    private final ImageReader.Limits limits;
    private final StageTimes times;

    /** @param output takes the pictures for the formats that have folders of their own */
    TiledSegmenting(
            TiledSegmenter segmenter,
            Tiling tiling,
            ResultSelection wanted,
            ResultFolder results,
            SegmentationFiles output,
            ImageReader.Limits limits,
            StageTimes times) {
        this.segmenter = segmenter;
        this.tiling = tiling;
        this.wanted = wanted;
        this.results = results;
        this.output = output;
        this.limits = limits;
        this.times = times;
    }

    /**
     * Segments one picture and writes its results.
     *
     * @param stem its name in the folder of the results
     * @param files by kind
     * @param stopping says whether the run is to end
     * @throws CancellationException if it is
     */
    TiledSegmenter.Result segment(
            Path photograph, Path stem, Map<String, Path> files, Console console, BooleanSupplier stopping)
            throws IOException {
        FileErrors.makeFolder(stem.toAbsolutePath().getParent());
        long start = System.nanoTime();
        try (Raster raster = Raster.open(photograph, limits);
                Rows rows = new Rows(raster, files);
                Watch watch = new Watch(photograph, console, stopping)) {
            times.add(Stage.DECODE, start);
            GeoReference reference = raster.geoReference().orElse(null);
            output.requirePlace(reference);
            TiledSegmenter.Result found = segmenter.segment(
                    tiling.view(raster), Tiling.overlaySize(wanted), wanted.unsure(), rows::append, watch::progress);
            start = System.nanoTime();
            ObjectMap objects = rows.objects();
            TiledSegmenter.Result result = wanted.minArea() > 1 ? relabelled(found, objects) : found;
            rows.finish(objects);
            Path overlay = files.get(SegmentationFiles.OVERLAY);
            if (overlay != null) {
                int size = Tiling.overlaySize(wanted);
                results.write(overlay, out -> SegmentationFiles.writeOverlay(out, result.preview(), wanted, size));
            }
            if (output.takesPictures()) {
                output.add(new Picture(output.name(stem), output.inputName(stem, photograph), objects), reference);
            }
            times.add(Stage.WRITE, start);
            return result;
        }
    }

    /** Returns a result with the labels of a map, as {@link Segmentation#withLabels} does. */
    private static TiledSegmenter.Result relabelled(TiledSegmenter.Result found, ObjectMap objects) {
        Segmentation seen = found.preview();
        int classes = seen.classes().size();
        double[] shares = new double[classes];
        double[] scores = new double[classes];
        for (Measures object : objects.measure()) {
            shares[object.classId()] += object.area();
            scores[object.classId()] += object.area() * object.confidence();
        }
        for (int c = 0; c < classes; c++) {
            double mean = Double.isNaN(scores[c]) ? seen.scores()[c] : scores[c] / shares[c];
            scores[c] = shares[c] == 0 ? 0 : mean;
            shares[c] /= (double) objects.width() * objects.height();
        }
        int width = seen.image().width();
        int height = seen.image().height();
        byte[] labels = new byte[width * height];
        byte[] row = new byte[objects.width()];
        for (int y = 0; y < height; y++) {
            objects.row((int) ((2L * y + 1) * objects.height() / (2L * height)), row, 0);
            for (int x = 0; x < width; x++) {
                labels[y * width + x] = row[(int) ((2L * x + 1) * objects.width() / (2L * width))];
            }
        }
        LabelMap map = new LabelMap(width, height, labels);
        return new TiledSegmenter.Result(
                found.width(),
                found.height(),
                new Segmentation(seen.image(), map, seen.classes(), shares, scores, null));
    }

    /** Shows how far it is, and ends it if the run is to end. */
    private static final class Watch implements Closeable {
        private final Path photograph;
        private final Console console;
        private final BooleanSupplier stopping;
        private Progress shown;

        Watch(Path photograph, Console console, BooleanSupplier stopping) {
            this.photograph = photograph;
            this.console = console;
            this.stopping = stopping;
        }

        void progress(long done, long total) {
            if (stopping.getAsBoolean()) {
                throw new CancellationException();
            }
            if (shown == null) {
                shown = Progress.of(console, photograph.getFileName().toString(), Math.toIntExact(total));
            }
            shown.stepTo(done);
        }

        @Override
        public void close() {
            if (shown != null) {
                shown.close();
            }
        }
    }

    /** A result written or kept row by row; null where it is not wanted. */
    private final class Rows implements Closeable {
        private final RowWriter labels;
        private final RowWriter confidence;
        private final ObjectMap.Builder objects;
        private final int height;

        Rows(Raster raster, Map<String, Path> files) throws IOException {
            height = raster.height();
            objects = output.takesPictures() || wanted.minArea() > 1 ? builder(raster) : null;
            Path labelFile = files.get(SegmentationFiles.LABELS);
            labels = labelFile == null ? null : labels(labelFile, raster);
            Path file = files.get(SegmentationFiles.CONFIDENCE);
            GeoReference place = raster.geoReference().orElse(null);
            confidence =
                    file == null ? null : SegmentationFiles.confidence(file, raster.width(), raster.height(), place);
        }

        private static ObjectMap.Builder builder(Raster raster) {
            long pixels = (long) raster.width() * raster.height();
            if (pixels > Integer.MAX_VALUE) {
                throw new ImageException(
                        raster.file(),
                        String.format(
                                Locale.ROOT,
                                "it has %.0f megapixels, and objects are found in up to %.0f",
                                pixels / 1e6,
                                Integer.MAX_VALUE / 1e6),
                        "leave out --min-area and all formats but png and confidence");
            }
            return new ObjectMap.Builder(raster.width());
        }

        private RowWriter labels(Path file, Raster raster) throws IOException {
            Palette palette = Segmentation.palette(segmenter.classes());
            GeoReference place = raster.geoReference().orElse(null);
            return SegmentationFiles.isTiff(file)
                    ? RowWriter.labelTiff(file, raster.width(), raster.height(), palette, place)
                    : RowWriter.labelPng(file, raster.width(), raster.height(), palette);
        }

        void append(LabelMap map, float[] probabilities) throws IOException {
            long start = System.nanoTime();
            if (labels != null && wanted.minArea() <= 1) {
                labels.append(map.labels());
            }
            for (int row = 0; row < map.height() && confidence != null; row++) {
                confidence.append(SegmentationFiles.grey16(probabilities, row * map.width(), map.width()));
            }
            if (objects != null) {
                float[] kept = probabilities == null ? null : ResultReader.rounded(probabilities);
                for (int row = 0; row < map.height(); row++) {
                    objects.add(map.labels(), kept, row * map.width());
                }
            }
            times.add(Stage.WRITE, start);
        }

        /** Returns all objects, without specks; null if they are not wanted. */
        ObjectMap objects() {
            return objects == null ? null : Specks.merge(objects.build(), wanted.minArea());
        }

        /** @param found whose labels are written if they had to wait for the last row */
        void finish(ObjectMap found) throws IOException {
            if (labels != null) {
                byte[] row = new byte[wanted.minArea() > 1 ? found.width() : 0];
                for (int y = 0; y < height && wanted.minArea() > 1; y++) {
                    found.row(y, row, 0);
                    labels.append(row);
                }
                labels.finish(results::write);
            }
            if (confidence != null) {
                confidence.finish(results::write);
            }
        }

        @Override
        public void close() throws IOException {
            if (labels != null) {
                labels.close();
            }
            if (confidence != null) {
                confidence.close();
            }
        }
    }
}
