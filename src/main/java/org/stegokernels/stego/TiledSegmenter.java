package org.stegokernels.stego;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.RasterView;
import org.stegokernels.stego.BlockClassifier.Decisions;
import org.stegokernels.stego.LabelProjection.Axis;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter.Options;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.tensor.Tensor;

/**
 * Cuts pictures of any size into regions, within memory for some of their rows. The model sees windows that overlap; the
 * codes of a patch in all windows over it are blended, as {@link Segmenter} blends those of a photograph and its mirror
 * image. Of neighbouring windows one is seen as it is and one mirrored, as the fields of a chessboard: four lie over a
 * patch, so that the blend has both, for half of the time. Blocks of the picture are then classified and sharpened by the dense CRF with as much of their surroundings as it
 * reaches, and the labels handed over from top to bottom.
 *
 * <p>A picture that is no larger than one tile gets the labels that a {@link Segmenter} gives it at the same scale. Several
 * threads may use it.
 */
public final class TiledSegmenter implements AutoCloseable {
    /**
     * Pixels on each side of a block that the CRF sees with it, as the model sees them: about the deviation of its wider
     * kernel. Of the labels of a temple in blocks of 256 pixels, 1.2% differ from those of one block with a halo of 32 pixels,
     * 0.7% with 64, 0.5% with 128.
     */
    private static final int HALO = 64;
    /** Side of a block without its halo, in pixels as the model sees them. */
    private static final int BLOCK = 512;
    /** The most values in the codes of all pixels of a block with its halo: 64 MiB. */
    private static final int BLOCK_VALUES = 16 << 20;
    /** The most pixels of the picture whose labels are kept until a row of blocks is done. */
    private static final int BAND_PIXELS = 32 << 20;

    private final Device device;
    private final Options options;
    private final double scale;
    private final Layout layout;
    private final StageTimes times;
    private final BlockClassifier classifier;
    private final int[] classOf;
    private final List<Segmentation.ClassInfo> classes;
    private final Pipeline pipeline;
    private final int patch;
    private final int channels;
    private final GrowingBuffer patches;
    private boolean closed;

    /**
     * Where windows and blocks lie; changed by tests only.
     *
     * @param shift of the windows in patches
     * @param block longest side of a block in pixels as the model sees them
     */
    record Layout(int shift, int block) {
        static final Layout STANDARD = new Layout(0, BLOCK);
    }

    private TiledSegmenter(Stego model, Options options, int tile, StageTimes times, Layout layout) {
        this.device = model.device();
        this.options = options;
        this.scale = (double) options.size() / tile;
        this.layout = layout;
        this.times = times;
        classifier = new BlockClassifier(device, new ProbeClassifier(model, options.probe()));
        classOf = classifier.classOf();
        classes = List.copyOf(classifier.classes());
        PatchEncoder encoder = PatchEncoder.of(model, options);
        patch = encoder.patch();
        channels = encoder.channels();
        pipeline = new Pipeline(encoder, List.of(classifier), options, times);
        patches = new GrowingBuffer(device);
    }

