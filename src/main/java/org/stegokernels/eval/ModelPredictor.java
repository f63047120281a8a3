package org.stegokernels.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Frame;
import org.stegokernels.stego.PixelPredictor;
import org.stegokernels.stego.SegmenterOptions.Probe;
import org.stegokernels.tensor.Tensor;

/** Predictions of a model's probes. */
record ModelPredictor(PixelPredictor model, boolean head) implements Predictor {
    @Override
    public Map<Probe, Integer> candidates() {
        return model.candidates();
    }

    @Override
    public Frame frame(RgbImage image) {
        return model.frame(image);
    }

    @Override
    public Map<Probe, LabelMap> predict(int index, Frame frame) {
        return model.predict(frame);
    }

    @Override
    public Map<String, Tensor> vectors() {
        Map<String, Tensor> vectors = new LinkedHashMap<>();
        vectors.put("features", model.encoder().features());
        if (head) {
            vectors.put("code", model.encoder().codes());
        }
        return vectors;
    }

    @Override
    public void close() {
        model.close();
    }
}
