package org.stegokernels.stego;

import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.image.ImageTensor;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.FeatureKind;
import org.stegokernels.vit.FiniteCheck;

/**
 * Turns an image into one vector for each patch: the features of a vision transformer, or the code that a STEGO model's
 * head makes of them, averaged over the image and its mirror image if asked to. Memory is taken for the largest image
 * seen and used again. One thread at a time: what it returns is overwritten by the next call, so who shares the device
 * with other threads holds its {@link Device#monitor()} until that has been read.
 */
public final class PatchEncoder implements AutoCloseable {
    private final Device device;
    private final Backbone backbone;
    private final FeatureKind kind;
    private final SegmentationHead head;
    private final boolean flip;
    private final GrowingBuffer images;
    private final GrowingBuffer codes;
    private final GrowingBuffer means;
    private final FiniteCheck check;
    private float[] pixels = new float[0];
    private boolean closed;
    /** Of the image itself, from the last call of {@link #encode}. */
    private Tensor ownFeatures;

    private Tensor ownCodes;

    /**
     * @param backbone not closed by this object
     * @param head null for the features themselves; not closed by this object
     * @param flip whether to average with the mirror image
     */
    public PatchEncoder(Device device, Backbone backbone, FeatureKind kind, SegmentationHead head, boolean flip) {
        this.device = device;
        this.backbone = backbone;
        this.kind = kind;
        this.head = head;
        this.flip = flip;
        this.images = new GrowingBuffer(device);
        this.codes = new GrowingBuffer(device);
        this.means = new GrowingBuffer(device);
        this.check = new FiniteCheck(device);
    }

    /** Side of a patch in pixels. */
    public int patch() {
        return backbone.patch();
    }

    /** Length of a patch's vector. */
    public int channels() {
        return head == null ? backbone.width() : head.outputs();
    }

    /**
     * @param working both sides multiples of the patch
     * @return {@code [h, w, C]}, one vector for each patch; valid until the next call
     * @throws IllegalStateException if the encoder or the backbone is closed
     * @throws org.stegokernels.vit.NotFiniteException if the weights overflow on the image
     */
    public Tensor encode(RgbImage working) {
        return vectors(working, backbone.features(upload(working), kind));
    }

    /** As {@link #encode}, with the attention of the backbone's class token, of the mirror image too if it is averaged. */
    Backbone.Attended encodeWithAttention(RgbImage working) {
        Backbone.Attended attended = backbone.featuresWithAttention(upload(working), kind);
        return new Backbone.Attended(vectors(working, attended.features()), attended.attention());
    }

    /** @param patches the features of a batch, {@code [B, P, K]} */
    private Tensor vectors(RgbImage working, Tensor patches) {
        int rows = working.height() / patch();
        int columns = working.width() / patch();
        int batch = patches.shape().dim(0);
        ownFeatures = patches.view(rows, columns, backbone.width());
        if (head != null) {
            Tensor code = codes.view(batch, rows * columns, channels());
            head.forward(patches, code);
            check.require(code, "the codes of the head");
            patches = code;
        }
        ownCodes = patches.view(rows, columns, channels());
        if (!flip) {
            return ownCodes;
        }
        Tensor mean = means.view(rows, columns, channels());
        device.kernels().mirrorMean(patches.view(batch, rows, columns, channels()), mean);
        return mean;
    }

    /** {@code [h, w, K]}: the features of the image last encoded, without its mirror image; valid as long as its vectors. */
    public Tensor features() {
        return ownFeatures;
    }

    /** {@code [h, w, C]}: its vectors without its mirror image. */
    public Tensor codes() {
        return ownCodes;
    }

    private Tensor upload(RgbImage working) {
        if (closed) {
            throw new IllegalStateException("the encoder of patches is closed");
        }
        int batch = flip ? 2 : 1;
        Tensor input = images.view(batch, 3, working.height(), working.width());
        if (pixels.length < input.shape().size()) {
            pixels = new float[input.shape().size()];
        }
        ImageTensor.normalized(working, pixels, 0);
        if (flip) {
            ImageTensor.normalizedMirrored(working, pixels, 3 * working.pixels());
        }
        device.write(pixels, input);
        return input;
    }

    /** Frees the memory for intermediate results; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            images.close();
            codes.close();
            means.close();
            check.close();
        }
    }
}
