package org.stegokernels.eval;

import java.util.Map;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Probe;

/**
 * An image with what it shows and what was predicted, all of one size.
 *
 * @param id of the example
 * @param labels the truth, 255 where there is none
 * @param predictions of each probe, before the matching
 */
public record EvaluatedPicture(String id, RgbImage image, LabelMap labels, Map<Probe, LabelMap> predictions) {
    /**
     * The predictions of a probe as classes; clusters that stand for none are {@code classes}, one more class.
     *
     * @param scores of the probe
     */
    public LabelMap classesOf(Probe probe, Scores scores) {
        LabelMap predicted = predictions.get(probe);
        int[] classOf = scores.matching().classOf();
        byte[] classes = new byte[predicted.labels().length];
        for (int i = 0; i < classes.length; i++) {
            int of = classOf[predicted.labels()[i] & 0xFF];
            classes[i] = (byte) (of == ClusterMatching.NONE ? scores.matrix().classes() : of);
        }
        return new LabelMap(predicted.width(), predicted.height(), classes);
    }
}
