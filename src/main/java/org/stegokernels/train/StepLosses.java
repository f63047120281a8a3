package org.stegokernels.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.train.loss.ExtraLosses;

/**
 * The losses of one step, before its update.
 *
 * @param total what was minimised: the weighted correspondence terms, further losses, and both probes' losses
 * @param intra correspondence of an image with itself
 * @param inter with its neighbour
 * @param negative with random others
 * @param extras further losses
 */
public record StepLosses(
        double total,
        double intra,
        double inter,
        double negative,
        double linear,
        double cluster,
        ExtraLosses.Terms extras) {
    static final String TOTAL = "total";

    /** By the published names; further losses only where they are on. */
    public Map<String, Double> byName() {
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put(TOTAL, total);
        losses.put("pos_intra", intra);
        losses.put("pos_inter", inter);
        losses.put("neg_inter", negative);
        losses.put("linear", linear);
        losses.put("cluster", cluster);
        putUnlessOff(losses, "rec", extras.reconstruction());
        putUnlessOff(losses, "crf", extras.crf());
        putUnlessOff(losses, "aug_alignment", extras.alignment());
        return losses;
    }

    private static void putUnlessOff(Map<String, Double> losses, String name, double loss) {
        if (loss != 0) {
            losses.put(name, loss);
        }
    }
}
