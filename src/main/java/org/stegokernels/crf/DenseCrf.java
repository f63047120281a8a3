package org.stegokernels.crf;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/**
 * Fully connected CRF over the pixels of an image with Gaussian edge potentials and Potts compatibility, inferred by
 * mean field (Kraehenbuehl and Koltun 2011, "Efficient inference in fully connected CRFs with Gaussian edge
 * potentials"). Messages are passed by filtering on permutohedral lattices (Adams, Baek and Davis 2010, "Fast
 * high-dimensional filtering using the permutohedral lattice"), both kernels normalised symmetrically.
 *
 * <p>Lattices and buffers are kept for the sizes seen last, upright and lying pictures of one camera being the common
 * mixture; the lattice of positions is built once for each. Several threads may use it, one after the other.
 */
public final class DenseCrf implements AutoCloseable {
    private static final int SIZES_KEPT = 2;
    private static final int SMOOTHNESS_DIMS = 2;
    private static final int APPEARANCE_DIMS = 5;

    private final Device device;
    private final Settings settings;
    private final float[] weights;
    /** The size used last comes first. */
    private final Deque<Field> fields = new ArrayDeque<>();

    private boolean closed;

    /**
     * Parameters of the two Gaussian kernels of the dense CRF (Kraehenbuehl and Koltun 2011, equation 3).
     *
     * @param iterations mean-field iterations
     * @param smoothnessWeight weight of the kernel of positions, w(2)
     * @param smoothnessDeviation its standard deviation in pixels, theta gamma
     * @param appearanceWeight weight of the kernel of positions and colours, w(1)
     * @param appearanceDeviation its standard deviation in pixels, theta alpha
     * @param colorDeviation its standard deviation in steps of an 8-bit colour channel, theta beta
     */
    public record Settings(
            int iterations,
            float smoothnessWeight,
            float smoothnessDeviation,
            float appearanceWeight,
            float appearanceDeviation,
            float colorDeviation) {
        /** The constants that STEGO was published with (Hamilton et al. 2022). */
        public static final Settings DEFAULT = new Settings(10, 3, 1, 4, 67, 3);

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if iterations are negative, a weight is not finite or a deviation not positive
         */
        public Settings {
            if (iterations < 0) {
                throw new IllegalArgumentException("CRF iterations must be 0 or more, not " + iterations);
            }
            requireFinite("smoothness weight", smoothnessWeight);
            requireFinite("appearance weight", appearanceWeight);
            requirePositive("smoothness deviation", smoothnessDeviation);
            requirePositive("appearance deviation", appearanceDeviation);
            requirePositive("color deviation", colorDeviation);
        }

        private static void requireFinite(String what, float value) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("the CRF's " + what + " must be finite, not " + value);
            }
        }

        private static void requirePositive(String what, float value) {
            requireFinite(what, value);
            if (value <= 0) {
                throw new IllegalArgumentException("the CRF's " + what + " must be above 0, not " + value);
            }
        }
    }

    /** Makes a CRF that computes on a device; memory grows with the first image. */
    public DenseCrf(Device device, Settings settings) {
        this.device = device;
        this.settings = settings;
        this.weights = new float[] {settings.appearanceWeight(), settings.smoothnessWeight()};
    }

    /** Returns the settings that it was made with. */
    public Settings settings() {
        return settings;
    }

    /**
     * Computes the marginals of the classes of every pixel.
     *
     * @param logits {@code [H * W, C]}, row by row: logarithms of the classes' probabilities, up to a constant for each
     *     pixel
     * @param rgb {@code [H, W, 3]}, 8 bits a channel
     * @param width W in pixels
     * @param height H in pixels
     * @param out {@code [H * W, C]}; may be the logits
     * @throws IllegalArgumentException if the image and the tensors differ in size
     */
    public void infer(Tensor logits, byte[] rgb, int width, int height, Tensor out) {
        infer(List.of(logits), rgb, width, height, List.of(out));
    }

    /** As {@link #infer(Tensor, byte[], int, int, Tensor)}, for several sets of classes over one image, whose lattices are built once. */
    public void infer(List<Tensor> logits, byte[] rgb, int width, int height, List<Tensor> out) {
        logits.forEach(each -> requireFit(each, rgb, width, height));
        synchronized (device.monitor()) {
            if (closed) {
                throw new IllegalStateException("the dense CRF is closed");
            }
            Field field = field(width, height);
            field.look(rgb);
            for (int i = 0; i < logits.size(); i++) {
                device.kernels().meanField(logits.get(i), field.lattices(), weights, settings.iterations(), out.get(i));
            }
        }
    }

    private static void requireFit(Tensor logits, byte[] rgb, int width, int height) {
        boolean fits = width > 0
                && height > 0
                && (long) width * height * 3 == rgb.length
                && logits.shape().rank() == 2
                && logits.shape().dim(0) == width * height;
        if (!fits) {
            throw new IllegalArgumentException("dense CRF: an image of " + width + "x" + height + " pixels in "
                    + rgb.length + " bytes does not fit logits " + logits);
        }
    }

    private Field field(int width, int height) {
        Field field = fields.stream()
                .filter(kept -> kept.width == width && kept.height == height)
                .findFirst()
                .orElse(null);
        if (field != null) {
            fields.remove(field);
        } else {
            if (fields.size() == SIZES_KEPT) {
                fields.removeLast().close();
            }
            field = new Field(width, height);
        }
        fields.addFirst(field);
        return field;
    }

    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            fields.forEach(Field::close);
            fields.clear();
        }
    }

    /** The lattices over the pixels of images of one size. */
    private final class Field implements AutoCloseable {
        private final int width;
        private final int height;
        private final float[] features;
        private final Tensor positions;
        private final Lattice appearance;
        private final Lattice smoothness;

        Field(int width, int height) {
            this.width = width;
            this.height = height;
            int pixels = width * height;
            features = new float[Shape.of(pixels, APPEARANCE_DIMS).size()];
            positions = device.allocate(pixels, APPEARANCE_DIMS);
            appearance = device.kernels().allocateLattice(pixels, APPEARANCE_DIMS);
            smoothness = device.kernels().allocateLattice(pixels, SMOOTHNESS_DIMS);
            place(SMOOTHNESS_DIMS, settings.smoothnessDeviation());
            Tensor pixelPositions = positions.view(pixels, SMOOTHNESS_DIMS);
            device.write(features, pixelPositions);
            device.kernels().buildLattice(pixelPositions, smoothness);
            place(APPEARANCE_DIMS, settings.appearanceDeviation());
        }

        /** Writes columns and rows of the pixels into the first two of {@code dims} features. */
        private void place(int dims, float deviation) {
            for (int p = 0; p < width * height; p++) {
                features[p * dims] = p % width / deviation;
                features[p * dims + 1] = p / width / deviation;
            }
        }

        /**
         * Builds the lattice of positions and colours. The blur goes along one axis after the other, so the order of the
         * features matters a little; colours come as blue, green, red, as the published evaluation has them.
         */
        void look(byte[] rgb) {
            float deviation = settings.colorDeviation();
            for (int p = 0; p < width * height; p++) {
                for (int c = 0; c < 3; c++) {
                    features[p * APPEARANCE_DIMS + 2 + c] = Byte.toUnsignedInt(rgb[p * 3 + 2 - c]) / deviation;
                }
            }
            device.write(features, positions);
            device.kernels().buildLattice(positions, appearance);
        }

        List<Lattice> lattices() {
            return List.of(appearance, smoothness);
        }

        @Override
        public void close() {
            appearance.close();
            smoothness.close();
            positions.close();
        }
    }
}
