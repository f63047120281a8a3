package org.stegokernels.eval;

/** The features of a set of images and of their mirror images, computed once, with labels: what a training has at hand. */
public interface LabelledFeatures {
    /** Number of images. */
    int size();

    /** Rows of patches, h. */
    int height();

    /** Columns of patches, w. */
    int width();

    /** Length of a feature, K. */
    int channels();

    /** Side of the square that is labelled, in pixels. */
    int labelSize();

    /** Writes {@code [h, w, K]} of an image. */
    void features(int index, float[] out, int offset);

    /** Returns whether there are features of mirror images, with which codes are then averaged. */
    boolean mirrored();

    /** Writes {@code [h, w, K]} of an image that was mirrored left to right before the backbone saw it. */
    void mirroredFeatures(int index, float[] out, int offset);

    /** Writes {@code [size, size]}, unsigned: classes, or 255 for ignored. */
    void labels(int index, byte[] out, int offset);
}
