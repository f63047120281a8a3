package org.stegokernels.train;

import java.util.Arrays;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;

/** The images that a training goes through, as features of square images all of one size. */
public abstract class TrainingExamples implements AutoCloseable {
    /** Images, N. */
    public abstract int size();

    /** Rows of patches of an image. */
    public abstract int rows();

    public abstract int columns();

    /** Of a feature, C. */
    public abstract int channels();

    /** Side of a label map, S. */
    public abstract int labelSize();

    /** Returns whether there are labels, without which the linear probe learns nothing. */
    public abstract boolean hasLabels();

    /** {@code [N, C]}: one vector for each image, by which neighbours are found. */
    public abstract float[] embeddings();

    /** Equal only for the same images and features: a training goes on with nothing else. */
    public abstract String identity();

    /** Reads features and labels, or the pixels for {@link #complete}. Safe on several threads. */
    abstract void prepare(HostBatch batch);

    /** Computes what features are not there yet. On the device's thread. */
    abstract void complete(HostBatch batch);

    /** Puts the labels of an image into the batch's place, or -1 if there are none. */
    final void putLabels(HostBatch batch, int place, LabelMap map) {
        int area = labelSize() * labelSize();
        int first = place * area;
        if (map == null) {
            Arrays.fill(batch.labels, first, first + area, -1);
            return;
        }
        for (int i = 0; i < area; i++) {
            int label = map.labels()[i] & 0xFF;
            batch.labels[first + i] = label == LabelMap.IGNORE ? -1 : label;
        }
    }

    /** Puts a small copy of an image into the batch's place: bilinear without antialiasing, as published. */
    static void putGuidance(HostBatch batch, int place, RgbImage image) {
        Guidance.put(image, HostBatch.GUIDANCE_SIDE, batch.guidance, place);
    }

    @Override
    public abstract void close();
}
