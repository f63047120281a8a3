package org.stegokernels.train.loss;

import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The loss that distils correspondences of features into codes (Hamilton et al. 2022, section 3.2): each image is
 * compared with itself, with its neighbour, and with random others, at points drawn anew. One thread at a time.
 */
public final class CorrespondenceLoss implements AutoCloseable {
    /** Shorter vectors are not stretched to length 1: the published bound for this loss. */
    private static final float NORM_EPSILON = 1e-10f;

    private final Device device;
    private final TrainingKernels kernels;
    private final Settings settings;
    private final Side anchors;
    private final Side others;
    private final Tensor loss;

    /** The other side of a comparison. */
    public enum Term {
        /** The image itself. */
        INTRA,
        /** Its neighbour. */
        INTER,
        /** Random others; once for each draw. */
        NEGATIVE
    }

    /**
     * A term's part in the loss (Hamilton et al. 2022, equation 5 and supplement).
     *
     * @param weight factor of its mean loss
     * @param shift feature correlation that neither pulls nor pushes
     */
    public record TermSettings(double weight, double shift) {}

    /**
     * The three terms; {@code pointwise}, {@code zeroClamp} and {@code stabilize} are as in {@link CorrespondenceRule} and
     * hold for all of them.
     */
    public record Settings(
            TermSettings intra,
            TermSettings inter,
            TermSettings negative,
            boolean pointwise,
            boolean zeroClamp,
            boolean stabilize) {
        /** Returns the settings of one term. */
        public TermSettings of(Term term) {
            return switch (term) {
                case INTRA -> intra;
                case INTER -> inter;
                case NEGATIVE -> negative;
            };
        }

        /** Returns the settings with all weights multiplied. */
        public Settings weighted(double factor) {
            return new Settings(
                    new TermSettings(factor * intra.weight, intra.shift),
                    new TermSettings(factor * inter.weight, inter.shift),
                    new TermSettings(factor * negative.weight, negative.shift),
                    pointwise,
                    zeroClamp,
                    stabilize);
        }

        private CorrespondenceRule rule(TermSettings term) {
            return new CorrespondenceRule(pointwise, zeroClamp, stabilize, (float) term.shift);
        }
    }

    /**
     * The points and images that are compared in a step on B images and their B neighbours.
     *
     * @param samples points along each side of a grid, S
     * @param coords {@code [B, S, S, 2]}: points (x, y) in -1..1 of the images
     * @param neighbourCoords points of the same form in neighbours and negatives
     * @param negatives for each draw of negatives {@code [B]}: the image of the batch that each is compared with
     */
    public record Pairs(int samples, float[] coords, float[] neighbourCoords, int[][] negatives) {
        /**
         * Checks the lengths.
         *
         * @throws IllegalArgumentException if they do not fit each other
         */
        public Pairs {
            int perImage = samples * samples * 2;
            boolean fits = samples > 0
                    && coords.length > 0
                    && coords.length % perImage == 0
                    && neighbourCoords.length == coords.length
                    && negatives.length > 0;
            for (int[] draw : negatives) {
                fits &= draw.length * perImage == coords.length;
            }
            if (!fits) {
                throw new IllegalArgumentException("pairs of " + samples + " x " + samples + " points don't fit: "
                        + coords.length + " and " + neighbourCoords.length + " coordinates, " + negatives.length
                        + " draws of negatives");
            }
        }

        /** Returns the number of images in the batch, B. */
        public int images() {
            return coords.length / (samples * samples * 2);
        }
    }

    /** Observer of everything that is compared, before it is. */
    @FunctionalInterface
    public interface Observer {
        /** An observer that does nothing. */
        Observer NONE = (term, features1, features2, code1, code2) -> {};

        /**
         * Called for one comparison. The tensors are valid during the call and must not be changed.
         *
         * @param features1 {@code [B, P, C]}, rows of length 1, as all four
         * @param features2 {@code [B, P, C]}
         * @param code1 {@code [B, P, D]}
         * @param code2 {@code [B, P, D]}
         */
        void compared(Term term, Tensor features1, Tensor features2, Tensor code1, Tensor code2);
    }

    /** Mean losses of the three terms, and their weighted sum. */
    public record Terms(double total, double intra, double inter, double negative) {}

    /** Makes a loss that computes on a device; memory grows with the first call. */
    public CorrespondenceLoss(Device device, Settings settings) {
        this.device = device;
        this.kernels = device.training();
        this.settings = settings;
        this.anchors = new Side();
        this.others = new Side();
        this.loss = device.allocate(1);
    }

    /** Features and codes at the points of one side of a comparison, and the gradient of these codes. */
    private final class Side implements AutoCloseable {
        private final GrowingBuffer imageBuffer = new GrowingBuffer(device, ElementType.I32);
        private final GrowingBuffer coordBuffer = new GrowingBuffer(device);
        private final GrowingBuffer maskBuffer = new GrowingBuffer(device);
        private final GrowingBuffer featureBuffer = new GrowingBuffer(device);
        private final GrowingBuffer codeBuffer = new GrowingBuffer(device);
        private final GrowingBuffer unitBuffer = new GrowingBuffer(device);
        private final GrowingBuffer gradientBuffer = new GrowingBuffer(device);
        private Tensor images;
        private Tensor coords;
        private Tensor sampled;
        Tensor features;
        Tensor code;
        Tensor gradient;

