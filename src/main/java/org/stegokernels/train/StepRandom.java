package org.stegokernels.train;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The random numbers of a training. There is no state to keep: each draw is a function of the seed, the purpose and a
 * number, so that any step can be made again, in any order and on any thread, and seed and step are all that a
 * checkpoint needs.
 */
final class StepRandom {
    /** Kinds of draws; a number says for which epoch, step or parameter. */
    enum Purpose {
        /** First values of a parameter; number: of its name. */
        INITIAL,
        /** First values of a parameter that starts anew. */
        RESET,
        /** Order of the images; number: the epoch. */
        ORDER,
        /** Pairs, negatives, points and dropout; number: the step. */
        STEP,
        /** Crops and augmentations; number: the step's image. */
        IMAGE,
        /** Sample of patches that clusters start from. */
        CLUSTERS
    }

    private StepRandom() {}

    static RandomGenerator of(long seed, Purpose purpose, long number) {
        return new SplittableRandom(mix(mix(mix(seed) + purpose.ordinal()) + number));
    }

    /** Returns the numbers 0 to {@code count - 1} in a random order (Fisher and Yates 1938). */
    static int[] order(long seed, Purpose purpose, long number, int count) {
        RandomGenerator random = of(seed, purpose, number);
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        return order;
    }

    /**
     * Mixes a number by a bijection that leaves no pattern: the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
     */
    private static long mix(long value) {
        long mixed = value + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
