package org.stegokernels.eval;

import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Frame;
import org.stegokernels.stego.SegmenterOptions.Probe;
import org.stegokernels.tensor.Tensor;

/** Something that predicts a class or cluster for each pixel. */
interface Predictor extends AutoCloseable {
    /** How many different predictions each probe can make. */
    Map<Probe, Integer> candidates();

    /** What is computed on and what gets predictions. Called from another thread. */
    Frame frame(RgbImage image);

    /** @param index of the image in its set */
    Map<Probe, LabelMap> predict(int index, Frame frame);

    /** What the points of the image last predicted can be compared by, each {@code [h, w, C]}, under their names. */
    Map<String, Tensor> vectors();

    /** @param indices one for each pixel of the target, at most 255 */
    static LabelMap labels(int[] indices, RgbImage target) {
        byte[] labels = new byte[indices.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) indices[i];
        }
        return new LabelMap(target.width(), target.height(), labels);
    }

    @Override
    void close();
}
