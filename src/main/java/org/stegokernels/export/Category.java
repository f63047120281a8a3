package org.stegokernels.export;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;

/**
 * One class of a label map.
 *
 * @param id its label, 0 to 254
 * @param name what it is called
 * @param rgb its colour, {@code 0xRRGGBB}
 */
public record Category(int id, String name, int rgb) {
    /** @throws IllegalArgumentException if the id is none of a class */
    public Category {
        if (id < 0 || id >= LabelMap.IGNORE) {
            throw new IllegalArgumentException("a class with the id " + id + "; ids are 0 to 254");
        }
    }

    /**
     * Returns the classes by their ids, null where there is none: [256].
     *
     * @throws IllegalArgumentException if two have one id
     */
    static Category[] byId(List<Category> categories) {
        Category[] byId = new Category[LabelMap.IGNORE + 1];
        Set<Integer> seen = new HashSet<>();
        for (Category category : categories) {
            if (!seen.add(category.id())) {
                throw new IllegalArgumentException("two classes with the id " + category.id());
            }
            byId[category.id()] = category;
        }
        return byId;
    }

    /** Returns the colours by the ids; black where there is no class. */
    static Palette palette(List<Category> categories) {
        int size = 1;
        for (Category category : categories) {
            size = Math.max(size, category.id() + 1);
        }
        int[] colors = new int[size];
        for (Category category : categories) {
            colors[category.id()] = category.rgb();
        }
        return new Palette(colors);
    }
}
