package org.stegokernels.train;

import java.util.random.RandomGenerator;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.Objective;

/** Uploads the inputs of a step. One thread at a time. */
final class StepInputs implements AutoCloseable {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final Device device;
    private final TrainSettings settings;
    private final int classes;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer labelBuffer;
    private final GrowingBuffer signalBuffer;
    private final GrowingBuffer guidanceBuffer;

    StepInputs(Device device, TrainSettings settings, int classes) {
        this.device = device;
        this.settings = settings;
        this.classes = classes;
        this.featureBuffer = new GrowingBuffer(device);
        this.labelBuffer = new GrowingBuffer(device, ElementType.I32);
        this.signalBuffer = new GrowingBuffer(device);
        this.guidanceBuffer = new GrowingBuffer(device);
    }

    /** Refuses a batch whose features, labels or similarities of points don't fit into an array. */
    static void requireRoom(TrainSettings settings, TrainingExamples examples) {
        long batch = Math.min(settings.data().batch(), examples.size());
        long features = 3 * batch * examples.rows() * examples.columns() * examples.channels();
        long labels = 2 * batch * examples.labelSize() * examples.labelSize();
        long points = (long) settings.correspondence().points()
                * settings.correspondence().points();
        long similarities = batch * points * Math.max(points, examples.channels());
        if (Math.max(features, Math.max(labels, similarities)) > LONGEST_ARRAY) {
            throw new TrainingException.BadSettings("batch_size " + batch + " is too large for res "
                    + settings.data().size() + " and feature_samples "
                    + settings.correspondence().points() + ": choose a smaller one");
        }
    }

    /** Uploads a batch, valid until the next call. */
    TrainingStep.Batch upload(HostBatch host, TrainingExamples examples) {
        int batch = host.batch();
        int side = examples.labelSize();
        Tensor features =
                featureBuffer.view(host.featureImages(), examples.rows(), examples.columns(), examples.channels());
        device.write(host.features, features);
        Tensor labels = labelBuffer.view(batch, side, side);
        device.write(host.labels, labels);
        RandomGenerator random = host.draw.random();
        CorrespondenceLoss.Pairs pairs = pairs(host, side, random);
        TrainingStep.Masks masks = masks(host.featureImages(), examples.channels(), random);
        Tensor signal = settings.correspondence().trueLabels() ? labelSignal(host, side) : null;
        return new TrainingStep.Batch(
                features, signal, labels, pairs, masks, extras(host, random), proposals(host, side));
    }

    private static Objective.Proposals proposals(HostBatch host, int side) {
        return host.masks == null ? null : new Objective.Proposals(host.masks, side, side, host.draw.step());
    }

    private CorrespondenceLoss.Pairs pairs(HostBatch host, int side, RandomGenerator random) {
        int batch = host.batch();
        int samples = settings.correspondence().points();
        float[] coords;
        float[] neighbourCoords;
        if (settings.correspondence().salient()) {
            coords = Sampling.salientCoords(random, labelled(host, 0, side), batch, side, side, samples);
            neighbourCoords = Sampling.salientCoords(random, labelled(host, batch, side), batch, side, side, samples);
        } else {
            coords = Sampling.coords(random, batch, samples);
            neighbourCoords = Sampling.coords(random, batch, samples);
        }
        int[][] negatives = new int[settings.correspondence().negatives()][];
        for (int draw = 0; draw < negatives.length; draw++) {
            negatives[draw] = Sampling.negatives(random, batch);
        }
        return new CorrespondenceLoss.Pairs(samples, coords, neighbourCoords, negatives);
    }

    /** Returns 1 for each pixel with a label, else 0. */
    private static float[] labelled(HostBatch host, int firstImage, int side) {
        float[] salience = new float[host.batch() * side * side];
        int first = firstImage * side * side;
        for (int i = 0; i < salience.length; i++) {
            salience[i] = host.labels[first + i] < 0 ? 0 : 1;
        }
        return salience;
    }

    private TrainingStep.Masks masks(int images, int channels, RandomGenerator random) {
        double rate = settings.model().dropoutRate();
        float[] linear = Sampling.dropout(random, images, channels, rate);
        float[] nonlinear = Sampling.dropout(random, images, channels, rate);
        float[] loss = Sampling.dropout(random, images, channels, rate);
        boolean twoBranches = settings.model().projection() == TrainSettings.Projection.NONLINEAR;
        return new TrainingStep.Masks(
                linear,
                twoBranches ? nonlinear : null,
                settings.correspondence().dropout() ? loss : null);
    }

    /** Uploads each pixel's label as a unit vector, no label being one of its own. */
    private Tensor labelSignal(HostBatch host, int side) {
        int width = classes + 1;
        float[] oneHot = new float[Math.multiplyExact(host.labels.length, width)];
        for (int i = 0; i < host.labels.length; i++) {
            oneHot[i * width + host.labels[i] + 1] = 1;
        }
        Tensor signal = signalBuffer.view(host.labelImages(), side, side, width);
        device.write(oneHot, signal);
        return signal;
    }

    private ExtraLosses.Inputs extras(HostBatch host, RandomGenerator random) {
        if (host.guidance == null && host.alignedCoords == null) {
            return null;
        }
        Tensor guidance = null;
        int[] points = null;
        if (host.guidance != null) {
            guidance = guidanceBuffer.view(host.batch(), HostBatch.GUIDANCE_SIDE, HostBatch.GUIDANCE_SIDE, 3);
            device.write(host.guidance, guidance);
            points = random.ints(2L * settings.extras().crfPoints(), 0, HostBatch.GUIDANCE_SIDE)
                    .toArray();
        }
        return new ExtraLosses.Inputs(guidance, points, host.alignedCoords);
    }

    @Override
    public void close() {
        featureBuffer.close();
        labelBuffer.close();
        signalBuffer.close();
        guidanceBuffer.close();
    }
}
