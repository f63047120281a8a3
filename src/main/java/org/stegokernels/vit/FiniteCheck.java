package org.stegokernels.vit;

import java.util.Arrays;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Finds NaN, infinity and values about to overflow in what a model computes, by one sum over all rows of an image,
 * which any of them spoils. One thread at a time.
 */
public final class FiniteCheck implements AutoCloseable {
    /** The square of a larger value is infinite: a layer norm would make it, and with it all others, a constant. */
    private static final float LIMIT = 1e18f;

    private final Device device;
    private final GrowingBuffer imageBuffer;
    private final GrowingBuffer sumBuffer;
    private final GrowingBuffer countBuffer;
    private float[] host = new float[0];

    public FiniteCheck(Device device) {
        this.device = device;
        this.imageBuffer = new GrowingBuffer(device, ElementType.I32);
        this.sumBuffer = new GrowingBuffer(device);
        this.countBuffer = new GrowingBuffer(device, ElementType.I32);
    }

    /**
     * Checks the values of a batch.
     *
     * @param values {@code [B, rows, ...]}
     * @param stage what they are, for the message: {@code "the features"}
     * @throws NotFiniteException naming stage and image, if a value is not finite or beyond 1e18
     */
    public void require(Tensor values, String stage) {
        Shape shape = values.shape();
        int batch = shape.dim(0);
        int rows = batch * shape.dim(1);
        int width = shape.size() / rows;
        Tensor sums = sums(batch, width);
        Tensor counts = countBuffer.view(batch);
        device.kernels().clusterSums(values.view(rows, width), images(batch, shape.dim(1)), sums, counts);
        device.read(sums, host);
        for (int i = 0; i < batch * width; i++) {
            if (!(Math.abs(host[i]) <= LIMIT)) {
                throw new NotFiniteException(stage, i / width, remedy());
            }
        }
    }

    /** Returns sums that are all 0. */
    private Tensor sums(int batch, int width) {
        if (host.length < batch * width) {
            host = new float[batch * width];
        }
        Arrays.fill(host, 0, batch * width, 0f);
        Tensor sums = sumBuffer.view(batch, width);
        device.write(host, sums);
        return sums;
    }

    /** Returns the number of the image that each row belongs to. */
    private Tensor images(int batch, int rows) {
        int[] images = new int[batch * rows];
        for (int i = 0; i < images.length; i++) {
            images[i] = i / rows;
        }
        Tensor tensor = imageBuffer.view(images.length);
        device.write(images, tensor);
        return tensor;
    }

    private String remedy() {
        return device.precision() == Precision.FP32
                ? "Use another model, or convert this one again from the file that it was made of"
                : "Leave out --precision, or use another model";
    }

    @Override
    public void close() {
        imageBuffer.close();
        sumBuffer.close();
        countBuffer.close();
    }

    /** Finite weights and a picture whose product is not: what came of it can't be used. The message names the stage. */
    public static final class NotFiniteException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int image;

        /**
         * @param stage what was computed: {@code "the features"}
         * @param image which of the images computed together, from 0
         */
        NotFiniteException(String stage, int image, String remedy) {
            super("NaN or overflow in " + stage + ": the model's weights are too large for this picture. " + remedy);
            this.image = image;
        }

        private NotFiniteException(String message, NotFiniteException cause) {
            super(message, cause);
            this.image = cause.image;
        }

        /** Returns which of the images computed together it was, from 0. */
        public int image() {
            return image;
        }

        /** Returns the same exception with a message that begins with the picture's name. */
        public NotFiniteException of(Object picture) {
            return new NotFiniteException(picture + ": " + getMessage(), this);
        }
    }
}
