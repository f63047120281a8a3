package org.stegokernels.train;

/** The features of all images, complete; images are numbered from 0. Safe for use from many threads. */
interface FeatureStore extends AutoCloseable {
    void features(int index, float[] out, int offset);

    void labels(int index, byte[] out, int offset);

    /** {@code [N, C]}, a copy. */
    float[] embeddings();

    @Override
    default void close() {}
}
