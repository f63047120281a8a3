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
            candidates.put(probes.get(i), pipeline.candidates().get(i));
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
            labels.put(probes.get(i), predictions.labels());
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

    @Override
    public void close() {
        pipeline.close();
    }
}
