package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.tensor.Tensor;

/**
 * The way from a photograph to the probabilities of its classes, in the steps and order of the published evaluation
 * (Hamilton et al. 2022): a code for each patch, averaged with that of the mirror image, classified for each pixel by one
 * classifier or several, sharpened by a dense CRF. All classifiers share one pass of the backbone and the lattices of
 * the CRF. Memory is taken for the largest photograph and used again.
 *
 * <p>One thread at a time: returned tensors are overwritten by the next call, so a caller that shares the device with other threads
 * holds its {@link Device#monitor()} until they have been read. Only {@link #frame} may be called at any time.
 */
public final class Pipeline implements AutoCloseable {
    private final Device device;
    private final Segmenter.Options options;
    private final StageTimes times;
    private final PatchEncoder encoder;
    private final List<Output> outputs = new ArrayList<>();
    private final DenseCrf crf;
    private float[] host = new float[0];

    /**
     * A photograph made ready for a model.
     *
     * @param working the image that the model and the CRF see; both sides are multiples of the patch
     * @param target the image that gets labels: the photograph, or the part of it that the protocol keeps
     */
    public record Frame(RgbImage working, RgbImage target) {
        /** Keeps the memory for a very long and thin picture in bounds. */
        private static final int LONGEST_SIDE_RATIO = 4;

        /**
         * Resizes a photograph, or cuts the middle out of it, as the protocol says.
         *
         * @param patch side of a patch in pixels
         * @param size shorter side in pixels of what the model sees. A picture more than four times as long as wide is
         *     made smaller, so that its longer side is at most {@code 4 * size}.
         * @throws IllegalArgumentException if the published protocol is asked for with a size that is no multiple of the
         *     patch
         */
        static Frame of(RgbImage photograph, Protocol protocol, int size, int patch) {
            return switch (protocol) {
                case WHOLE -> whole(photograph, size, patch);
                case PUBLISHED -> published(photograph, size, patch);
            };
        }

        private static Frame whole(RgbImage photograph, int size, int patch) {
            int width = photograph.width();
            int height = photograph.height();
            double scale = Math.min(
                    (double) size / Math.min(width, height),
                    (double) LONGEST_SIDE_RATIO * size / Math.max(width, height));
            int workingWidth = wholePatches(width * scale, patch);
            int workingHeight = wholePatches(height * scale, patch);
            return new Frame(Resize.antialiased(photograph, workingWidth, workingHeight), photograph);
        }

        private static int wholePatches(double pixels, int patch) {
            return patch * (int) Math.max(1, Math.round(pixels / patch));
        }

        private static Frame published(RgbImage photograph, int size, int patch) {
            if (size % patch != 0) {
                throw new IllegalArgumentException("the published protocol needs a size in whole patches of " + patch
                        + " pixels; " + size + " is not");
            }
            RgbImage square = Resize.centerSquare(photograph, size);
            return new Frame(square, square);
        }
    }

    /**
     * The vectors of the patches of one image.
     *
     * @param features {@code [h, w, K]}, of the backbone, for the image itself
     * @param codes {@code [h, w, C]}: what the head makes of them, or the features again if there is no head
     * @param mean {@code [h, w, C]}: the codes averaged with those of the mirror image, or the codes again if that is not
     *     looked at
     */
    public record Encoded(Tensor features, Tensor codes, Tensor mean) {}

    /**
     * The predictions of one classifier.
     *
     * @param labels the most likely candidate of each pixel, 0..K-1
     * @param confidence its probability, 0 to 1, [height, width]
     */
    public record Predictions(LabelMap labels, float[] confidence) {}

    /** The buffers of one classifier. */
    private final class Output implements AutoCloseable {
        private final PixelClassifier classifier;
        /** Logarithms of probabilities, which the marginals replace. */
        private final GrowingBuffer probabilities = new GrowingBuffer(device);

        Output(PixelClassifier classifier) {
            this.classifier = classifier;
        }

        /** Returns logarithms of probabilities, {@code [pixels, K]}. */
        Tensor classify(RgbImage working, Tensor patches) {
            Tensor out = probabilities.view(1, working.height(), working.width(), classifier.candidates());
            classifier.classify(patches, out);
            return out.view(working.pixels(), classifier.candidates());
        }

        @Override
        public void close() {
            classifier.close();
            probabilities.close();
        }
    }

    /** @param encoder closed by the pipeline, as the classifiers */
    Pipeline(PatchEncoder encoder, List<PixelClassifier> classifiers, Segmenter.Options options, StageTimes times) {
        this.device = encoder.device();
        this.options = options;
        this.times = times;
        this.encoder = encoder;
        classifiers.forEach(classifier -> outputs.add(new Output(classifier)));
        crf = options.crf() ? new DenseCrf(device, DenseCrf.Settings.DEFAULT) : null;
    }

    /**
     * Returns a pipeline over probes of a model.
     *
     * @param model not closed by the pipeline
     * @param options whose probe is ignored
     * @param times gets the time taken by stage
     * @throws IllegalArgumentException if the model lacks a probe
     */
    public static Pipeline of(Stego model, List<Probe> probes, Segmenter.Options options, StageTimes times) {
        List<PixelClassifier> classifiers = new ArrayList<>();
        probes.forEach(probe -> classifiers.add(new ProbeClassifier(model, probe)));
        return new Pipeline(PatchEncoder.of(model, options), classifiers, options, times);
    }