    /** Takes labels while they come. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes the next rows.
         *
         * @param rows labels of the next rows of the picture, from top to bottom; {@link LabelMap#IGNORE} where it has no data
         * @param confidence the probability of each of these labels, 0 to 1, and 0 where the picture has no data; null unless
         *     {@link Options#confidence} asks for it
         */
        void accept(LabelMap rows, float[] confidence) throws IOException;
    }

    /** An observer of a segmentation in steps of about equal length; what it throws ends the segmentation. */
    @FunctionalInterface
    public interface Observer {
        /** Called after each step. */
        void progress(long done, long total);
    }

    /**
     * A picture cut into regions.
     *
     * @param width of the picture
     * @param height of the picture
     * @param preview the picture made smaller, but with the shares and scores of the whole
     */
    public record Result(int width, int height, Segmentation preview) {}

    /**
     * Returns a segmenter with the classes of a model.
     *
     * @param model not closed by the segmenter
     * @param options whose size is that at which the model sees a tile
     * @param tile side of a tile in pixels of the picture; {@code size / tile} is the scale of all that the model sees
     * @throws IllegalArgumentException if the model lacks the probe that the options ask for, the protocol is not {@link
     *     Protocol#WHOLE}, or the tile is smaller than {@link Options#MIN_SIZE}
     */
    public static TiledSegmenter of(Stego model, Options options, int tile, StageTimes times) {
        return of(model, options, tile, times, Layout.STANDARD);
    }

    static TiledSegmenter of(Stego model, Options options, int tile, StageTimes times, Layout layout) {
        if (options.protocol() != Protocol.WHOLE) {
            throw new IllegalArgumentException("the published protocol knows no tiles");
        }
        if (tile < Options.MIN_SIZE) {
            throw new IllegalArgumentException("tile must be at least " + Options.MIN_SIZE + " pixels, not " + tile);
        }
        return new TiledSegmenter(model, options, tile, times, layout);
    }

    /** Returns all classes that a picture may be cut into, by id. */
    public List<Segmentation.ClassInfo> classes() {
        return classes;
    }

    /**
     * Segments one picture.
     *
     * @param previewSize the longest side of the preview, if the picture's is longer
     * @param unsure labels that are less probable become {@link LabelMap#IGNORE}; 0 unless {@link Options#confidence} is asked
     *     for
     * @throws IOException what the sink throws
     * @throws org.stegokernels.image.ImageException if the picture is damaged
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws IllegalStateException if the segmenter, the model, the device or the picture is closed
     */
    public Result segment(RasterView picture, int previewSize, double unsure, Sink sink, Observer observer)
            throws IOException {
        if (unsure > 0 && !options.confidence()) {
            throw new IllegalArgumentException("the confidence was not asked for");
        }
        return new Run(picture, previewSize, unsure, observer).to(sink);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the segmenter is closed");
        }
    }

    /** The way through one picture: windows and blocks in turns, from top to bottom. */
    private final class Run {
        private final double unsure;
        private final Observer observer;
        private final int width;
        private final int height;
        private final ResizedRows working;
        private final BlendedPatches codes;
        private final Windows windowsAcross;
        private final Windows windowsDown;
        /** True if every second window is seen mirrored, as on a chessboard, rather than each both ways. */
        private final boolean alternating;

        private final Blocks across;
        private final Blocks down;
        private final Decisions decisions;
        private final Preview preview;
        private final ClassSums sums = new ClassSums(classes.size());
        private final long steps;
        private long done;
        private float[] windowCodes = new float[0];
        private float[] blockCodes = new float[0];

        Run(RasterView picture, int previewSize, double unsure, Observer observer) {
            this.unsure = unsure;
            this.observer = observer;
            width = picture.raster().width();
            height = picture.raster().height();
            int columns = wholePatches(width * scale);
            int rows = wholePatches(height * scale);
            int window = wholePatches(options.size());
            windowsAcross = Windows.of(columns, window, layout.shift());
            windowsDown = Windows.of(rows, window, layout.shift());
            alternating = options.flip() && windowsAcross.count() * windowsDown.count() > 1;
            working = new ResizedRows(picture, columns * patch, rows * patch);
            codes = new BlendedPatches(columns, rows, channels, windowsAcross, windowsDown, this::encode);
            int halo = options.crf() ? (HALO + patch - 1) / patch : 1;
            int most = (int) Math.sqrt((double) BLOCK_VALUES / channels) / patch - 2 * halo;
            int side = Math.max(1, Math.min(layout.block() / patch, Math.max(halo, most)));
            double bandRows = BAND_PIXELS * scale / width / patch;
            across = Blocks.of(columns, side, halo);
            down = Blocks.of(rows, (int) Math.max(1, Math.min(side, bandRows)), halo);
            decisions = new Decisions(working.width(), working.height());
            preview = new Preview(picture, previewSize);
            steps = (long) windowsAcross.count() * windowsDown.count() + (long) across.count() * down.count();
        }

        private int wholePatches(double pixels) {
            return (int) Math.max(1, Math.round(pixels / patch));
        }

        Result to(Sink sink) throws IOException {
            for (int row = 0; row < down.count(); row++) {
                int first = down.windowBegin(row);
                codes.keep(first, first + down.windowLength());
                working.keep(first * patch, (first + down.windowLength()) * patch);
                decisions.forget(first * patch);
                Band band = new Band(row);
                band.label();
                preview.add(band.labels, band.top);
                sink.accept(band.labels, band.confidence);
            }
            double[] shares = sums.shares((double) width * height);
            return new Result(width, height, preview.segmentation(shares, sums.scores()));
        }

        /** Returns the codes of a window, or null if it has no data. */
        private float[] encode(int windowAcross, int windowDown) {
            int left = windowsAcross.begin(windowAcross) * patch;
            int top = windowsDown.begin(windowDown) * patch;
            int windowWidth = windowsAcross.length() * patch;
            int windowHeight = windowsDown.length() * patch;
            long start = System.nanoTime();
            working.keep(0, top + windowHeight);
            boolean seen = working.hasData(left, top, windowWidth, windowHeight);
            times.add(Stage.RESIZE, start);
            if (seen) {
                RgbImage image = working.part(left, top, windowWidth, windowHeight);
                synchronized (device.monitor()) {
                    requireOpen();
                    boolean mirrored = alternating && (windowAcross + windowDown) % 2 == 1;
                    Tensor vectors = alternating
                            ? pipeline.encodeOne(image, mirrored)
                            : pipeline.encode(new Frame(image, image)).mean();
                    windowCodes = grown(windowCodes, vectors.shape().size());
                    device.read(vectors, windowCodes);
                    if (mirrored) {
                        mirror(windowCodes, windowsDown.length(), windowsAcross.length());
                    }
                }
            }
            step();
            return seen ? windowCodes : null;
        }

        private void mirror(float[] vectors, int rows, int columns) {
            float[] kept = new float[channels];
            for (int y = 0; y < rows; y++) {
                int left = y * columns * channels;
                int right = left + (columns - 1) * channels;
                for (; left < right; left += channels, right -= channels) {
                    System.arraycopy(vectors, left, kept, 0, channels);
                    System.arraycopy(vectors, right, vectors, left, channels);
                    System.arraycopy(kept, 0, vectors, right, channels);
                }
            }
        }

        private void step() {
            done++;
            observer.progress(done, steps);
        }

        /** The rows of the picture that a row of blocks labels. */
        private final class Band {
            private final int row;
            private final int top;
            private final LabelMap labels;
            private final float[] confidence;

            Band(int row) {
                this.row = row;
                top = working.sourceRow(down.begin(row) * patch);
                int rows = working.sourceRow(down.end(row) * patch) - top;
                labels = new LabelMap(width, rows, new byte[Math.multiplyExact(width, rows)]);
                confidence = options.confidence() ? new float[width * rows] : null;
            }

            void label() {
                for (int column = 0; column < across.count(); column++) {
                    label(column);
                    step();
                }
                byte[] values = labels.labels();
                for (int y = 0; y < labels.height(); y++) {
                    BitSet missing = working.missing(top + y);
                    int x = missing == null ? -1 : missing.nextSetBit(0);
                    for (; x >= 0; x = missing.nextSetBit(x + 1)) {
                        values[y * width + x] = (byte) LabelMap.IGNORE;
                        if (confidence != null) {
                            confidence[y * width + x] = 0;
                        }
                    }
                }
                for (int i = 0; unsure > 0 && i < values.length; i++) {
                    values[i] = confidence[i] < unsure ? (byte) LabelMap.IGNORE : values[i];
                }
                sums.count(labels, confidence);
            }

            /** Labels what lies in a block; what has no data is left alone. */
            private void label(int column) {
                int left = across.windowBegin(column);
                int first = down.windowBegin(row);
                int columns = across.windowLength();
                int rows = down.windowLength();
                if (!working.hasData(left * patch, first * patch, columns * patch, rows * patch)) {
                    return;
                }
                RgbImage image = working.part(left * patch, first * patch, columns * patch, rows * patch);
                Frame frame = new Frame(image, image);
                blockCodes = grown(blockCodes, rows * columns * channels);
                codes.part(left, first, columns, rows, blockCodes);
                synchronized (device.monitor()) {
                    requireOpen();
                    Tensor vectors = patches.view(rows, columns, channels);
                    device.write(blockCodes, vectors);
                    classifier.moveTo(decisions, left * patch, first * patch);
                    Tensor marginals = pipeline.marginals(frame, vectors).get(0);
                    long start = System.nanoTime();
                    project(pipeline.projection(frame, marginals, classOf), column);
                    times.add(Stage.LABELS, start);
                }
            }

            private void project(LabelProjection projection, int column) {
                Axis axisAcross = axis(across, column, working.width(), width);
                Axis axisDown = axis(down, row, working.height(), height);
                if (axisAcross.low().length == 0 || axisDown.low().length == 0) {
                    return;
                }
                LabelMap part = projection.to(axisAcross, axisDown);
                float[] partConfidence = confidence == null ? null : projection.confidence(part, axisAcross, axisDown);
                int left = working.sourceColumn(across.begin(column) * patch);
                for (int y = 0; y < part.height(); y++) {
                    int to = y * width + left;
                    System.arraycopy(part.labels(), y * part.width(), labels.labels(), to, part.width());
                    if (confidence != null) {
                        System.arraycopy(partConfidence, y * part.width(), confidence, to, part.width());
                    }
                }
                take(projection, column);
            }

            private Axis axis(Blocks blocks, int block, int from, int to) {
                int begin = ResizedRows.firstSource(blocks.begin(block) * patch, from, to);
                int end = ResizedRows.firstSource(blocks.end(block) * patch, from, to);
                return Axis.of(from, to, begin, end, blocks.windowBegin(block) * patch);
            }

            /** Keeps what a block has come to for those after it, and scores the classes as {@link LabelProjection} does. */
            private void take(LabelProjection projection, int column) {
                int left = across.windowBegin(column) * patch;
                int first = down.windowBegin(row) * patch;
                int right = across.windowBegin(column + 1) * patch;
                int below = down.windowBegin(row + 1) * patch;
                for (int y = down.begin(row) * patch; y < down.end(row) * patch; y++) {
                    BitSet missing = working.missing(Math.min(height - 1, working.sourceRow(y)));
                    for (int x = across.begin(column) * patch; x < across.end(column) * patch; x++) {
                        int candidate = projection.candidate(y - first, x - left);
                        float probability = projection.highest(y - first, x - left);
                        if (options.crf() && (y >= below || x >= right)) {
                            decisions.put(x, y, candidate, probability);
                        }
                        boolean seen = missing == null || !missing.get(Math.min(width - 1, working.sourceColumn(x)));
                        if (seen && confidence == null) {
                            sums.score(classOf[candidate], probability);
                        }
                    }
                }
            }
        }
    }

    private static float[] grown(float[] array, int length) {
        return array.length >= length ? array : new float[length];
    }

    /** Pixels and probabilities by class. */
    private static final class ClassSums {
        private final long[] pixels;
        private final double[] probabilities;
        private final long[] scored;

        ClassSums(int classes) {
            pixels = new long[classes];
            probabilities = new double[classes];
            scored = new long[classes];
        }

        /** @param confidence null if the classes are scored otherwise */
        void count(LabelMap labels, float[] confidence) {
            byte[] values = labels.labels();
            for (int i = 0; i < values.length; i++) {
                int label = values[i] & 0xFF;
                if (label != LabelMap.IGNORE) {
                    pixels[label]++;
                    if (confidence != null) {
                        score(label, confidence[i]);
                    }
                }
            }
        }

        void score(int label, double probability) {
            probabilities[label] += probability;
            scored[label]++;
        }

        double[] shares(double all) {
            return Arrays.stream(pixels).mapToDouble(count -> count / all).toArray();
        }

        double[] scores() {
            return IntStream.range(0, scored.length)
                    .mapToDouble(c -> scored[c] == 0 ? 0 : probabilities[c] / scored[c])
                    .toArray();
        }
    }

    /** The picture made smaller, with labels by nearest neighbour. */
    private final class Preview {
        private final ResizedRows picture;
        private final int sourceWidth;
        private final int sourceHeight;
        private final RgbImage image;
        private final LabelMap labels;
        private int rows;

        Preview(RasterView picture, int longestSide) {
            sourceWidth = picture.raster().width();
            sourceHeight = picture.raster().height();
            double scale = Math.min(1, (double) longestSide / Math.max(sourceWidth, sourceHeight));
            int width = (int) Math.max(1, Math.round(scale * sourceWidth));
            int height = (int) Math.max(1, Math.round(scale * sourceHeight));
            this.picture = new ResizedRows(picture, width, height);
            image = new RgbImage(width, height, new byte[3 * width * height]);
            labels = new LabelMap(width, height, new byte[width * height]);
        }

        /** @param top the first row of the labels in the picture */
        void add(LabelMap map, int top) {
            int width = image.width();
            for (; rows < image.height() && sourceRow() < top + map.height(); rows++) {
                int from = (sourceRow() - top) * sourceWidth;
                for (int x = 0; x < width; x++) {
                    int column = (int) ((2L * x + 1) * sourceWidth / (2L * width));
                    labels.labels()[rows * width + x] = map.labels()[from + column];
                }
                picture.keep(rows, rows + 1);
                System.arraycopy(picture.part(0, rows, width, 1).rgb(), 0, image.rgb(), 3 * rows * width, 3 * width);
            }
        }

        private int sourceRow() {
            return (int) ((2L * rows + 1) * sourceHeight / (2L * image.height()));
        }

        Segmentation segmentation(double[] shares, double[] scores) {
            return new Segmentation(image, labels, classes, shares, scores, null);
        }
    }

    /** Frees what the segmenter took; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            pipeline.close();
            patches.close();
        }
    }
}
