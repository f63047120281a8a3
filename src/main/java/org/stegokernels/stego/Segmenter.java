package org.stegokernels.stego;

import java.awt.image.BufferedImage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.tensor.Tensor;

/**
 * Cuts photographs into regions (Hamilton et al. 2022): a code for each patch, averaged with that of the mirror image,
 * enlarged to pixels, classified, and sharpened by a dense CRF.
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.open(Path.of("model.safetensors"))) {
 *     Segmentation result = segmenter.segment(ImageReader.read(Path.of("street.jpg")));
 *     PngWriter.write(Path.of("street.overlay.png"), result.overlay());
 * }
 * }</pre>
 *
 * <p>A backbone alone knows no classes; {@link ClusterFinder} finds some in the photographs themselves. Memory is taken
 * for the largest photograph and used again for all others. Several threads may use a segmenter, and segmenters may
 * share a device: photographs are computed one after the other, each on all that the device has.
 */
public final class Segmenter implements AutoCloseable {
    private final Device device;
    private final PixelClassifier classifier;
    private final boolean withConfidence;
    private final List<Segmentation.ClassInfo> classes;
    private final Pipeline pipeline;
    private final StageTimes times;
    /** The model if it is closed with the segmenter, and its device too; else null. */
    private final Stego owned;

    private boolean closed;

    /**
     * Options of a segmentation.
     *
     * @param size shorter side in pixels of what the model sees; larger finds smaller things and takes longer
     * @param flip whether the code is averaged with that of the mirror image
     * @param crf whether a dense CRF sharpens the borders
     * @param probe which classifier of a STEGO model is asked
     * @param protocol the part of a photograph that is labelled
     * @param confidence whether the probability of each pixel's label is returned too
     */
    public record Options(int size, boolean flip, boolean crf, Probe probe, Protocol protocol, boolean confidence)
            implements Serializable {
        /** The smallest {@link #size}. */
        public static final int MIN_SIZE = 16;
        /** The largest {@link #size}. */
        public static final int MAX_SIZE = 4096;

        /** As published: 320 pixels, mirror image, CRF, clusters; but the whole photograph at its own size. */
        public static final Options DEFAULT = new Options(320, true, true, Probe.CLUSTER, Protocol.WHOLE, false);

        /** The two classifiers of a STEGO model. */
        public enum Probe {
            /** Cosine similarity to the clusters, found without any label. */
            CLUSTER,
            /** The linear layer that was trained on labels to measure the quality of the code. */
            LINEAR
        }

        /** The part of a photograph that is labelled, and the size at which that happens. */
        public enum Protocol {
            /**
             * The whole photograph, at its own size. The model sees it resized with antialiasing, aspect ratio kept, both sides rounded to
             * whole patches.
             */
            WHOLE,
            /**
             * The way of the published evaluation, to compare figures with it: resized with nearest neighbour until the shorter
             * side is the working size, the square in the middle cut out, and labelled at that size.
             */
            PUBLISHED
        }

        /**
         * Checks the options.
         *
         * @throws IllegalArgumentException if the size is not between {@link #MIN_SIZE} and {@link #MAX_SIZE}
         */
        public Options {
            if (size < MIN_SIZE || size > MAX_SIZE) {
                throw new IllegalArgumentException(
                        "size must be between " + MIN_SIZE + " and " + MAX_SIZE + " pixels, not " + size);
            }
        }

        /** Returns these options with another size of the image. */
        public Options withSize(int pixels) {
            return new Options(pixels, flip, crf, probe, protocol, confidence);
        }

        /** Returns these options with or without the mirror image. */
        public Options withFlip(boolean on) {
            return new Options(size, on, crf, probe, protocol, confidence);
        }

        /** Returns these options with or without the CRF. */
        public Options withCrf(boolean on) {
            return new Options(size, flip, on, probe, protocol, confidence);
        }

        /** Returns these options with another probe. */
        public Options withProbe(Probe asked) {
            return new Options(size, flip, crf, asked, protocol, confidence);
        }

        /** Returns these options with another protocol. */
        public Options withProtocol(Protocol followed) {
            return new Options(size, flip, crf, probe, followed, confidence);
        }

        /** Returns these options with or without the confidence of each pixel. */
        public Options withConfidence(boolean asked) {
            return new Options(size, flip, crf, probe, protocol, asked);
        }
    }

    /** @param encoder closed by the segmenter, as the classifier */
    Segmenter(PatchEncoder encoder, PixelClassifier classifier, Options options, StageTimes times) {
        this(encoder, classifier, options, times, null);
    }

    private Segmenter(
            PatchEncoder encoder, PixelClassifier classifier, Options options, StageTimes times, Stego owned) {
        this.device = encoder.device();
        this.classifier = classifier;
        this.withConfidence = options.confidence();
        this.classes = List.copyOf(classifier.classes());
        this.pipeline = new Pipeline(encoder, List.of(classifier), options, times);
        this.times = times;
        this.owned = owned;
    }

