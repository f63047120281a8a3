package org.stegokernels.stego;

import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.stego.Pipeline.Encoded;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.vit.FiniteCheck;

/**
 * Turns an image into one vector for each patch: the features of a backbone, or the code that a STEGO model's head makes
 * of them, averaged over the image and its mirror image if asked to. Memory is taken for the largest image seen and used
 * again. One thread at a time: what it returns is overwritten by the next call, so who shares the device with other
 * threads holds its {@link Device#monitor()} until that has been read.
 */
final class PatchEncoder implements AutoCloseable {
    /** An image of so few is encoded together with its mirror image on any device: it takes little memory. */
    private static final int FEW_PATCHES = 1024;

    private final Device device;
    private final Backbone backbone;
    private final FeatureKind kind;
    private final SegmentationHead head;
    private final boolean flip;
    private final GrowingBuffer images;
    private final GrowingBuffer codes;
    private final GrowingBuffer pairs;
    private final GrowingBuffer means;
    private final FiniteCheck check;
    private float[] pixels = new float[0];
    private boolean closed;

    /**
     * The vectors of an image with the attention of the backbone's class token.
     *
     * @param attention {@code [B, heads, h * w]}: of the image, which comes first
     */
    record Attended(Encoded encoded, Tensor attention) {}

    /**
     * @param backbone not closed by this object
     * @param head null for the features themselves; not closed by this object
     * @param flip whether to average with the mirror image
     */
    PatchEncoder(Backbone backbone, FeatureKind kind, SegmentationHead head, boolean flip) {
        this.device = backbone.device();
        this.backbone = backbone;
        this.kind = kind;
        this.head = head;
        this.flip = flip;
        this.images = new GrowingBuffer(device);
        this.codes = new GrowingBuffer(device);
        this.pairs = new GrowingBuffer(device);
        this.means = new GrowingBuffer(device);
        this.check = new FiniteCheck(device);
    }

    /** Returns an encoder to the codes of a model, or without a head to its features. */
    static PatchEncoder of(Stego model, Segmenter.Options options) {
        return new PatchEncoder(
                model.backbone(),
                model.info().settings().feature(),
                model.head().orElse(null),
                options.flip());
    }

    /** Returns the device of the backbone. */
    Device device() {
        return device;
    }

    /** Returns the side of a patch in pixels. */
    int patch() {
        return backbone.patch();
    }

    /** Returns the length of a patch's vector. */
    int channels() {
        return head == null ? backbone.width() : head.outputs();
    }

    /**
     * Computes the vectors of an image.
     *
     * @param working both sides multiples of the patch
     * @return valid until the next call
     * @throws IllegalStateException if the encoder or the backbone is closed
     * @throws org.stegokernels.vit.FiniteCheck.NotFiniteException if the weights overflow on the image
     */
    Encoded encode(RgbImage working) {
        if (inOneBatch(working)) {
            return encoded(working, backbone.features(upload(working), kind));
        }
        keepMirrored(working);
        return paired(working, backbone.features(uploadOne(working, false), kind));
    }

    /**
     * Computes the codes of an image, or of its mirror image, alone.
     *
     * @return {@code [h, w, C]}, those of the mirror image as it lies, valid until the next call
     */
    Tensor encodeOne(RgbImage working, boolean mirrored) {
        Tensor features = backbone.features(uploadOne(working, mirrored), kind);
        return codes(working, features).view(rows(working), columns(working), channels());
    }

    /** As {@link #encode}, with the attention of the class token. */
    Attended encodeWithAttention(RgbImage working) {
        boolean batch = inOneBatch(working);
        if (!batch) {
            keepMirrored(working);
        }
        Tensor input = batch ? upload(working) : uploadOne(working, false);
        Backbone.Attended attended = backbone.featuresWithAttention(input, kind);
        Encoded encoded = batch ? encoded(working, attended.features()) : paired(working, attended.features());
        return new Attended(encoded, attended.attention());
    }

    /** Returns whether all that is encoded of an image goes through the backbone at once. */
    private boolean inOneBatch(RgbImage working) {
        return !flip || device.gainsByBatches() || rows(working) * columns(working) < FEW_PATCHES;
    }

    /** @param features of a batch, {@code [B, h * w, K]} */
    private Encoded encoded(RgbImage working, Tensor features) {
        Tensor vectors = codes(working, features);
        return encoded(working, features, vectors, vectors);
    }

    /** Encodes the mirror image, as the second of a pair. */
    private void keepMirrored(RgbImage working) {
        Tensor mirrored = encodeOne(working, true);
        device.copy(mirrored, pair(working), mirrored.shape().size());
    }

    /** @param features of the image alone, {@code [1, h * w, K]} */
    private Encoded paired(RgbImage working, Tensor features) {
        Tensor vectors = codes(working, features);
        Tensor both = pair(working);
        device.copy(vectors, both, 0);
        return encoded(working, features, vectors, both);
    }

    /** Returns memory for the vectors of an image and of its mirror image. */
    private Tensor pair(RgbImage working) {
        return pairs.view(2, rows(working), columns(working), channels());
    }

    /**
     * Averages with the mirror image, if asked to.
     *
     * @param features those of the image come first
     * @param vectors those of the image come first
     * @param both of the image and of its mirror image, if there is one
     */
    private Encoded encoded(RgbImage working, Tensor features, Tensor vectors, Tensor both) {
        int rows = rows(working);
        int columns = columns(working);
        Tensor codes = vectors.view(rows, columns, channels());
        Tensor mean = codes;
        if (flip) {
            mean = means.view(rows, columns, channels());
            device.kernels().mirrorMean(both.view(2, rows, columns, channels()), mean);
        }
        return new Encoded(features.view(rows, columns, backbone.width()), codes, mean);
    }

    /** Returns the head's codes of features {@code [B, h * w, K]}, or these again if there is no head. */
    private Tensor codes(RgbImage working, Tensor features) {
        if (head == null) {
            return features;
        }
        Tensor vectors = codes.view(features.shape().dim(0), rows(working) * columns(working), channels());
        head.forward(features, vectors);
        check.require(vectors, "the codes of the head");
        return vectors;
    }

    private int rows(RgbImage working) {
        return working.height() / patch();
    }

    private int columns(RgbImage working) {
        return working.width() / patch();
    }

    private Tensor upload(RgbImage working) {
        Tensor input = input(working, flip ? 2 : 1);
        ImageTensor.normalized(working, pixels, 0);
        if (flip) {
            ImageTensor.normalizedMirrored(working, pixels, 3 * working.pixels());
        }
        device.write(pixels, input);
        return input;
    }

    private Tensor uploadOne(RgbImage working, boolean mirrored) {
        Tensor input = input(working, 1);
        if (mirrored) {
            ImageTensor.normalizedMirrored(working, pixels, 0);
        } else {
            ImageTensor.normalized(working, pixels, 0);
        }
        device.write(pixels, input);
        return input;
    }

    /** Returns memory on the device and in {@code pixels} for so many images. */
    private Tensor input(RgbImage working, int batch) {
        if (closed) {
            throw new IllegalStateException("the encoder of patches is closed");
        }
        Tensor input = images.view(batch, 3, working.height(), working.width());
        if (pixels.length < input.shape().size()) {
            pixels = new float[input.shape().size()];
        }
        return input;
    }

    /** Frees the memory for intermediate results; the model stays open. */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            closed = true;
            images.close();
            codes.close();
            pairs.close();
            means.close();
            check.close();
        }
    }
}
