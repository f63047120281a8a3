package org.stegokernels.train;

import java.util.random.RandomGenerator;

/** The draws of a step: points, negatives, dropout masks. Each is a pure function of the generator's state. */
final class Sampling {
    /** Chance that a salient point is replaced by one from anywhere, as published. */
    private static final double ANYWHERE = 0.1;

    private Sampling() {}

    /** Draws points (x, y) uniform in -1..1: {@code [images, samples, samples, 2]}. */
    static float[] coords(RandomGenerator random, int images, int samples) {
        float[] coords = new float[images * samples * samples * 2];
        for (int i = 0; i < coords.length; i++) {
            coords[i] = random.nextFloat() * 2 - 1;
        }
        return coords;
    }

    /**
     * Draws points among the salient pixels of each image, nine in ten; the others, and all of an image without salient pixels,
     * are from anywhere.
     *
     * @param salience {@code [images, height, width]}: not 0 where a point may be
     * @return {@code [images, samples, samples, 2]}
     */
    static float[] salientCoords(
            RandomGenerator random, float[] salience, int images, int height, int width, int samples) {
        float[] coords = coords(random, images, samples);
        int[] salient = new int[height * width];
        for (int image = 0; image < images; image++) {
            int count = 0;
            for (int pixel = 0; pixel < height * width; pixel++) {
                if (salience[image * height * width + pixel] != 0) {
                    salient[count++] = pixel;
                }
            }
            int first = image * samples * samples;
            for (int point = first; count > 0 && point < first + samples * samples; point++) {
                if (random.nextDouble() >= ANYWHERE) {
                    int pixel = salient[random.nextInt(count)];
                    coords[2 * point] = 2f * (pixel % width) / width - 1;
                    coords[2 * point + 1] = 2f * (pixel / width) / height - 1;
                }
            }
        }
        return coords;
    }

    /** Returns the image of a batch that each is compared with as a stranger: {@link #moved} of a random permutation. */
    static int[] negatives(RandomGenerator random, int images) {
        int[] permutation = new int[images];
        for (int i = 0; i < images; i++) {
            int other = random.nextInt(i + 1);
            permutation[i] = permutation[other];
            permutation[other] = i;
        }
        return moved(permutation);
    }

    /**
     * Applies the published rule against comparing an image with itself: an index that stays in its place goes to the next
     * one. The result need not be a permutation. A single image has no other to be compared with.
     */
    static int[] moved(int[] permutation) {
        int[] moved = permutation.clone();
        for (int i = 0; i < moved.length; i++) {
            if (moved[i] == i) {
                moved[i] = (i + 1) % moved.length;
            }
        }
        return moved;
    }

    /**
     * Draws factors of a dropout of whole channels: 0 with probability {@code rate}, else {@code 1 / (1 - rate)}.
     *
     * @return {@code [images, channels]}
     */
    static float[] dropout(RandomGenerator random, int images, int channels, double rate) {
        float[] factors = new float[images * channels];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextDouble() < rate ? 0 : (float) (1 / (1 - rate));
        }
        return factors;
    }
}
