package org.stegokernels.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
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
    private final ImageReader.Limits limits;
    private final StageTimes times;

    TiledSegmenting(
            TiledSegmenter segmenter,
            Tiling tiling,
            ResultSelection wanted,
            ResultFolder results,
            ImageReader.Limits limits,
            StageTimes times) {
        this.segmenter = segmenter;
        this.tiling = tiling;
        this.wanted = wanted;
        this.results = results;
        this.limits = limits;
        this.times = times;
    }

    /**
     * Segments one picture and writes its results, or none of them.
     *
     * @param files by kind
     * @param stopping says whether the run is to end
     * @throws CancellationException if it is
     */
    TiledSegmenter.Result segment(Path photograph, Map<String, Path> files, Console console, BooleanSupplier stopping)
            throws IOException {
        for (Path file : files.values()) {
            FileErrors.makeFolder(file.toAbsolutePath().getParent());
        }
        long start = System.nanoTime();
        try (Raster raster = Raster.open(photograph, limits);
                Rows rows = new Rows(raster, files);
                Watch watch = new Watch(photograph, console, stopping)) {
            times.add(Stage.DECODE, start);
            TiledSegmenter.Result result = segmenter.segment(
                    tiling.view(raster), Tiling.overlaySize(wanted), wanted.unsure(), rows::append, watch::progress);
            rows.finish();
            Path overlay = files.get(SegmentationFiles.OVERLAY);
            if (overlay != null) {
                int size = Tiling.overlaySize(wanted);
                results.write(overlay, out -> SegmentationFiles.writeOverlay(out, result.preview(), wanted, size));
            }
            return result;
        }
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

    /** The files that are written row by row; null where one is not wanted. */
    private final class Rows implements Closeable {
        private final RowWriter labels;
        private final RowWriter confidence;

        Rows(Raster raster, Map<String, Path> files) throws IOException {
            Path labelFile = files.get(SegmentationFiles.LABELS);
            labels = labelFile == null ? null : labels(labelFile, raster);
            Path confidenceFile = files.get(SegmentationFiles.CONFIDENCE);
            confidence = confidenceFile == null ? null : confidence(confidenceFile, raster);
        }

        private RowWriter labels(Path file, Raster raster) throws IOException {
            Palette palette = Segmentation.palette(segmenter.classes());
            GeoReference place = raster.geoReference().orElse(null);
            return Tiling.isTiffName(file)
                    ? RowWriter.labelTiff(file, raster.width(), raster.height(), palette, place)
                    : RowWriter.labelPng(file, raster.width(), raster.height(), palette);
        }

        private RowWriter confidence(Path file, Raster raster) throws IOException {
            GeoReference place = raster.geoReference().orElse(null);
            return Tiling.isTiffName(file)
                    ? RowWriter.grey16Tiff(file, raster.width(), raster.height(), place)
                    : RowWriter.grey16Png(file, raster.width(), raster.height());
        }

        void append(LabelMap map, float[] probabilities) throws IOException {
            long start = System.nanoTime();
            if (labels != null) {
                labels.append(map.labels());
            }
            if (confidence != null) {
                for (int row = 0; row < map.height(); row++) {
                    confidence.append(grey(probabilities, row * map.width(), map.width()));
                }
            }
            times.add(Stage.WRITE, start);
        }

        private static byte[] grey(float[] probabilities, int from, int count) {
            byte[] grey = new byte[2 * count];
            for (int i = 0; i < count; i++) {
                int value = Math.round(0xFFFF * probabilities[from + i]);
                grey[2 * i] = (byte) (value >> 8);
                grey[2 * i + 1] = (byte) value;
            }
            return grey;
        }

        void finish() throws IOException {
            if (labels != null) {
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
