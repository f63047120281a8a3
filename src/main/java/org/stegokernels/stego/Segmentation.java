package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.Overlay;
import org.stegokernels.image.Overlay.Legend;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/**
 * A photograph cut into regions.
 *
 * @param image what the labels lie on: the photograph, or the part of it that the protocol keeps
 * @param labels a class id for each pixel of {@code image}
 * @param classes all classes that could have been found, by id
 * @param shares for each class the part of the pixels that it has, 0 to 1; they sum to 1, less what is {@link
 *     LabelMap#IGNORE}
 * @param scores for each class the mean probability that its pixels were given, 0 to 1; 0 for a class without pixels
 * @param confidence the probability of each pixel's label, 0 to 1, [height, width]; null unless {@link
 *     Segmenter.Options#confidence} asks for it
 */
public record Segmentation(
        RgbImage image,
        LabelMap labels,
        List<ClassInfo> classes,
        double[] shares,
        double[] scores,
        float[] confidence) {
    /**
     * A class of a segmentation.
     *
     * @param id its label in label maps, 0 to 254
     * @param name what it is called
     * @param rgb its colour, {@code 0xRRGGBB}
     */
    public record ClassInfo(int id, String name, int rgb) {}

    /** Returns the part of the pixels that each class has. */
    static double[] shares(LabelMap labels, int classes) {
        int[] counts = labels.counts();
        double[] shares = new double[classes];
        for (int c = 0; c < classes; c++) {
            shares[c] = (double) counts[c] / labels.labels().length;
        }
        return shares;
    }

    /**
     * Returns the same with other labels, their shares, and, where the confidence of each pixel is known, their scores.
     * The confidence stays that of the labels that the model gave.
     */
    public Segmentation withLabels(LabelMap changed) {
        double[] changedShares = shares(changed, classes.size());
        double[] changedScores = new double[classes.size()];
        if (confidence != null) {
            for (int i = 0; i < confidence.length; i++) {
                int label = changed.labels()[i] & 0xFF;
                if (label != LabelMap.IGNORE) {
                    changedScores[label] += confidence[i];
                }
            }
        }
        for (int c = 0; c < changedScores.length; c++) {
            double mean = confidence == null ? scores[c] : changedScores[c] / (changedShares[c] * confidence.length);
            changedScores[c] = changedShares[c] == 0 ? 0 : mean;
        }
        return new Segmentation(image, changed, classes, changedShares, changedScores, confidence);
    }

    /**
     * Returns the same, with {@link LabelMap#IGNORE} where the confidence is below a threshold.
     *
     * @throws IllegalStateException if the confidence is not known
     */
    public Segmentation withoutUnsure(double threshold) {
        if (confidence == null) {
            throw new IllegalStateException("the confidence was not asked for");
        }
        byte[] sure = labels.labels().clone();
        for (int i = 0; i < sure.length; i++) {
            if (confidence[i] < threshold) {
                sure[i] = (byte) LabelMap.IGNORE;
            }
        }
        return withLabels(new LabelMap(labels.width(), labels.height(), sure));
    }

    /** Returns the colours of the classes, by id. */
    public static Palette palette(List<ClassInfo> classes) {
        return new Palette(classes.stream().mapToInt(ClassInfo::rgb).toArray());
    }

    /** Returns the image tinted with the colours of its classes, with borders; of the image's size. */
    public RgbImage overlay() {
        return Overlay.render(image, labels, palette(classes));
    }

    /** Returns the {@linkplain #overlay overlay} with a legend below it. */
    public RgbImage overlayWithLegend() {
        return overlayWithLegend(Integer.MAX_VALUE);
    }

    /**
     * Returns the same on a smaller copy of the image, without the confidence of its pixels; shares and scores stay.
     *
     * @param longerSide of the copy in pixels; a smaller image keeps its size
     */
    public Segmentation shrunk(int longerSide) {
        double scale = Math.min(1, (double) longerSide / Math.max(image.width(), image.height()));
        int width = (int) Math.max(1, Math.round(scale * image.width()));
        int height = (int) Math.max(1, Math.round(scale * image.height()));
        return new Segmentation(
                Resize.antialiased(image, width, height),
                Resize.nearest(labels, width, height),
                classes,
                shares,
                scores,
                null);
    }

    /**
     * Returns the image, made smaller, tinted as in {@link #overlay}, with a legend below it.
     *
     * @param longerSide of the image without the legend, in pixels; a smaller image keeps its size
     */
    public RgbImage overlayWithLegend(int longerSide) {
        RgbImage overlay = shrunk(longerSide).overlay();
        List<String> names = classes.stream().map(ClassInfo::name).toList();
        return Legend.below(overlay, labels, palette(classes), names);
    }
}
