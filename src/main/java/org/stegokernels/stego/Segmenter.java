package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.StageTimes.Stage;
import org.stegokernels.tensor.Tensor;

/**
 * Cuts photographs into regions (Hamilton et al. 2022): a code for each patch, averaged with that of the mirror image,
 * enlarged to pixels, classified, and sharpened by a dense CRF.
 *
 * <pre>{@code
 * try (Device device = Devices.choose("auto").open(Device.Options.DEFAULT);
 *         Stego model = Stego.load(Path.of("model.safetensors"), device);
 *         Segmenter segmenter = Segmenter.of(model, device, SegmenterOptions.DEFAULT)) {
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
    private final PatchEncoder encoder;
    private final PixelClassifier classifier;
    private final List<Segmentation.ClassInfo> classes;
    private final SegmenterOptions options;
    private final StageTimes times;
    private final DenseCrf crf;
    private final GrowingBuffer logProbabilities;
    private final GrowingBuffer probabilities;
    private float[] host = new float[0];
    private boolean closed;

    Segmenter(
            Device device,
            PatchEncoder encoder,
            PixelClassifier classifier,
            SegmenterOptions options,
            StageTimes times) {
        this.device = device;
        this.encoder = encoder;
        this.classifier = classifier;
        this.classes = List.copyOf(classifier.classes());
        this.options = options;
        this.times = times;
        this.crf = options.crf() ? new DenseCrf(device, DenseCrf.Settings.DEFAULT) : null;
        this.logProbabilities = new GrowingBuffer(device);
        this.probabilities = new GrowingBuffer(device);
    }

    /**
     * A segmenter with the classes of a model.
     *
     * @param model not closed by the segmenter
     * @param device the one that the model is on
     * @throws IllegalArgumentException if the model lacks the probe that the options ask for
     */
    public static Segmenter of(Stego model, Device device, SegmenterOptions options) {
        return of(model, device, options, new StageTimes());
    }

    /** The same, with time taken by stage: resize, backbone, classify, crf, labels. */
    public static Segmenter of(Stego model, Device device, SegmenterOptions options, StageTimes times) {
        PixelClassifier classifier = new ProbeClassifier(device, model, options.probe());
        PatchEncoder encoder = new PatchEncoder(
                device,
                model.backbone(),
                model.info().settings().feature(),
                model.head().orElse(null),
                options.flip());
        return new Segmenter(device, encoder, classifier, options, times);
    }

    /** All classes that a photograph may be cut into, by id. */
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
        Frame frame = frame(photograph);
        synchronized (device.monitor()) {
            requireOpen();
            long start = System.nanoTime();
            Tensor patches = encoder.encode(frame.working());
            times.add(Stage.BACKBONE, start);
            return finish(frame, patches);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the segmenter is closed");
        }
    }

    /**
     * Segments one photograph whose patches are known.
     *
     * @throws IllegalArgumentException if they are those of a photograph of another size
     */
    Segmentation segment(RgbImage photograph, PatchStore.Patches known) {
        Frame frame = frame(photograph);
        if (known.rows() * encoder.patch() != frame.working().height()
                || known.columns() * encoder.patch() != frame.working().width()) {
            throw new IllegalArgumentException("the photograph is " + photograph.width() + "x" + photograph.height()
                    + " pixels, which does not fit the features kept for it: has it changed?");
        }
        synchronized (device.monitor()) {
            requireOpen();
            try (Tensor patches = device.upload(known.values(), known.rows(), known.columns(), encoder.channels())) {
                return finish(frame, patches);
            }
        }
    }

    private Frame frame(RgbImage photograph) {
        long start = System.nanoTime();
        Frame frame = Frame.of(photograph, options.protocol(), options.size(), encoder.patch());
        times.add(Stage.RESIZE, start);
        return frame;
    }

    private Segmentation finish(Frame frame, Tensor patches) {
        Tensor marginals = refine(frame.working(), classify(frame.working(), patches));
        long start = System.nanoTime();
        Segmentation result = label(frame, marginals);
        times.add(Stage.LABELS, start);
        return result;
    }

    private Tensor classify(RgbImage working, Tensor patches) {
        long start = System.nanoTime();
        Tensor out = logProbabilities.view(1, working.height(), working.width(), classifier.candidates());
        classifier.classify(patches, out);
        times.add(Stage.CLASSIFY, start);
        return out.view(working.pixels(), classifier.candidates());
    }

    private Tensor refine(RgbImage working, Tensor logits) {
        long start = System.nanoTime();
        Tensor out = probabilities.view(working.pixels(), classifier.candidates());
        if (crf == null) {
            device.kernels().softmax(logits, 1, out);
        } else {
            crf.infer(logits, working.rgb(), working.width(), working.height(), out);
        }
        times.add(Stage.CRF, start);
        return out;
    }

    private Segmentation label(Frame frame, Tensor marginals) {
        if (host.length < marginals.shape().size()) {
            host = new float[marginals.shape().size()];
        }
        device.read(marginals, host);
        RgbImage working = frame.working();
        RgbImage target = frame.target();
        LabelProjection projection = new LabelProjection(host, working.height(), working.width(), classifier.classOf());
        LabelMap labels = projection.to(target.width(), target.height());
        int[] counts = labels.counts();
        double[] shares = new double[classes.size()];
        for (int c = 0; c < shares.length; c++) {
            shares[c] = (double) counts[c] / target.pixels();
        }
        return new Segmentation(target, labels, classes, shares, projection.confidences(shares.length));
    }

    /** Frees what the segmenter took; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            encoder.close();
            classifier.close();
            if (crf != null) {
                crf.close();
            }
            logProbabilities.close();
            probabilities.close();
        }
    }
}
