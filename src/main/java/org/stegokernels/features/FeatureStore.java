package org.stegokernels.features;

import java.io.IOException;

/** The features of all images, complete; images are numbered from 0. Safe for use from many threads. */
interface FeatureStore extends AutoCloseable {
    /** Copies the features {@code [h, w, C]} of an image to {@code offset} and on. */
    void features(int index, float[] out, int offset);

    /** Copies the label map {@code [size, size]} of an image to {@code offset} and on. */
    void labels(int index, byte[] out, int offset);

    /** Returns a copy of the embeddings, {@code [N, C]}. */
    float[] embeddings();

    @Override
    default void close() {}

    /** Takes the features of images as they are computed. One thread at a time. */
    interface Builder extends AutoCloseable {
        /** Returns whether an image need not be put, since an earlier run did. */
        boolean has(int index);

        /**
         * Adds an image.
         *
         * @param features {@code [h, w, C]} from {@code offset} on
         * @param embedding {@code [C]}
         * @param labels {@code [size, size]}, or null if the dataset has none; kept, not copied
         */
        void put(int index, float[] features, int offset, float[] embedding, byte[] labels) throws IOException;

        /** Completes the store, all images having been put. */
        FeatureStore finish() throws IOException;

        /** Frees what {@link #finish} has not handed on. */
        @Override
        void close() throws IOException;
    }
}
