package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * The best keys of each query so far, best first, the smaller index first on a tie: whatever the order in which keys
 * come, the same ones stay.
 *
 * @param scores {@code [queries, k]}, minus infinity where there is no key yet
 * @param indices {@code [queries, k]}, -1 where there is none
 */
record BestKeys(float[] scores, int[] indices, int k) {
    private static final int NONE = -1;

    static BestKeys allocate(int queries, int k) {
        return new BestKeys(new float[queries * k], new int[queries * k], k);
    }

    void clear(int queries) {
        Arrays.fill(scores, 0, queries * k, Float.NEGATIVE_INFINITY);
        Arrays.fill(indices, 0, queries * k, NONE);
    }

    /** Returns the score of the last place. */
    float worst(int query) {
        return scores[query * k + k - 1];
    }

    /** Takes the key in if it is better than the last. */
    void offer(int query, int key, float score) {
        int first = query * k;
        int place = first + k;
        while (place > first && better(score, key, place - 1)) {
            place--;
        }
        int last = first + k - 1;
        if (place <= last) {
            System.arraycopy(scores, place, scores, place + 1, last - place);
            System.arraycopy(indices, place, indices, place + 1, last - place);
            scores[place] = score;
            indices[place] = key;
        }
    }

    private boolean better(float score, int key, int place) {
        return score > scores[place] || score == scores[place] && key < indices[place];
    }

    /** Takes in all that another has found for one of its queries. */
    void offerAll(int query, BestKeys other, int otherQuery) {
        for (int i = otherQuery * k; i < (otherQuery + 1) * k && other.indices[i] != NONE; i++) {
            offer(query, other.indices[i], other.scores[i]);
        }
    }
}
