package org.stegokernels.train.loss;

import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Agreement of an augmented image's code with the image's code at the same places: the mean negative cosine (Hamilton et
 * al. 2022, published code). Both codes get a gradient. The published code swaps the axes of the places, so
 * that it compares a mirrored image with the image upside down; this one does not. One thread at a time.
 */
final class AlignmentLoss implements AutoCloseable {
    private static final float NORM_EPSILON = 1e-10f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Side image;
    private final Side augmented;
    private final GrowingBuffer gradientBuffer;
    private final Tensor loss;

    AlignmentLoss(Device device) {
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.image = new Side();
        this.augmented = new Side();
        this.gradientBuffer = new GrowingBuffer(device);
        this.loss = device.allocate(1);
    }

    /** Codes at some places of some images. */
    private final class Side implements AutoCloseable {
        private final GrowingBuffer indexBuffer = new GrowingBuffer(device, ElementType.I32);
        private final GrowingBuffer coordBuffer = new GrowingBuffer(device);
        private final GrowingBuffer sampleBuffer = new GrowingBuffer(device);
        private final GrowingBuffer unitBuffer = new GrowingBuffer(device);
        private Tensor indices;
        private Tensor coords;
        private Tensor sampled;
        Tensor unit;

        void sample(Tensor code, int firstImage, int images, float[] places) {
            int[] dims = code.shape().dims();
            indices = indexBuffer.view(images);
            device.write(IntStream.range(firstImage, firstImage + images).toArray(), indices);
            coords = coordBuffer.view(images, dims[1], dims[2], 2);
            device.write(places, coords);
            sampled = sampleBuffer.view(images, dims[1], dims[2], dims[3]);
            kernels.gridSample(code, indices, coords, sampled);
            unit = unitBuffer.view(sampled.shape().dims());
            basics.normalize(sampled, NORM_EPSILON, unit);
        }

        /** Adds the gradient of the agreement with the other side. */
        void backward(Side other, double factor, Tensor gradCode) {
            Tensor gradient = gradientBuffer.view(unit.shape().dims());
            kernels.agreementLoss(unit, other.unit, (float) factor, gradient, loss);
            kernels.normalizeGradient(sampled, NORM_EPSILON, gradient, gradient);
            kernels.gridSampleGradient(gradient, indices, coords, gradCode);
        }

        @Override
        public void close() {
            indexBuffer.close();
            coordBuffer.close();
            sampleBuffer.close();
            unitBuffer.close();
        }
    }

    /**
     * Returns the loss, without its factor.
     *
     * @param code {@code [3 B, h, w, D]}: of B images, their neighbours, and the augmented images
     * @param images B
     * @param coords {@code [B, h, w, 2]}: where in the image each patch of the augmented one is, (x, y) in -1..1
     * @param factor of this loss in the whole objective
     * @param gradCode {@code [3 B, h, w, D]}, added to
     */
    double run(Tensor code, int images, float[] coords, double factor, Tensor gradCode) {
        int[] dims = code.shape().dims();
        if (dims[0] != 3 * images) {
            throw new IllegalArgumentException("alignment of " + images + " images, codes " + code);
        }
        image.sample(code, 0, images, coords);
        augmented.sample(code, 2 * images, images, ExtraLosses.Inputs.everyPatch(images, dims[1], dims[2]));
        image.backward(augmented, factor, gradCode);
        augmented.backward(image, factor, gradCode);
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        image.close();
        augmented.close();
        gradientBuffer.close();
        loss.close();
    }
}
