package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Legend;
import org.stegokernels.image.Overlay;
import org.stegokernels.image.Palette;
import org.stegokernels.image.RgbImage;

/**
 * A photograph cut into regions.
 *
 * @param image what the labels lie on: the photograph, or the part of it that the protocol keeps
 * @param labels a class id for each pixel of {@code image}
 * @param classes all classes that could have been found, by id
 * @param shares for each class the part of the pixels that it has, 0 to 1; they sum to 1
 * @param scores for each class the mean probability that its pixels were given, 0 to 1; 0 for a class without pixels
 */
public record Segmentation(RgbImage image, LabelMap labels, List<ClassInfo> classes, double[] shares, double[] scores) {
    /**
     * A class of a segmentation.
     *
     * @param id its label in label maps, 0 to 254
     * @param name what it is called
     * @param rgb its colour, {@code 0xRRGGBB}
     */
    public record ClassInfo(int id, String name, int rgb) {}

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
        List<String> names = classes.stream().map(ClassInfo::name).toList();
        return Legend.below(overlay(), labels, palette(classes), names);
    }
}
