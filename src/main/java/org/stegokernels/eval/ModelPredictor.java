package org.stegokernels.eval;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline;
import org.stegokernels.stego.Pipeline.Encoded;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;

/** Predictions of all probes of a model, before clusters become classes. */
final class ModelPredictor implements Predictor {
    private final List<Probe> probes;
    private final boolean hasHead;
    /** The class of each output of the linear probe, which may leave classes out or have several outputs for one. */
    private final int[] classOf;

    private final int classes;
    private final StageTimes times;
    private final Pipeline pipeline;

    /**
     * @param model not closed by the predictor
     * @throws IllegalArgumentException if the model has no probe, or one with more outputs than a label map tells apart
     */
    ModelPredictor(Stego model, Segmenter.Options options, StageTimes times) {
        this.times = times;
        probes = model.probes();
        hasHead = model.head().isPresent();
        classOf = model.linearProbe().isPresent() ? model.classOf(Probe.LINEAR) : new int[0];
        classes = model.classCount();
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("the model has no probe");
        }
        pipeline = Pipeline.of(model, probes, options, times);
        for (int candidates : pipeline.candidates()) {
            if (candidates > LabelMap.IGNORE) {
                pipeline.close();
                throw new IllegalArgumentException(
                        "a probe of " + candidates + " outputs: there may be " + LabelMap.IGNORE);
            }
        }
    }

    @Override
    public Map<Probe, Integer> candidates() {
        Map<Probe, Integer> candidates = new EnumMap<>(Probe.class);
        for (int i = 0; i < probes.size(); i++) {
            candidates.put(
                    probes.get(i),
                    probes.get(i) == Probe.LINEAR
                            ? classes
                            : pipeline.candidates().get(i));
        }
        return candidates;
    }

    @Override
    public Frame frame(RgbImage image) {
        return pipeline.frame(image);
    }

    @Override
    public Prediction predict(int index, Frame frame) {
        Encoded encoded = pipeline.encode(frame);
        List<Tensor> marginals = pipeline.marginals(frame, encoded.mean());
        long start = System.nanoTime();
        Map<Probe, LabelMap> labels = new EnumMap<>(Probe.class);
        Map<Probe, float[]> confidences = new EnumMap<>(Probe.class);
        for (int i = 0; i < probes.size(); i++) {
            Pipeline.Predictions predictions = pipeline.predictions(frame, marginals.get(i));
            labels.put(
                    probes.get(i),
                    probes.get(i) == Probe.LINEAR ? classes(predictions.labels()) : predictions.labels());
            confidences.put(probes.get(i), predictions.confidence());
        }
        times.add(Stage.LABELS, start);
        Map<String, Tensor> vectors = new LinkedHashMap<>();
        vectors.put("features", encoded.features());
        if (hasHead) {
            vectors.put("code", encoded.codes());
        }
        return new Prediction(labels, confidences, vectors);
    }

    private LabelMap classes(LabelMap outputs) {
        byte[] labels = new byte[outputs.labels().length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) classOf[outputs.labels()[i] & 0xFF];
        }
        return new LabelMap(outputs.width(), outputs.height(), labels);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
