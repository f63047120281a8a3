package org.stegokernels.stego;

import java.io.IOException;
import java.util.Arrays;
import org.stegokernels.device.Device;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;

/** Computes the features that a backbone gives photographs. Several threads may use it, one after the other. */
public final class FeatureExtractor implements AutoCloseable {
    private final Device device;
    private final Backbone backbone;
    private final Segmenter.Options options;
    private final PatchEncoder encoder;

    /**
     * The features of one photograph with the attention of the class token.
     *
     * @param patches a vector for each patch
     * @param heads number of attention heads
     * @param classAttention {@code [heads, rows, columns]}: how much the class token attends to each patch in the last
     *     block; without what it attends to itself and to registers, so that a head's values sum to less than 1
     */
    public record Features(PatchStore.Patches patches, int heads, float[] classAttention) {}

    /**
     * Makes an extractor for a backbone.
     *
     * @param backbone not closed by this object
     * @param options of which size, mirror image and protocol count; attention is not averaged with that of the mirror
     *     image
     */
    public FeatureExtractor(Backbone backbone, FeatureKind kind, Segmenter.Options options) {
        this.device = backbone.device();
        this.backbone = backbone;
        this.options = options;
        encoder = new PatchEncoder(backbone, kind, null, options.flip());
    }

    /** Resizes a photograph to what the backbone sees. Other threads may compute meanwhile. */
    public Frame frame(RgbImage photograph) {
        return Frame.of(photograph, options.protocol(), options.size(), encoder.patch());
    }

    /**
     * Computes the features of one photograph.
     *
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws org.stegokernels.vit.FiniteCheck.NotFiniteException if the weights overflow on the image
     * @throws IllegalStateException if the extractor, the backbone or the device is closed
     */
    public PatchStore.Patches patches(Frame frame) {
        synchronized (device.monitor()) {
            return host(encoder.encode(frame.working()).mean());
        }
    }

    /** As {@link #patches}, with the attention of the class token. */
    public Features extract(RgbImage photograph) {
        Frame frame = frame(photograph);
        synchronized (device.monitor()) {
            PatchEncoder.Attended attended = encoder.encodeWithAttention(frame.working());
            PatchStore.Patches patches = host(attended.encoded().mean());
            int heads = backbone.architecture().heads();
            // The attention of a mirror image is left out.
            float[] attention =
                    Arrays.copyOf(device.floats(attended.attention()), heads * patches.rows() * patches.columns());
            return new Features(patches, heads, attention);
        }
    }

    private PatchStore.Patches host(Tensor vectors) {
        return new PatchStore.Patches(vectors.shape().dim(0), vectors.shape().dim(1), device.floats(vectors));
    }

    /** Frees the memory for intermediate results; the backbone stays open. */
    @Override
    public void close() {
        encoder.close();
    }

    /**
     * A shorter form of vectors that keeps the angles between them: their parts along the directions in which a set of
     * them varies most, and along its mean.
     */
    public static final class Projection {
        /** Enough vectors to find the directions, few enough to take no time. */
        private static final int SAMPLE = 10_000;

        private static final double SHORTEST = 1e-12;

        private final int channels;
        /** Directions of length 1 and at right angles to each other, [K][C]. */
        private final double[][] axes;

        private Projection(int channels, double[][] axes) {
            this.channels = channels;
            this.axes = axes;
        }

        /**
         * Chooses the directions for a set of vectors.
         *
         * @param vectors {@code [N, C]}, of which some are looked at
         * @param channels C
         * @param width at most how many directions, K
         */
        public static Projection of(float[] vectors, int channels, int width) {
            int count = vectors.length / channels;
            int rows = Math.min(count, SAMPLE);
            float[] sample = new float[rows * channels];
            for (int i = 0; i < rows; i++) {
                int row = (int) ((long) count * i / rows);
                System.arraycopy(vectors, row * channels, sample, i * channels, channels);
            }
            PrincipalComponents components = PrincipalComponents.of(sample, channels, Math.min(width, channels) - 1);
            double[][] axes = Arrays.copyOf(components.axes(), components.axes().length + 1);
            axes[axes.length - 1] = components.mean().clone();
            orthogonalize(axes);
            return new Projection(channels, axes);
        }

        /** Makes the last direction one at right angles to the others, of length 1; or of length 0 if there is none. */
        private static void orthogonalize(double[][] axes) {
            double[] last = axes[axes.length - 1];
            for (int k = 0; k < axes.length - 1; k++) {
                double product = product(axes[k], last);
                for (int c = 0; c < last.length; c++) {
                    last[c] -= product * axes[k][c];
                }
            }
            double length = Math.sqrt(product(last, last));
            for (int c = 0; c < last.length; c++) {
                last[c] = length < SHORTEST ? 0 : last[c] / length;
            }
        }

