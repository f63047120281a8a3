package org.stegokernels.verify;

import java.nio.file.Path;

/**
 * What to check.
 *
 * @param reference folder of reference vectors; null for those in the jar
 * @param rounds how many random shapes to draw for each operation; 0 for none
 * @param seed what they are drawn from: the same seed draws the same shapes and values
 * @param only checks whose name contains this, {@code *} standing for anything; empty for all
 */
public record VerifyOptions(Path reference, int rounds, long seed, String only) {
    public static final VerifyOptions DEFAULT = new VerifyOptions(null, 0, 0, "");

    public VerifyOptions {
        if (rounds < 0) {
            throw new IllegalArgumentException("rounds must be 0 (none) or more, not " + rounds);
        }
    }

    public VerifyOptions withReference(Path folder) {
        return new VerifyOptions(folder, rounds, seed, only);
    }

    public VerifyOptions withRandom(int newRounds, long newSeed) {
        return new VerifyOptions(reference, newRounds, newSeed, only);
    }

    public VerifyOptions withOnly(String pattern) {
        return new VerifyOptions(reference, rounds, seed, pattern);
    }
}
