package org.stegokernels.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.train.loss.Objective;

/**
 * Principal mask proposals (Hahn et al. 2024): the parts of one image that its own features suggest. The first
 * principal direction of the features that are not yet in a mask points at the dominant pattern; the position nearest to
 * it is the anchor; what is similar to the anchor is a mask, whose positions take no further part; and again, until
 * nearly all positions are in one. The masks are then refined at the resolution of the image by the dense CRF, what none
 * of them covers being one more candidate. The same features and pixels give the same masks. One thread at a time.
 */
final class MaskProposals implements AutoCloseable {
    /** The label of a pixel that is in no mask. */
    static final int NONE = Objective.Proposals.NONE;

    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;
    /** Steps of the power iteration, as published. */
    private static final int ITERATIONS = 100;
    /** Bounds the memory of the CRF where hardly any two positions are alike; what is left then is in no mask. */
    private static final int MOST_MASKS = 64;
    /** Factor that makes a mask of similarities a nearly hard one, as published. */
    private static final float GAIN = 10;

    private final Device device;
    private final Kernels kernels;
    private final TrainingKernels training;
    private final Settings settings;
    private final DenseCrf crf;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer unitBuffer;
    private final GrowingBuffer centeredBuffer;
    private final GrowingBuffer scatterBuffer;
    private final GrowingBuffer directionBuffer;
    private final GrowingBuffer nextBuffer;
    private final GrowingBuffer similarityBuffer;
    private final GrowingBuffer patchBuffer;
    private final GrowingBuffer pixelBuffer;
    private final GrowingBuffer marginalBuffer;
    private final GrowingBuffer labelBuffer;

    /**
     * Settings of the proposals.
     *
     * @param threshold cosine with the anchor from which a position belongs to its mask
     * @param coverage share of the positions that are in a mask when no further one is sought
     */
    record Settings(double threshold, double coverage) {
        /** The published values. */
        static final Settings PUBLISHED = new Settings(0.4, 0.95);
    }

