package org.stegokernels.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random values: time does not depend on them, as long as they are of common size. */
public final class Synthetic {
    private Synthetic() {}

    /** Returns the numbers in a shape such as {@code 785x384x1536}. */
    public static int[] sizes(String shape) {
        return Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    /** Returns seeded values, uniform in -scale..scale. */
    public static float[] values(int count, float scale) {
        SplittableRandom random = new SplittableRandom(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1) * scale;
        }
        return values;
    }

    /** Returns seeded indices from 0 to bound - 1. */
    public static int[] indices(int count, int bound) {
        return new SplittableRandom(count).ints(count, 0, bound).toArray();
    }
}
