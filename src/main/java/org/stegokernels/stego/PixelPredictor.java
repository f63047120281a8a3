package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.SegmenterOptions.Probe;
import org.stegokernels.stego.StageTimes.Stage;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * What the probes of a model predict for each pixel of a photograph, before clusters become classes: what an evaluation
 * counts. All probes share one pass of the backbone and the lattices of the CRF. Steps and order are those of {@link
 * Segmenter}. Several threads may use it, one after the other.
 */
public final class PixelPredictor implements AutoCloseable {
    /** Predictions are bytes, and one of them means ignore. */
    public static final int MAX_CANDIDATES = LabelMap.IGNORE;

    private final Device device;
    private final SegmenterOptions options;
    private final StageTimes times;
    private final PatchEncoder encoder;
    private final Map<Probe, Output> outputs = new EnumMap<>(Probe.class);
    private final DenseCrf crf;
    private final GrowingBuffer bestBuffer;
    private int[] best = new int[0];
    private boolean closed;

    /**
     * @param model not closed by the predictor
     * @param device the one that the model is on
     * @param options whose probe is not looked at: all that the model has are asked
     * @param times gets the time taken by stage: resize, backbone, classify, crf, labels
     * @throws IllegalArgumentException if the model has no probe, or one with more than {@link #MAX_CANDIDATES} outputs
     */
    public PixelPredictor(Stego model, Device device, SegmenterOptions options, StageTimes times) {
        this.device = device;
        this.options = options;
        this.times = times;
        model.linearProbe().ifPresent(probe -> add(Probe.LINEAR, model, probe.outputs()));
        model.clusterProbe().ifPresent(probe -> add(Probe.CLUSTER, model, probe.outputs()));
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("the model has no probe");
        }
        encoder = new PatchEncoder(
                device,
                model.backbone(),
                model.info().settings().feature(),
                model.head().orElse(null),
                options.flip());
        crf = options.crf() ? new DenseCrf(device, DenseCrf.Settings.DEFAULT) : null;
        bestBuffer = new GrowingBuffer(device, ElementType.I32);
    }

    private void add(Probe probe, Stego model, int candidates) {
        if (candidates > MAX_CANDIDATES) {
            throw new IllegalArgumentException("a probe of " + candidates + " outputs: there may be " + MAX_CANDIDATES);
        }
        outputs.put(probe, new Output(new ProbeClassifier(device, model, probe)));
    }

    /** The buffers of one probe. */
    private final class Output implements AutoCloseable {
        private final PixelClassifier classifier;
        private final GrowingBuffer logProbabilities = new GrowingBuffer(device);
        private final GrowingBuffer probabilities = new GrowingBuffer(device);
        private float[] host = new float[0];

        Output(PixelClassifier classifier) {
            this.classifier = classifier;
        }

        /** {@code [pixels, K]}. */
        Tensor marginals(RgbImage working) {
            return probabilities.view(working.pixels(), classifier.candidates());
        }

        /** {@code [pixels, K]}. */
        Tensor logits(RgbImage working) {
            return logProbabilities.view(working.pixels(), classifier.candidates());
        }

        @Override
        public void close() {
            classifier.close();
            logProbabilities.close();
            probabilities.close();
        }
    }

    /** What is computed on and what gets predictions. Other threads may compute meanwhile. */
    public Frame frame(RgbImage photograph) {
        long start = System.nanoTime();
        Frame frame = Frame.of(photograph, options.protocol(), options.size(), encoder.patch());
        times.add(Stage.RESIZE, start);
        return frame;
    }

    /** How many different predictions each probe can make. */
    public Map<Probe, Integer> candidates() {
        Map<Probe, Integer> candidates = new EnumMap<>(Probe.class);
        outputs.forEach((probe, output) -> candidates.put(probe, output.classifier.candidates()));
        return candidates;
    }

    /**
     * Predicts for each pixel of the frame's target the output, 0..K-1, of each probe.
     *
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws IllegalStateException if the predictor, the model or the device is closed
     */
    public Map<Probe, LabelMap> predict(Frame frame) {
        synchronized (device.monitor()) {
            if (closed) {
                throw new IllegalStateException("the predictor is closed");
            }
            return labels(frame);
        }
    }

    private Map<Probe, LabelMap> labels(Frame frame) {
        RgbImage working = frame.working();
        long start = System.nanoTime();
        Tensor patches = encoder.encode(working);
        times.add(Stage.BACKBONE, start);
        start = System.nanoTime();
        for (Output output : outputs.values()) {
            Tensor logits = output.logits(working);
            output.classifier.classify(
                    patches, logits.view(1, working.height(), working.width(), output.classifier.candidates()));
        }
        times.add(Stage.CLASSIFY, start);
        refine(working);
        start = System.nanoTime();
        Map<Probe, LabelMap> predictions = new EnumMap<>(Probe.class);
        outputs.forEach((probe, output) -> predictions.put(probe, label(frame, output)));
        times.add(Stage.LABELS, start);
        return predictions;
    }

    private void refine(RgbImage working) {
        long start = System.nanoTime();
        List<Tensor> logits = new ArrayList<>();
        List<Tensor> marginals = new ArrayList<>();
        outputs.values().forEach(output -> logits.add(output.logits(working)));
        outputs.values().forEach(output -> marginals.add(output.marginals(working)));
        if (crf != null) {
            crf.infer(logits, working.rgb(), working.width(), working.height(), marginals);
        } else {
            for (int i = 0; i < logits.size(); i++) {
                device.kernels().softmax(logits.get(i), 1, marginals.get(i));
            }
        }
        times.add(Stage.CRF, start);
    }

    private LabelMap label(Frame frame, Output output) {
        RgbImage working = frame.working();
        RgbImage target = frame.target();
        Tensor marginals = output.marginals(working);
        if (working.width() == target.width() && working.height() == target.height()) {
            return mostLikely(marginals, target);
        }
        if (output.host.length < marginals.shape().size()) {
            output.host = new float[marginals.shape().size()];
        }
        device.read(marginals, output.host);
        int[] each = IntStream.range(0, output.classifier.candidates()).toArray();
        return new LabelProjection(output.host, working.height(), working.width(), each)
                .to(target.width(), target.height());
    }

    private LabelMap mostLikely(Tensor marginals, RgbImage target) {
        Tensor indices = bestBuffer.view(target.pixels());
        device.kernels().argmax(marginals, indices);
        if (best.length < target.pixels()) {
            best = new int[target.pixels()];
        }
        device.read(indices, best);
        byte[] labels = new byte[target.pixels()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) best[i];
        }
        return new LabelMap(target.width(), target.height(), labels);
    }

    /**
     * Returns the source of the last prediction, without mirror image: {@code features()} and {@code codes()}. Who shares
     * the device with other threads holds its {@link Device#monitor()} from the prediction on.
     */
    public PatchEncoder encoder() {
        return encoder;
    }

    /** Frees what the predictor took; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            encoder.close();
            outputs.values().forEach(Output::close);
            if (crf != null) {
                crf.close();
            }
            bestBuffer.close();
        }
    }
}