    /** Returns how many different predictions each classifier can make. */
    public List<Integer> candidates() {
        return outputs.stream().map(output -> output.classifier.candidates()).toList();
    }

    /** Returns the side of a patch in pixels. */
    int patch() {
        return encoder.patch();
    }

    /** Resizes a photograph to what the model sees. */
    public Frame frame(RgbImage photograph) {
        long start = System.nanoTime();
        Frame frame = Frame.of(photograph, options.protocol(), options.size(), encoder.patch());
        times.add(Stage.RESIZE, start);
        return frame;
    }

    /**
     * Computes the vectors of the patches.
     *
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws org.stegokernels.vit.FiniteCheck.NotFiniteException if the weights overflow on the image
     * @throws IllegalStateException if the pipeline, the model or the device is closed
     */
    public Encoded encode(Frame frame) {
        long start = System.nanoTime();
        Encoded encoded = encoder.encode(frame.working());
        times.add(Stage.BACKBONE, start);
        return encoded;
    }

    /**
     * Computes the codes of an image as the model sees it, or of its mirror image, alone.
     *
     * @return {@code [h, w, C]}, those of the mirror image as it lies
     */
    Tensor encodeOne(RgbImage working, boolean mirrored) {
        long start = System.nanoTime();
        Tensor codes = encoder.encodeOne(working, mirrored);
        times.add(Stage.BACKBONE, start);
        return codes;
    }

    /**
     * Computes the probabilities of the candidates of every classifier.
     *
     * @param patches {@code [h, w, C]}: {@link Encoded#mean}
     * @return {@code [pixels of the working image, K]} for each classifier
     */
    public List<Tensor> marginals(Frame frame, Tensor patches) {
        return marginals(frame, patches, crf != null);
    }

    /**
     * As {@link #marginals(Frame, Tensor)}, with or without the CRF.
     *
     * @throws IllegalArgumentException if it is asked for and the options of the pipeline have none
     */
    public List<Tensor> marginals(Frame frame, Tensor patches, boolean sharpened) {
        if (sharpened && crf == null) {
            throw new IllegalArgumentException("this pipeline has no CRF");
        }
        RgbImage working = frame.working();
        long start = System.nanoTime();
        List<Tensor> marginals = new ArrayList<>();
        outputs.forEach(output -> marginals.add(output.classify(working, patches)));
        times.add(Stage.CLASSIFY, start);
        start = System.nanoTime();
        if (sharpened) {
            crf.infer(marginals, working.rgb(), working.width(), working.height(), marginals);
        } else {
            marginals.forEach(each -> device.kernels().softmax(each, 1, each));
        }
        times.add(Stage.CRF, start);
        return marginals;
    }

    /**
     * Finds the most likely candidate of each pixel of the frame's target.
     *
     * @param marginals of one classifier with at most 255 candidates
     */
    public Predictions predictions(Frame frame, Tensor marginals) {
        int[] each = IntStream.range(0, marginals.shape().dim(1)).toArray();
        LabelProjection projection = projection(frame, marginals, each);
        LabelMap labels = projection.to(frame.target().width(), frame.target().height());
        return new Predictions(labels, projection.confidence(labels));
    }

    /**
     * Reads marginals back, to be taken to the size of the frame's target. Valid until the next call.
     *
     * @param classOf the class of each candidate
     */
    LabelProjection projection(Frame frame, Tensor marginals, int[] classOf) {
        host = device.values(marginals, host);
        return new LabelProjection(
                host, frame.working().height(), frame.working().width(), classOf);
    }

    /** Frees what the pipeline took; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            encoder.close();
            outputs.forEach(Output::close);
            if (crf != null) {
                crf.close();
            }
        }
    }

    /** Wall-clock time by stage, summed over all images. Safe for use from many threads; overlapping stages each count. */
    public static final class StageTimes {
        private final Map<Stage, Long> nanos = new LinkedHashMap<>();

        /** The stages of a run, from the model's file to the results. */
        public enum Stage {
            /** Loading the model. */
            MODEL,
            /** Reading a photograph. */
            DECODE,
            /** Bringing it to the size that the model sees. */
            RESIZE,
            /** Features of the patches, and the head's codes. */
            BACKBONE,
            /** k-means over the patches of all images. */
            CLUSTER,
            /** Probabilities of the classes. */
            CLASSIFY,
            /** Sharpening of the borders, or a softmax in its place. */
            CRF,
            /** The most likely class of each pixel. */
            LABELS,
            /** Comparison of predictions with labels. */
            COUNT,
            /** Matching of clusters with classes, and the metrics. */
            SCORE,
            /** Encoding and writing of the results. */
            WRITE;

            private final String label = name().toLowerCase(Locale.ROOT);

            /** Returns the name in reports and JSON. */
            public String label() {
                return label;
            }
        }

        /** Adds the time since {@code startNanos}, as {@link System#nanoTime()} gave it, to a stage. */
        public synchronized void add(Stage stage, long startNanos) {
            nanos.merge(stage, System.nanoTime() - startNanos, Long::sum);
        }

        /** Returns seconds by stage, in the order in which they first ran. */
        public synchronized Map<Stage, Double> seconds() {
            Map<Stage, Double> seconds = new LinkedHashMap<>();
            nanos.forEach((stage, time) -> seconds.put(stage, time / 1e9));
            return seconds;
        }
    }
}