    /**
     * Loads a model onto the best device that there is, to segment with its clusters, or without any with its linear
     * probe, at the size that it was made for; all else is as in {@link Options#DEFAULT}. Closing the segmenter
     * frees the model and the device.
     *
     * @param model a safetensors file
     * @throws org.stegokernels.weights.ModelException if the file can't be read or is no model
     * @throws IllegalArgumentException if the model has no probe
     */
    public static Segmenter open(Path model) {
        return open(model.toString(), device -> Stego.load(model, device));
    }

    /**
     * As {@link #open(Path)}, with the small model that comes with the program.
     *
     * @throws org.stegokernels.weights.ModelException if this build of the program has none
     */
    public static Segmenter demo() {
        return open("the demo model", Stego::demo);
    }

    private static Segmenter open(String name, Function<Device, Stego> load) {
        Device device = Devices.choose("auto").open(Device.Options.DEFAULT);
        Stego loaded = null;
        try {
            loaded = load.apply(device);
            if (loaded.probes().isEmpty()) {
                throw new IllegalArgumentException(name + " has no probe, so it knows no classes");
            }
            Options options = Options.DEFAULT
                    .withSize(loaded.info().settings().inputSize())
                    .withProbe(loaded.probes().get(0));
            return of(loaded, options, new StageTimes(), loaded);
        } catch (RuntimeException e) {
            if (loaded != null) {
                loaded.close();
            }
            device.close();
            throw e;
        }
    }

    /**
     * Returns a segmenter with the classes of a model.
     *
     * @param model not closed by the segmenter
     * @throws IllegalArgumentException if the model lacks the probe that the options ask for
     */
    public static Segmenter of(Stego model, Options options) {
        return of(model, options, new StageTimes());
    }

    /** As {@link #of(Stego, Options)}, adding up the time taken by stage. */
    public static Segmenter of(Stego model, Options options, StageTimes times) {
        return of(model, options, times, null);
    }

    private static Segmenter of(Stego model, Options options, StageTimes times, Stego owned) {
        PixelClassifier classifier = new ProbeClassifier(model, options.probe());
        return new Segmenter(PatchEncoder.of(model, options), classifier, options, times, owned);
    }

    /**
     * Has the virtual machine compile the operations of a segmentation, by running them on tiny tensors. Meant for a
     * thread of its own, while a model is loaded and a photograph decoded: it halves the time to the first result.
     *
     * @param device one that nothing else uses, with one thread: a second one would only wait for the compiler
     */
    public static void warmUp(Device device) {
        WarmUp.run(device);
    }

    /** Returns all classes that a photograph may be cut into, by id. */
    public List<Segmentation.ClassInfo> classes() {
        return classes;
    }

    /**
     * Segments one photograph.
     *
     * @throws IllegalArgumentException if the published protocol is asked for with a size that is no multiple of the patch
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws IllegalStateException if the segmenter, the model or the device is closed
     */
    public Segmentation segment(RgbImage photograph) {
        Frame frame = pipeline.frame(photograph);
        synchronized (device.monitor()) {
            requireOpen();
            return finish(frame, pipeline.encode(frame).mean());
        }
    }

    /** As {@link #segment(RgbImage)}, of a picture in any form, whose transparency is laid over white. */
    public Segmentation segment(BufferedImage photograph) {
        return segment(RgbImage.of(photograph));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the segmenter is closed");
        }
    }

    /**
     * Segments one photograph whose patches are known, to the same labels.
     *
     * @param known as {@link Pipeline.Encoded#mean} had them under the options of this segmenter
     * @throws IllegalArgumentException if they are those of a photograph of another size
     */
    public Segmentation segment(RgbImage photograph, PatchStore.Patches known) {
        Frame frame = pipeline.frame(photograph);
        if (known.rows() * pipeline.patch() != frame.working().height()
                || known.columns() * pipeline.patch() != frame.working().width()) {
            throw new IllegalArgumentException("the photograph is " + photograph.width() + "x" + photograph.height()
                    + " pixels, which does not fit the features kept for it: has it changed?");
        }
        synchronized (device.monitor()) {
            requireOpen();
            int channels = known.channels();
            try (Tensor patches = device.upload(known.values(), known.rows(), known.columns(), channels)) {
                return finish(frame, patches);
            }
        }
    }

    private Segmentation finish(Frame frame, Tensor patches) {
        Tensor marginals = pipeline.marginals(frame, patches).get(0);
        long start = System.nanoTime();
        Segmentation result = label(frame, marginals);
        times.add(Stage.LABELS, start);
        return result;
    }

    private Segmentation label(Frame frame, Tensor marginals) {
        RgbImage target = frame.target();
        LabelProjection projection = pipeline.projection(frame, marginals, classifier.classOf());
        LabelMap labels = projection.to(target.width(), target.height());
        float[] confidence = withConfidence ? projection.confidence(labels) : null;
        return new Segmentation(
                target,
                labels,
                classes,
                Segmentation.shares(labels, classes.size()),
                projection.confidences(classes.size()),
                confidence);
    }

    /** Frees what the segmenter took; a model that was given stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            pipeline.close();
        }
        if (owned != null) {
            owned.close();
            device.close();
        }
    }
}
