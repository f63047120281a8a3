package org.stegokernels.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The losses of one step, before its update.
 *
 * @param total what was minimised: the weighted correspondence terms and both probes' losses
 * @param intra correspondence of an image with itself
 * @param inter with its neighbour
 * @param negative with random others
 */
public record StepLosses(double total, double intra, double inter, double negative, double linear, double cluster) {
    /** By the names that logs and checkpoints use. */
    public Map<String, Double> byName() {
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put("total", total);
        losses.put("pos_intra", intra);
        losses.put("pos_inter", inter);
        losses.put("neg_inter", negative);
        losses.put("linear", linear);
        losses.put("cluster", cluster);
        return losses;
    }
}
