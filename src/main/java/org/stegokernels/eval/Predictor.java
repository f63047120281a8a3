package org.stegokernels.eval;

import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.Tensor;

/** A source of a class or cluster for each pixel. */
interface Predictor extends AutoCloseable {
    /**
     * The predictions for one image.
     *
     * @param labels for each pixel of the frame's target, by probe
     * @param confidences the probability of each pixel's label, 0 to 1, by those probes that give one
     * @param vectors by which points of the image can be compared, each {@code [h, w, C]}, under their names; valid until
     *     the next prediction
     */
    record Prediction(Map<Probe, LabelMap> labels, Map<Probe, float[]> confidences, Map<String, Tensor> vectors) {}

    /** Returns how many different predictions each probe can make. */
    Map<Probe, Integer> candidates();

    /** Resizes an image to what is computed on. Called from another thread. */
    Frame frame(RgbImage image);

    /**
     * Predicts, while the caller holds the monitor of the device.
     *
     * @param index of the image in its set
     */
    Prediction predict(int index, Frame frame);

    @Override
    void close();
}
