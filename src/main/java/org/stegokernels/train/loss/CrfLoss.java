package org.stegokernels.train.loss;

import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * CRF loss on the code, resized to a small image and brought to length 1 (Hamilton et al. 2022, published code): pixels
 * that are near and alike should have one code. One thread at a time.
 */
final class CrfLoss implements AutoCloseable {
    private static final float NORM_EPSILON = 1e-10f;

    private final Device device;
    private final TrainingKernels kernels;
    private final GuidanceSettings settings;
    private final GrowingBuffer resizedBuffer;
    private final GrowingBuffer unitBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer codeGradientBuffer;
    private final GrowingBuffer pointBuffer;
    private final Tensor loss;

    CrfLoss(Device device, GuidanceSettings settings) {
        this.device = device;
        this.kernels = device.training();
        this.settings = settings;
        this.resizedBuffer = new GrowingBuffer(device);
        this.unitBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.codeGradientBuffer = new GrowingBuffer(device);
        this.pointBuffer = new GrowingBuffer(device, ElementType.I32);
        this.loss = device.allocate(1);
    }

    /**
     * Returns the loss, without its factor.
     *
     * @param guidance {@code [B, H, W, 3]}: the images, normalised as for the backbone
     * @param code {@code [B, h, w, D]}
     * @param points {@code [2, n]}: rows, then columns of pixels of the guidance
     * @param factor of this loss in the whole objective
     * @param gradCode {@code [B, h, w, D]}, added to
     */
    double run(Tensor guidance, Tensor code, int[] points, double factor, Tensor gradCode) {
        int[] dims = guidance.shape().dims();
        dims[3] = code.shape().dim(3);
        Tensor resized = resizedBuffer.view(dims);
        Tensor unit = unitBuffer.view(dims);
        Tensor gradient = gradientBuffer.view(dims);
        Tensor codeGradient = codeGradientBuffer.view(code.shape().dims());
        Tensor chosen = pointBuffer.view(2, points.length / 2);
        device.write(points, chosen);
        device.kernels().bilinear(code, resized);
        device.kernels().normalize(resized, NORM_EPSILON, unit);
        kernels.crfLoss(guidance, unit, chosen, settings, (float) factor, gradient, loss);
        kernels.normalizeGradient(resized, NORM_EPSILON, gradient, gradient);
        kernels.bilinearGradient(gradient, codeGradient);
        kernels.addScaled(codeGradient, 1, gradCode);
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        resizedBuffer.close();
        unitBuffer.close();
        gradientBuffer.close();
        codeGradientBuffer.close();
        pointBuffer.close();
        loss.close();
    }
}
