package org.stegokernels.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Settings;

/**
 * Class ids of Cityscapes (Cordts et al. 2016), by which its evaluation reads results: an 8-bit grey PNG a picture, named
 * {@code NAME_labelIds.png}; 0, unlabeled, where there is none.
 */
final class CityscapesIds {
    /** The names of the published ids, from 0; void is one more name for unlabeled. */
    private static final List<String> NAMES = List.of(
            "unlabeled",
            "ego vehicle",
            "rectification border",
            "out of roi",
            "static",
            "dynamic",
            "ground",
            "road",
            "sidewalk",
            "parking",
            "rail track",
            "building",
            "wall",
            "fence",
            "guard rail",
            "bridge",
            "tunnel",
            "pole",
            "polegroup",
            "traffic light",
            "traffic sign",
            "vegetation",
            "terrain",
            "sky",
            "person",
            "rider",
            "car",
            "truck",
            "bus",
            "caravan",
            "trailer",
            "train",
            "motorcycle",
            "bicycle");

    private static final int UNLABELED = 0;

    private CityscapesIds() {}

    /** @throws IllegalArgumentException if a class is none of Cityscapes; the message names it */
    static ExportFormat open(Outputs outputs, Settings settings) {
        byte[] idOf = new byte[256];
        Arrays.fill(idOf, (byte) UNLABELED);
        List<String> unknown = new ArrayList<>();
        for (Category category : settings.categories()) {
            String name = category.name()
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replace('_', ' ')
                    .replace('-', ' ');
            int id = name.equals("void") ? UNLABELED : NAMES.indexOf(name);
            if (id < 0) {
                unknown.add(category.name());
            }
            idOf[category.id()] = (byte) id;
        }
        if (!unknown.isEmpty() || settings.categories().isEmpty()) {
            throw new IllegalArgumentException("cityscapes has no id for the classes " + unknown
                    + "; it is for models whose classes are named as those of Cityscapes");
        }
        return PixelFormats.ids(outputs, "_labelIds.png", idOf);
    }
}
