package org.stegokernels.train;

import java.io.IOException;

/** Takes the features of images as they are computed. One thread at a time. */
interface FeatureSink extends AutoCloseable {
    /** Returns whether an image need not be put, since an earlier run did. */
    boolean has(int index);

    /**
     * @param features {@code [h, w, C]} from {@code offset} on
     * @param embedding {@code [C]}
     * @param labels {@code [size, size]}, or null if the dataset has none; kept, not copied
     */
    void put(int index, float[] features, int offset, float[] embedding, byte[] labels) throws IOException;

    /** All images have been put. */
    FeatureStore finish() throws IOException;

    @Override
    void close() throws IOException;
}
