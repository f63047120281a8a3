package org.stegokernels.stego;

import java.util.Arrays;
import org.stegokernels.device.Device;
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
}