    MaskProposals(Device device, Settings settings) {
        this.device = device;
        this.kernels = device.kernels();
        this.training = device.training();
        this.settings = settings;
        this.crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT);
        this.featureBuffer = new GrowingBuffer(device);
        this.unitBuffer = new GrowingBuffer(device);
        this.centeredBuffer = new GrowingBuffer(device);
        this.scatterBuffer = new GrowingBuffer(device);
        this.directionBuffer = new GrowingBuffer(device);
        this.nextBuffer = new GrowingBuffer(device);
        this.similarityBuffer = new GrowingBuffer(device);
        this.patchBuffer = new GrowingBuffer(device);
        this.pixelBuffer = new GrowingBuffer(device);
        this.marginalBuffer = new GrowingBuffer(device);
        this.labelBuffer = new GrowingBuffer(device, ElementType.I32);
    }

    /**
     * Proposes the masks of an image.
     *
     * @param features {@code [h, w, C]}
     * @param image the pixels that the features are of
     * @return for each pixel of the image the number of its mask, from 0, or {@link #NONE}
     */
    LabelMap propose(float[] features, int height, int width, RgbImage image) {
        List<float[]> masks = masks(features, height * width);
        masks.replaceAll(mask -> hardened(mask, height, width));
        return refined(masks, height, width, image);
    }

    /**
     * Returns the masks before their refinement, the dominant one first.
     *
     * @param features {@code [n, C]}
     * @return for each mask {@code [n]}: the cosine with its anchor, or 0 where a position is not in it
     */
    List<float[]> masks(float[] features, int positions) {
        int channels = features.length / positions;
        Tensor unit = unitBuffer.view(positions, channels);
        Tensor given = featureBuffer.view(positions, channels);
        device.write(features, given);
        kernels.normalize(given, NORM_EPSILON, unit);
        boolean[] covered = new boolean[positions];
        int left = positions;
        List<float[]> masks = new ArrayList<>();
        while (left > positions * (1 - settings.coverage) && masks.size() < MOST_MASKS) {
            Tensor direction = direction(features, channels, covered);
            int anchor = anchor(similarities(unit, direction), covered);
            Tensor toward = directionBuffer.view(1, channels);
            kernels.slice(unit.view(1, positions, channels), anchor, 0, toward.view(1, 1, channels));
            float[] mask = similarities(unit, toward);
            for (int i = 0; i < positions; i++) {
                boolean in = !covered[i] && (i == anchor || mask[i] >= settings.threshold);
                mask[i] = in ? mask[i] : 0;
                covered[i] |= in;
                left -= in ? 1 : 0;
            }
            masks.add(mask);
        }
        return masks;
    }

    /** Returns the first principal direction of the features that are not covered, {@code [1, C]}, of length 1 or 0. */
    private Tensor direction(float[] features, int channels, boolean[] covered) {
        int left = 0;
        double[] mean = new double[channels];
        for (int i = 0; i < covered.length; i++) {
            if (!covered[i]) {
                left++;
                for (int c = 0; c < channels; c++) {
                    mean[c] += features[i * channels + c];
                }
            }
        }
        float[] centered = new float[channels * left];
        float[] start = new float[channels];
        double longest = -1;
        for (int i = 0, column = 0; i < covered.length; i++) {
            if (!covered[i]) {
                double squares = 0;
                for (int c = 0; c < channels; c++) {
                    float value = (float) (features[i * channels + c] - mean[c] / left);
                    centered[c * left + column] = value;
                    squares += (double) value * value;
                }
                if (squares > longest) {
                    longest = squares;
                    for (int c = 0; c < channels; c++) {
                        start[c] = centered[c * left + column];
                    }
                }
                column++;
            }
        }
        return strongest(centered, channels, left, start);
    }

    /**
     * Iterates {@code v = S v / |S v|} with the scatter {@code S = X^T X} of the centred features.
     *
     * @param centered {@code [C, left]}, X transposed
     * @param start {@code [C]}
     */
    private Tensor strongest(float[] centered, int channels, int left, float[] start) {
        Tensor points = centeredBuffer.view(channels, left);
        Tensor scatter = scatterBuffer.view(channels, channels);
        Tensor direction = directionBuffer.view(1, channels);
        Tensor next = nextBuffer.view(1, channels);
        device.write(centered, points);
        device.write(start, direction);
        training.linear(points, points, null, Activation.NONE, null, scatter);
        for (int i = 0; i < ITERATIONS; i++) {
            training.linear(direction, scatter, null, Activation.NONE, null, next);
            kernels.normalize(next, NORM_EPSILON, direction);
        }
        return direction;
    }

    private float[] similarities(Tensor unit, Tensor direction) {
        Tensor similarities = similarityBuffer.view(unit.shape().dim(0), 1);
        training.linear(unit, direction, null, Activation.NONE, null, similarities);
        return device.floats(similarities);
    }

    /**
     * Returns the position that lies nearest to the direction. The sign of a principal direction means nothing: the one is
     * taken that comes nearer to a position.
     */
    private static int anchor(float[] similarities, boolean[] covered) {
        int anchor = -1;
        for (int i = 0; i < covered.length; i++) {
            if (!covered[i] && (anchor < 0 || Math.abs(similarities[i]) > Math.abs(similarities[anchor]))) {
                anchor = i;
            }
        }
        return anchor;
    }

    /** Returns a mask after the published 3 x 3 median filter, which removes single positions, and nearly hard. */
    private static float[] hardened(float[] mask, int height, int width) {
        float[] hardened = new float[mask.length];
        float[] around = new float[9];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int i = 0; i < around.length; i++) {
                    around[i] = mask[mirrored(y + i / 3 - 1, height) * width + mirrored(x + i % 3 - 1, width)];
                }
                Arrays.sort(around);
                hardened[y * width + x] = Math.max(0, Math.min(1, GAIN * around[4]));
            }
        }
        return hardened;
    }

    /** Returns the index that a border mirrors: -1 is 1, as {@code size} is {@code size - 2}. */
    private static int mirrored(int index, int size) {
        int inside = index < size ? Math.abs(index) : 2 * size - 2 - index;
        return Math.max(0, Math.min(size - 1, inside));
    }

    private LabelMap refined(List<float[]> masks, int height, int width, RgbImage image) {
        int candidates = masks.size() + 1;
        int pixels = image.width() * image.height();
        Tensor patches = patchBuffer.view(1, height, width, candidates);
        Tensor logits = pixelBuffer.view(1, image.height(), image.width(), candidates);
        Tensor marginals = marginalBuffer.view(pixels, candidates);
        Tensor labels = labelBuffer.view(pixels);
        device.write(withRest(masks, height * width), patches);
        kernels.bilinear(patches, logits);
        crf.infer(logits.view(pixels, candidates), image.rgb(), image.width(), image.height(), marginals);
        kernels.argmax(marginals, labels);
        int[] best = device.ints(labels);
        byte[] numbers = new byte[pixels];
        for (int i = 0; i < pixels; i++) {
            numbers[i] = (byte) (best[i] == 0 ? NONE : best[i] - 1);
        }
        return new LabelMap(image.width(), image.height(), numbers);
    }

    /** Returns the logits of the candidates, {@code [n, 1 + masks]}: first the rest, which is as sure as a mask where there is none. */
    private static float[] withRest(List<float[]> masks, int positions) {
        double sum = 0;
        int inside = 0;
        for (float[] mask : masks) {
            for (float value : mask) {
                sum += value;
                inside += value == 0 ? 0 : 1;
            }
        }
        float sure = inside == 0 ? 1 : (float) (sum / inside);
        int candidates = masks.size() + 1;
        float[] logits = new float[positions * candidates];
        for (int i = 0; i < positions; i++) {
            float taken = 0;
            for (int mask = 0; mask < masks.size(); mask++) {
                float value = masks.get(mask)[i];
                logits[i * candidates + 1 + mask] = value;
                taken += value;
            }
            logits[i * candidates] = Math.max(0, sure - taken);
        }
        return logits;
    }

    @Override
    public void close() {
        crf.close();
        featureBuffer.close();
        unitBuffer.close();
        centeredBuffer.close();
        scatterBuffer.close();
        directionBuffer.close();
        nextBuffer.close();
        similarityBuffer.close();
        patchBuffer.close();
        pixelBuffer.close();
        marginalBuffer.close();
        labelBuffer.close();
    }
}