        /** Samples, and sets the gradient to 0. */
        void sample(Step step, int[] which, float[] points) {
            int n = which.length;
            int s = step.pairs.samples();
            images = imageBuffer.view(n);
            device.write(which, images);
            coords = coordBuffer.view(n, s, s, 2);
            device.write(points, coords);
            features = unitFeatures(step, which, n, s);
            int channels = step.code.shape().dim(3);
            sampled = codeBuffer.view(n, s, s, channels);
            kernels.gridSample(step.code, images, coords, sampled);
            code = unitBuffer.view(n, s * s, channels);
            device.kernels().normalize(sampled.view(n, s * s, channels), NORM_EPSILON, code);
            gradient = gradientBuffer.view(n, s * s, channels);
            kernels.fill(gradient, 0);
        }

        private Tensor unitFeatures(Step step, int[] which, int n, int s) {
            int channels = step.features.shape().dim(3);
            Tensor grid = featureBuffer.view(n, s, s, channels);
            kernels.gridSample(step.features, images, coords, grid);
            if (step.mask != null) {
                float[] factors = new float[n * channels];
                for (int i = 0; i < n; i++) {
                    System.arraycopy(step.mask, which[i] * channels, factors, i * channels, channels);
                }
                Tensor mask = maskBuffer.view(n, channels);
                device.write(factors, mask);
                kernels.scaleChannels(grid, mask, grid);
            }
            Tensor rows = grid.view(n, s * s, channels);
            device.kernels().normalize(rows, NORM_EPSILON, rows);
            return rows;
        }

        /** Carries the gradient back to the codes of the images. */
        void backward(Tensor gradCode) {
            Tensor flat = sampled.view(gradient.shape().dims());
            kernels.normalizeGradient(flat, NORM_EPSILON, gradient, gradient);
            kernels.gridSampleGradient(gradient.view(sampled.shape().dims()), images, coords, gradCode);
        }

        @Override
        public void close() {
            imageBuffer.close();
            coordBuffer.close();
            maskBuffer.close();
            featureBuffer.close();
            codeBuffer.close();
            unitBuffer.close();
            gradientBuffer.close();
        }
    }

    /** The arguments of {@link #run}. */
    private record Step(Tensor features, Tensor code, Pairs pairs, float[] mask) {}

    /**
     * Computes the three terms, and adds the gradient of their weighted sum.
     *
     * @param features {@code [A, h, w, C]}, A at least 2 B: B images, then the neighbour of each; others are left alone
     * @param code {@code [A', h', w', D]}: their codes, A' at least 2 B
     * @param mask {@code [A, C]}: factors of the features' channels, or null
     * @param gradCode {@code [A', h', w', D]}, added to
     * @param observer is shown what is compared
     */
    public Terms run(Tensor features, Tensor code, Pairs pairs, float[] mask, Tensor gradCode, Observer observer) {
        int images = pairs.images();
        if (features.shape().dim(0) < 2 * images || code.shape().dim(0) < 2 * images) {
            throw new IllegalArgumentException(
                    "pairs of " + images + " images and their neighbours, features " + features + ", codes " + code);
        }
        Step step = new Step(features, code, pairs, mask);
        anchors.sample(step, IntStream.range(0, images).toArray(), pairs.coords());
        observer.compared(Term.INTRA, anchors.features, anchors.features, anchors.code, anchors.code);
        double intra = compare(anchors, settings.rule(settings.intra), settings.intra.weight);

        others.sample(step, IntStream.range(images, 2 * images).toArray(), pairs.neighbourCoords());
        observer.compared(Term.INTER, anchors.features, others.features, anchors.code, others.code);
        double inter = compare(others, settings.rule(settings.inter), settings.inter.weight);
        others.backward(gradCode);

        double negative = 0;
        int draws = pairs.negatives().length;
        CorrespondenceRule strange = settings.rule(settings.negative);
        for (int[] strangers : pairs.negatives()) {
            others.sample(step, strangers, pairs.neighbourCoords());
            observer.compared(Term.NEGATIVE, anchors.features, others.features, anchors.code, others.code);
            negative += compare(others, strange, settings.negative.weight / draws) / draws;
            others.backward(gradCode);
        }
        anchors.backward(gradCode);
        double total =
                settings.intra.weight * intra + settings.inter.weight * inter + settings.negative.weight * negative;
        return new Terms(total, intra, inter, negative);
    }

    private double compare(Side side, CorrespondenceRule rule, double weight) {
        kernels.correspondence(
                anchors.features,
                side.features,
                anchors.code,
                side.code,
                rule,
                (float) weight,
                anchors.gradient,
                side.gradient,
                loss);
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        anchors.close();
        others.close();
        loss.close();
    }
}
