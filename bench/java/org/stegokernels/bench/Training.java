package org.stegokernels.bench;

import java.util.SplittableRandom;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.HeadGradient;
import org.stegokernels.train.TrainingStep;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;

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

    /** Returns a parameter of the head by its name in a model file. */
    static HostTensor initial(String name, int channels) {
        int outputs = name.startsWith("cluster2.0") ? channels : Models.CODE;
        return name.endsWith("bias") ? HostTensor.of(new float[outputs], outputs) : weights(outputs, channels);
    }

    /** Returns a linear layer of usual size. */
    static HostTensor weights(int outputs, int inputs) {
        return HostTensor.of(Synthetic.values(outputs * inputs, (float) (1 / Math.sqrt(inputs))), outputs, inputs);
    }

    /** Returns the weights of a linear probe, or clusters, of the codes. */
    static HostTensor probe() {
        return weights(CLASSES, Models.CODE);
    }

    /** Returns the step of a head of two branches, a linear probe and an objective. */
    static TrainingStep step(Device device, int channels, Objective objective, double headRate, double probeRate) {
        return new TrainingStep(
                device,
                new TrainingStep.Modules(
                        new HeadGradient(device, true, name -> initial(name, channels)),
                        new LinearProbeLoss(device, probe(), HostTensor.of(new float[CLASSES], CLASSES)),
                        objective),
                AdamSettings.of(headRate),
                AdamSettings.of(probeRate));
    }

    static Tensor labels(Device device, int classes) {
        int count = IMAGES * LABEL_SIDE * LABEL_SIDE;
        return device.upload(Synthetic.indices(count, classes), IMAGES, LABEL_SIDE, LABEL_SIDE);
    }

    /** Returns six upright masks for each image. */
    static Objective.Proposals proposals() {
        byte[] masks = new byte[IMAGES * LABEL_SIDE * LABEL_SIDE];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = (byte) (i % LABEL_SIDE * 6 / LABEL_SIDE);
        }
        return new Objective.Proposals(masks, LABEL_SIDE, LABEL_SIDE, 0);
    }

    /** Returns everything that one step draws and reads. */
    static TrainingStep.Batch batch(Device device, int channels) {
        int[][] negatives = new int[NEGATIVES][IMAGES];
        for (int draw = 0; draw < NEGATIVES; draw++) {
            for (int image = 0; image < IMAGES; image++) {
                negatives[draw][image] = (image + draw + 1) % IMAGES;
            }
        }
        int coords = 2 * IMAGES * SAMPLES * SAMPLES;
        CorrespondenceLoss.Pairs pairs = new CorrespondenceLoss.Pairs(
                SAMPLES, Synthetic.values(coords, 1), Synthetic.values(coords, 0.9f), negatives);
        float[] features = Synthetic.values(2 * IMAGES * SIDE * SIDE * channels, (float) (1 / Math.sqrt(channels)));
        return new TrainingStep.Batch(
                device.upload(features, 2 * IMAGES, SIDE, SIDE, channels),
                labels(device, CLASSES),
                pairs,
                new TrainingStep.Masks(mask(0, channels), mask(1, channels), mask(2, channels)));
    }

    private static float[] mask(int seed, int channels) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] factors = new float[2 * IMAGES * channels];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextDouble() < DROPOUT ? 0 : (float) (1 / (1 - DROPOUT));
        }
        return factors;
    }
}
