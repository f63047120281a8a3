package org.stegokernels.train.loss;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * The losses of the published code that its settings leave off: reconstruction, CRF and alignment with augmented images.
 * One thread at a time.
 */
public final class ExtraLosses implements AutoCloseable {
    private final Device device;
    private final TrainingKernels kernels;
    private final Weights weights;
    /** Each is null if its weight is 0. */
    private final ReconstructionLoss reconstruction;

    private final CrfLoss crf;
    private final AlignmentLoss alignment;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer maskBuffer;

    /**
     * A linear layer from the code to the features.
     *
     * @param weight {@code [C, D]}
     * @param bias {@code [C]}
     */
    public record Decoder(HostTensor weight, HostTensor bias) {}

    /** Factors in the whole objective; 0 for a loss that is off. */
    public record Weights(double reconstruction, double crf, double alignment) {}

    /**
     * The inputs of a step; null where a loss is off.
     *
     * @param guidance {@code [B, H, W, 3]}: the images, small, normalised as for the backbone
     * @param points {@code [2, n]}: rows, then columns of pixels of the guidance
     * @param alignedCoords {@code [B, h, w, 2]}: where in the image each patch of the augmented one is, (x, y) in -1..1
     */
    public record Inputs(Tensor guidance, int[] points, float[] alignedCoords) {
        /** Returns the coordinate in -1..1 of a patch among {@code patches}; it may lie between two. */
        public static float coordinate(double patch, int patches) {
            return patches == 1 ? 0 : (float) (2 * patch / (patches - 1) - 1);
        }

        /** Returns the coordinates of all patches of some images, {@code [images, rows, columns, 2]}. */
        static float[] everyPatch(int images, int rows, int columns) {
            float[] coords = new float[images * rows * columns * 2];
            for (int i = 0; i < coords.length / 2; i++) {
                coords[2 * i] = coordinate(i % columns, columns);
                coords[2 * i + 1] = coordinate(i / columns % rows, rows);
            }
            return coords;
        }
    }

    /** The losses without their factors, 0 where off, and their weighted sum. */
    public record Terms(double total, double reconstruction, double crf, double alignment) {
        /** The terms where none is on. */
        public static final Terms NONE = new Terms(0, 0, 0, 0);
    }

    /**
     * Makes the losses whose weight is not 0.
     *
     * @param decoder initial values, of the reconstruction
     * @param guidance of the CRF loss
     */
    public ExtraLosses(Device device, Weights weights, Decoder decoder, GuidanceSettings guidance) {
        this.device = device;
        this.kernels = device.training();
        this.weights = weights;
        this.reconstruction =
                weights.reconstruction() > 0 ? new ReconstructionLoss(device, decoder.weight(), decoder.bias()) : null;
        this.crf = weights.crf() > 0 ? new CrfLoss(device, guidance) : null;
        this.alignment = weights.alignment() > 0 ? new AlignmentLoss(device) : null;
        this.featureBuffer = new GrowingBuffer(device);
        this.maskBuffer = new GrowingBuffer(device);
    }

    /** Returns the decoder's parameters, which the head's optimiser moves too; empty if there is none. */
    public List<Parameter> parameters() {
        return reconstruction == null ? List.of() : reconstruction.parameters();
    }

    /**
     * Adds up the losses and their gradient.
     *
     * @param images B; features and codes of others are left alone by all losses but the alignment
     * @param features {@code [A, h, w, C]}, A at least B
     * @param mask {@code [A, C]}: factors of the features' channels, or null
     * @param code {@code [A, h, w, D]}; for the alignment A is 3 B: then the neighbours, then the augmented images
     * @param gradCode {@code [A, h, w, D]}, added to
     */
    public Terms run(int images, Tensor features, float[] mask, Inputs inputs, Tensor code, Tensor gradCode) {
        Tensor imageCode = first(code, images);
        Tensor gradImageCode = first(gradCode, images);
        double reconstructed = 0;
        if (reconstruction != null) {
            reconstructed = reconstruction.run(
                    imageCode, dropped(images, features, mask), weights.reconstruction(), gradImageCode);
        }
        double agreed = 0;
        if (crf != null) {
            agreed = crf.run(inputs.guidance(), imageCode, inputs.points(), weights.crf(), gradImageCode);
        }
        double aligned = 0;
        if (alignment != null) {
            aligned = alignment.run(code, images, inputs.alignedCoords(), weights.alignment(), gradCode);
        }
        double total =
                weights.reconstruction() * reconstructed + weights.crf() * agreed + weights.alignment() * aligned;
        return new Terms(total, reconstructed, agreed, aligned);
    }

    private static Tensor first(Tensor tensor, int images) {
        int[] dims = tensor.shape().dims();
        dims[0] = images;
        return tensor.view(dims);
    }

    /** Returns the features as the correspondence loss sees them, which the published decoder is to find back. */
    private Tensor dropped(int images, Tensor all, float[] mask) {
        Tensor features = first(all, images);
        if (mask == null) {
            return features;
        }
        Tensor factors = maskBuffer.view(images, features.shape().dim(3));
        device.write(mask, factors);
        Tensor masked = featureBuffer.view(features.shape().dims());
        kernels.scaleChannels(features, factors, masked);
        return masked;
    }

    @Override
    public void close() {
        if (reconstruction != null) {
            reconstruction.close();
        }
        if (crf != null) {
            crf.close();
        }
        if (alignment != null) {
            alignment.close();
        }
        featureBuffer.close();
        maskBuffer.close();
    }
}
