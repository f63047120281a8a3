package org.stegokernels.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.stegokernels.eval.Evaluator.Extremes;
import org.stegokernels.eval.Evaluator.Seen;
import org.stegokernels.eval.Scores.Matching;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/**
 * The images in which each prediction of a probe is surest and least sure, found while images come one by one. Of each
 * prediction a few small pictures are kept, whatever the number of images.
 */
final class Certainty {
    /** Images of each kind. */
    private static final int KEPT = 3;
    /** A prediction of fewer of an image's pixels says little about it. */
    private static final double LEAST_SHARE = 0.01;
    /** Longer side of a picture in pixels. */
    private static final int SIDE = 240;

    private final List<List<Seen>> most = new ArrayList<>();
    private final List<List<Seen>> least = new ArrayList<>();

    Certainty(int predictions) {
        for (int i = 0; i < predictions; i++) {
            most.add(new ArrayList<>());
            least.add(new ArrayList<>());
        }
    }

    /**
     * Adds an image.
     *
     * @param predicted below the number of predictions
     * @param confidence of each pixel's prediction, 0 to 1
     */
    void add(String id, RgbImage image, LabelMap predicted, float[] confidence) {
        double[] sums = new double[most.size()];
        int[] pixels = new int[most.size()];
        for (int i = 0; i < confidence.length; i++) {
            int prediction = predicted.labels()[i] & 0xFF;
            sums[prediction] += confidence[i];
            pixels[prediction]++;
        }
        Small small = new Small(image, predicted);
        for (int prediction = 0; prediction < sums.length; prediction++) {
            double share = (double) pixels[prediction] / confidence.length;
            if (share >= LEAST_SHARE) {
                double mean = sums[prediction] / pixels[prediction];
                keep(most.get(prediction), -1, mean, share, id, prediction, small);
                keep(least.get(prediction), 1, mean, share, id, prediction, small);
            }
        }
    }

    /** @param sign 1 to keep the lowest confidences, -1 to keep the highest; of equal ones the first stays */
    private static void keep(
            List<Seen> kept, int sign, double confidence, double share, String id, int prediction, Small small) {
        if (kept.size() == KEPT) {
            if (sign * kept.get(KEPT - 1).confidence() <= sign * confidence) {
                return;
            }
            kept.remove(KEPT - 1);
        }
        kept.add(new Seen(id, confidence, share, small.image(), small.of(prediction)));
        kept.sort(Comparator.comparingDouble(seen -> sign * seen.confidence()));
    }

    /** A small copy of an image and its predictions, made if it is needed. */
    private static final class Small {
        private final RgbImage large;
        private final LabelMap predicted;
        private RgbImage small;
        private LabelMap labels;

        Small(RgbImage large, LabelMap predicted) {
            this.large = large;
            this.predicted = predicted;
        }

        RgbImage image() {
            if (small == null) {
                double scale = Math.min(1, (double) SIDE / Math.max(large.width(), large.height()));
                int width = (int) Math.max(1, Math.round(scale * large.width()));
                int height = (int) Math.max(1, Math.round(scale * large.height()));
                small = Resize.antialiased(large, width, height);
                labels = Resize.nearest(predicted, width, height);
            }
            return small;
        }

        /** Returns 0 where there is a prediction, and {@link LabelMap#IGNORE} elsewhere. */
        LabelMap of(int prediction) {
            byte[] where = new byte[labels.labels().length];
            for (int i = 0; i < where.length; i++) {
                where[i] = (labels.labels()[i] & 0xFF) == prediction ? 0 : (byte) LabelMap.IGNORE;
            }
            return new LabelMap(labels.width(), labels.height(), where);
        }
    }

    /**
     * Returns the images of each class that predictions were matched with.
     *
     * @param classes number of them
     */
    List<Extremes> under(Matching matching, int classes) {
        List<Extremes> extremes = new ArrayList<>();
        for (int id = 0; id < classes; id++) {
            List<Seen> surest = new ArrayList<>();
            List<Seen> unsurest = new ArrayList<>();
            for (int prediction = 0; prediction < most.size(); prediction++) {
                if (matching.classOf()[prediction] == id) {
                    surest.addAll(most.get(prediction));
                    unsurest.addAll(least.get(prediction));
                }
            }
            // Where images are few, the same one would be both.
            List<String> named = surest.stream().map(Seen::id).toList();
            unsurest.removeIf(seen -> named.contains(seen.id()));
            extremes.add(new Extremes(surest, unsurest));
        }
        return extremes;
    }
}
