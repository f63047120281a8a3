package org.stegokernels.train;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

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

    /** Factors in the whole objective; 0 for a loss that is off. */
    public record Weights(double reconstruction, double crf, double alignment) {}

    /**
     * The inputs of a step; null where a loss is off.
     *
     * @param guidance {@code [B, H, W, 3]}: the images, small, normalised as for the backbone
     * @param points {@code [2, n]}: rows, then columns of pixels of the guidance
     * @param alignedCoords {@code [B, h, w, 2]}: where in the image each patch of the augmented one is, (x, y) in -1..1
     */
    public record Inputs(Tensor guidance, int[] points, float[] alignedCoords) {}

    /** The losses without their factors, 0 where off, and their weighted sum. */
    public record Terms(double total, double reconstruction, double crf, double alignment) {
        static final Terms NONE = new Terms(0, 0, 0, 0);
    }

    /** @param reconstruction with its decoder, which is closed with this object; null if its weight is 0 */
    public ExtraLosses(Device device, Weights weights, ReconstructionLoss reconstruction, GuidanceSettings guidance) {
        this.device = device;
        this.kernels = device.training();
        this.weights = weights;
        this.reconstruction = reconstruction;
        this.crf = weights.crf() > 0 ? new CrfLoss(device, guidance) : null;
        this.alignment = weights.alignment() > 0 ? new AlignmentLoss(device) : null;
        this.featureBuffer = new GrowingBuffer(device);
        this.maskBuffer = new GrowingBuffer(device);
    }

    /** The decoder's, which the head's optimiser moves too. */
    public List<Parameter> parameters() {
        return reconstruction == null ? List.of() : reconstruction.parameters();
    }

    /**
     * Adds up the losses and their gradient.
     *
     * @param code of {@link TrainingBatch#features}
     * @param gradCode of the same shape, added to
     */
    Terms run(TrainingBatch batch, Tensor code, Tensor gradCode) {
        int images = batch.pairs().images();
        Tensor imageCode = first(code, images);
        Tensor gradImageCode = first(gradCode, images);
        double reconstructed = 0;
        if (reconstruction != null) {
            reconstructed =
                    reconstruction.run(imageCode, dropped(batch, images), weights.reconstruction(), gradImageCode);
        }
        double agreed = 0;
        if (crf != null) {
            Inputs inputs = batch.extras();
            agreed = crf.run(inputs.guidance(), imageCode, inputs.points(), weights.crf(), gradImageCode);
        }
        double aligned = 0;
        if (alignment != null) {
            aligned = alignment.run(code, images, batch.extras().alignedCoords(), weights.alignment(), gradCode);
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

    /** The features as the correspondence loss sees them, which the published decoder is to find back. */
    private Tensor dropped(TrainingBatch batch, int images) {
        Tensor features = first(batch.features(), images);
        float[] mask = batch.masks().loss();
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
