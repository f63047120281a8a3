package org.stegokernels.vit;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Finds NaN, infinity and values about to overflow in what a model computes, by one sum over all rows, which any of them
 * spoils. One thread at a time.
 */
public final class FiniteCheck implements AutoCloseable {
    /** The square of a larger value is infinite: a layer norm would make it, and with it all others, a constant. */
    private static final float LIMIT = 1e18f;

    private final Device device;
    private final GrowingBuffer imageBuffer;
    private final GrowingBuffer sumBuffer;
    private final GrowingBuffer countBuffer;
    /** The image of each row if all are one: written once, not for each batch, since writing waits for the device. */
    private final GrowingBuffer oneImage;

    private final GrowingBuffer zeroBuffer;
    private int rowsOfOneImage;
    private int zeros;
    private float[] host = new float[0];

    /** Makes a check on a device; memory grows with the first batch. */
    public FiniteCheck(Device device) {
        this.device = device;
        this.imageBuffer = new GrowingBuffer(device, ElementType.I32);
        this.sumBuffer = new GrowingBuffer(device);
        this.countBuffer = new GrowingBuffer(device, ElementType.I32);
        this.oneImage = new GrowingBuffer(device, ElementType.I32);
        this.zeroBuffer = new GrowingBuffer(device);
    }

    /**
     * Checks the values of a batch. Waits for them.
     *
     * @param values {@code [B, rows, ...]}
     * @param stage what they are, for the message: {@code "the features"}
     * @throws NotFiniteException naming stage and image, if a value is not finite or beyond 1e18
     */
    public void require(Tensor values, String stage) {
        int batch = values.shape().dim(0);
        int rows = values.shape().dim(1);
        Tensor points = values.view(batch * rows, values.shape().size() / (batch * rows));
        if (firstBad(points, oneImage(batch * rows), 1) >= 0) {
            int image = firstBad(points, images(batch, rows), batch);
            if (image >= 0) {
                throw new NotFiniteException(stage, image, remedy());
            }
        }
    }

    /** Returns the first of the images whose sums are not finite or beyond the limit, -1 if there is none. */
    private int firstBad(Tensor points, Tensor imageOfRow, int images) {
        int width = points.shape().dim(1);
        Tensor sums = sums(images, width);
        device.kernels().clusterSums(points, imageOfRow, sums, countBuffer.view(images));
        if (host.length < images * width) {
            host = new float[images * width];
        }
        device.read(sums, host);
        for (int i = 0; i < images * width; i++) {
            if (!(Math.abs(host[i]) <= LIMIT)) {
                return i / width;
            }
        }
        return -1;
    }

    /** Returns sums that are all 0, copied on the device. */
    private Tensor sums(int images, int width) {
        Tensor none = zeroBuffer.view(1, images, width);
        if (images * width > zeros) {
            zeros = images * width;
            device.write(new float[zeros], none);
        }
        Tensor sums = sumBuffer.view(images, width);
        device.kernels().slice(none, 0, 0, sums.view(1, images, width));
        return sums;
    }

    private Tensor oneImage(int rows) {
        Tensor tensor = oneImage.view(rows);
        if (rows > rowsOfOneImage) {
            rowsOfOneImage = rows;
            device.write(new int[rows], tensor);
        }
        return tensor;
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
        List.of(imageBuffer, sumBuffer, countBuffer, oneImage, zeroBuffer).forEach(GrowingBuffer::close);
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
