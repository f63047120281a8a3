package org.stegokernels.verify;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The draws of one round of one operation: the same seed, operation and round draw the same. */
class Draw {
    private static final int[] TILES = {4, 8, 16, 32, 64};

    private final RandomGenerator random;
    private String drawn = "";

    Draw(long seed, String operation, int round) {
        // Generators of seeds that follow each other begin alike, unless these are mixed.
        this.random = new SplittableRandom(
                new SplittableRandom(seed).nextLong() ^ ((long) operation.hashCode() << 32 | round));
    }

    /** Returns a size from 1 to {@code max}: often 1 or a multiple of a vector or tile, one more or one less. */
    int size(int max) {
        int kind = random.nextInt(10);
        if (kind == 0) {
            return 1;
        }
        int tile = TILES[random.nextInt(TILES.length)];
        if (kind <= 5 && tile < max) {
            int multiple = tile * between(1, max / tile);
            return Math.max(1, Math.min(max, multiple + between(-1, 1)));
        }
        return between(1, max);
    }

    /** Returns an integer from {@code first} to {@code last}, both included. */
    int between(int first, int last) {
        return first + random.nextInt(last - first + 1);
    }

    double between(double first, double last) {
        return first + random.nextDouble() * (last - first);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    <T> T oneOf(T[] values) {
        return values[random.nextInt(values.length)];
    }

    /** Draws normally distributed values. */
    float[] normal(int count, double mean, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    /** Draws standard normal values. */
    float[] normal(int count) {
        return normal(count, 0, 1);
    }

    /** Integers from 0 to {@code bound - 1}. */
    int[] indices(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }

    /** Returns the integers from 0 to {@code count - 1} in some order. */
    int[] permutation(int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = between(0, i);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Notes what was drawn, for the message if it fails. */
    void note(String format, Object... values) {
        drawn = String.format(Locale.ROOT, format, values);
    }

    @Override
    public String toString() {
        return drawn;
    }
}