        private static double product(double[] a, double[] b) {
            double sum = 0;
            for (int c = 0; c < a.length; c++) {
                sum += a[c] * b[c];
            }
            return sum;
        }

        /** Returns the length of a short vector, K. */
        public int width() {
            return axes.length;
        }

        /**
         * Returns the short forms of vectors, of length 1.
         *
         * @param vectors {@code [n, C]}
         * @return {@code [n, K]}
         */
        public float[] unit(float[] vectors) {
            int count = vectors.length / channels;
            float[] units = new float[count * axes.length];
            double[] coordinates = new double[axes.length];
            for (int i = 0; i < count; i++) {
                double squares = 0;
                for (int k = 0; k < axes.length; k++) {
                    double sum = 0;
                    for (int c = 0; c < channels; c++) {
                        sum += axes[k][c] * vectors[i * channels + c];
                    }
                    coordinates[k] = sum;
                    squares += sum * sum;
                }
                double length = Math.max(Math.sqrt(squares), SHORTEST);
                for (int k = 0; k < axes.length; k++) {
                    units[i * axes.length + k] = (float) (coordinates[k] / length);
                }
            }
            return units;
        }
    }

    /** Pictures of the features and the attention of images, one square of pixels for each patch. */
    public static final class Pictures {
        /** Beyond this many standard deviations a colour is full. */
        private static final double RANGE = 2;

        /** Principal components, each a colour. */
        private static final int COMPONENTS = 3;
        /** The colour map viridis (van der Walt and Smith 2015) in nine steps, dark to bright. */
        private static final int[] VIRIDIS = {
            0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725
        };

        /** Enough patches to find three directions, few enough to take no time. */
        private static final int SAMPLE = 10_000;

        private final PrincipalComponents components;
        private final int patch;

        private Pictures(PrincipalComponents components, int patch) {
            this.components = components;
            this.patch = patch;
        }

        /**
         * Chooses colours for the features of a set of images, which can then be compared: like colours are like features.
         *
         * @param store the features of all images
         * @param patch side of a patch in the pictures, in pixels
         * @throws IOException if the store can't be read
         */
        public static Pictures of(PatchStore store, int patch) throws IOException {
            return new Pictures(PrincipalComponents.of(store.sample(SAMPLE, 0), store.channels(), COMPONENTS), patch);
        }

        /** Paints the first three principal components of an image's features as red, green and blue. */
        public RgbImage components(PatchStore.Patches patches) {
            int count = patches.rows() * patches.columns();
            int channels = components.mean().length;
            byte[] rgb = new byte[3 * count];
            for (int i = 0; i < count; i++) {
                double[] coordinates = components.project(patches.values(), i * channels);
                for (int c = 0; c < 3; c++) {
                    double deviation = Math.max(components.deviations()[c], 1e-12);
                    rgb[3 * i + c] = level(0.5 + coordinates[c] / (2 * RANGE * deviation));
                }
            }
            return enlarged(rgb, patches.rows(), patches.columns(), patch);
        }

        /**
         * Paints how much one head of the class token attends to each patch, from dark for the least in the image to bright
         * for what one patch in a hundred exceeds: the few that draw most attention would leave all others black.
         *
         * @param weights {@code [rows, columns]} from {@code offset} on
         * @param patch side of a patch in the picture, in pixels
         */
        public static RgbImage attention(float[] weights, int offset, int rows, int columns, int patch) {
            int count = rows * columns;
            float[] sorted = Arrays.copyOfRange(weights, offset, offset + count);
            Arrays.sort(sorted);
            float least = sorted[0];
            float range = Math.max(sorted[count - 1 - count / 100] - least, Float.MIN_NORMAL);
            byte[] rgb = new byte[3 * count];
            for (int i = 0; i < count; i++) {
                paint(Math.min((weights[offset + i] - least) / range, 1), rgb, 3 * i);
            }
            return enlarged(rgb, rows, columns, patch);
        }

        private static void paint(double value, byte[] rgb, int at) {
            double position = value * (VIRIDIS.length - 1);
            int low = Math.min((int) position, VIRIDIS.length - 2);
            for (int c = 0; c < 3; c++) {
                int shift = 16 - 8 * c;
                int from = VIRIDIS[low] >> shift & 0xFF;
                int to = VIRIDIS[low + 1] >> shift & 0xFF;
                rgb[at + c] = level((from + (position - low) * (to - from)) / 255);
            }
        }

        private static byte level(double value) {
            return (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }

        private static RgbImage enlarged(byte[] rgb, int rows, int columns, int patch) {
            return Resize.nearest(new RgbImage(columns, rows, rgb), columns * patch, rows * patch);
        }
    }
}
