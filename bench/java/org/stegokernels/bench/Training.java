package org.stegokernels.bench;

import java.util.SplittableRandom;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.DropoutMasks;
import org.stegokernels.train.Sampling;
import org.stegokernels.train.TrainingBatch;
import org.stegokernels.train.loss.CorrespondenceLoss;

/** The published training step: 16 images of 320 x 320 with their neighbours, 20 x 20 patches, 11 x 11 points. */
final class Training {
    static final int IMAGES = 16;
    static final int SIDE = 20;
    static final int SAMPLES = 11;
    static final int NEGATIVES = 5;
    static final int CLASSES = 11;
    static final CorrespondenceLoss.Settings SETTINGS = new CorrespondenceLoss.Settings(
            new CorrespondenceLoss.TermSettings(0.67, 0.18),
            new CorrespondenceLoss.TermSettings(0.25, 0.12),
            new CorrespondenceLoss.TermSettings(0.63, 0.46),
            true,
            true,
            false);
    private static final int LABEL_SIDE = 320;
    private static final double DROPOUT = 0.1;

    private Training() {}

    /** A parameter of the head by its name in a model file. */
    static HostTensor initial(String name, int channels) {
        int outputs = name.startsWith("cluster2.0") ? channels : Models.CODE;
        return name.endsWith("bias") ? HostTensor.of(new float[outputs], outputs) : weights(outputs, channels);
    }

    /** Of a linear layer, of usual size. */
    static HostTensor weights(int outputs, int inputs) {
        return HostTensor.of(Synthetic.values(outputs * inputs, (float) (1 / Math.sqrt(inputs))), outputs, inputs);
    }

    static Tensor labels(Device device, int classes) {
        int count = IMAGES * LABEL_SIDE * LABEL_SIDE;
        return device.upload(Synthetic.indices(count, classes), IMAGES, LABEL_SIDE, LABEL_SIDE);
    }

    /** Everything that one step draws and reads. */
    static TrainingBatch batch(Device device, int channels) {
        SplittableRandom random = new SplittableRandom(0);
        int[][] negatives = new int[NEGATIVES][];
        for (int i = 0; i < NEGATIVES; i++) {
            negatives[i] = Sampling.negatives(random, IMAGES);
        }
        CorrespondenceLoss.Pairs pairs = new CorrespondenceLoss.Pairs(
                SAMPLES, Sampling.coords(random, IMAGES, SAMPLES), Sampling.coords(random, IMAGES, SAMPLES), negatives);
        float[] features = Synthetic.values(2 * IMAGES * SIDE * SIDE * channels, (float) (1 / Math.sqrt(channels)));
        return new TrainingBatch(
                device.upload(features, 2 * IMAGES, SIDE, SIDE, channels),
                labels(device, CLASSES),
                pairs,
                new DropoutMasks(mask(random, channels), mask(random, channels), mask(random, channels)));
    }

    private static float[] mask(SplittableRandom random, int channels) {
        return Sampling.dropout(random, 2 * IMAGES, channels, DROPOUT);
    }
}
