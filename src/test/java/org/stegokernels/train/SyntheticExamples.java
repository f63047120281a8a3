package org.stegokernels.train;

import java.util.Arrays;
import java.util.Random;
import org.stegokernels.image.RgbImage;
import org.stegokernels.train.loss.ExtraLosses;

/**
 * Images of which the left part is of one class and the right one of another; features are their class's direction and
 * noise.
 */
final class SyntheticExamples extends TrainingExamples {
    static final int CLASSES = 4;
    static final int SIDE = 6;
    static final int CHANNELS = 16;
    private static final int PIXELS = 4;

    private final int images;
    private final float[][] features;
    private final int[][] labels;

    SyntheticExamples(int images) {
        this.images = images;
        this.features = new float[images][SIDE * SIDE * CHANNELS];
        this.labels = new int[images][labelSize() * labelSize()];
        for (int image = 0; image < images; image++) {
            Random random = new Random(image);
            int border = 1 + random.nextInt(SIDE - 1);
            int left = random.nextInt(CLASSES);
            int right = random.nextInt(CLASSES);
            for (int patch = 0; patch < SIDE * SIDE; patch++) {
                int label = patch % SIDE < border ? left : right;
                for (int c = 0; c < CHANNELS; c++) {
                    features[image][patch * CHANNELS + c] =
                            (float) ((c % CLASSES == label ? 1 : 0.1) + 0.1 * random.nextGaussian());
                }
            }
            for (int pixel = 0; pixel < labels[image].length; pixel++) {
                labels[image][pixel] = pixel % labelSize() / PIXELS < border ? left : right;
            }
        }
    }

    /** Makes some features of one image useless. */
    SyntheticExamples spoilt(int image, int count) {
        Arrays.fill(features[image], 0, count, Float.NaN);
        return this;
    }

    @Override
    public int size() {
        return images;
    }

    @Override
    public int rows() {
        return SIDE;
    }

    @Override
    public int columns() {
        return SIDE;
    }

    @Override
    public int channels() {
        return CHANNELS;
    }

    @Override
    public int labelSize() {
        return SIDE * PIXELS;
    }

    @Override
    public boolean hasLabels() {
        return true;
    }

    @Override
    public float[] embeddings() {
        float[] means = new float[images * CHANNELS];
        for (int image = 0; image < images; image++) {
            for (int i = 0; i < features[image].length; i++) {
                if (Float.isFinite(features[image][i])) {
                    means[image * CHANNELS + i % CHANNELS] += features[image][i];
                }
            }
        }
        return means;
    }

    @Override
    public String identity() {
        return images + " synthetic images";
    }

    /** Returns an image of the classes in colours. */
    @Override
    RgbImage square(int index) {
        byte[] rgb = new byte[3 * labels[index].length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (50 * labels[index][i / 3]);
        }
        return new RgbImage(labelSize(), labelSize(), rgb);
    }

    @Override
    void prepare(HostBatch batch) {
        int[] drawn = batch.draw.images();
        for (int place = 0; place < batch.featureImages(); place++) {
            int image = drawn[place < drawn.length ? place : place - drawn.length];
            System.arraycopy(
                    features[image], 0, batch.features, place * features[image].length, features[image].length);
            if (place < batch.labelImages()) {
                System.arraycopy(labels[image], 0, batch.labels, place * labels[image].length, labels[image].length);
            }
        }
        if (batch.guidance != null) {
            for (int i = 0; i < batch.guidance.length; i++) {
                batch.guidance[i] = batch.draw.step() % 2 + i % 3;
            }
        }
        if (batch.alignedCoords != null) {
            for (int i = 0; i < batch.alignedCoords.length / 2; i++) {
                batch.alignedCoords[2 * i] = ExtraLosses.Inputs.coordinate(i % SIDE, SIDE);
                batch.alignedCoords[2 * i + 1] = ExtraLosses.Inputs.coordinate(i / SIDE % SIDE, SIDE);
            }
        }
    }

    @Override
    void complete(HostBatch batch) {}

    @Override
    public void close() {}
}
