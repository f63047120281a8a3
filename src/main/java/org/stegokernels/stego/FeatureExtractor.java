package org.stegokernels.stego;

import java.util.Arrays;
import org.stegokernels.device.Device;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.SegmenterOptions.Protocol;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.FeatureKind;

/** Computes what a vision transformer makes of whole photographs. Several threads may use it, one after the other. */
public final class FeatureExtractor implements AutoCloseable {
    private final Device device;
    private final Backbone backbone;
    private final int size;
    private final PatchEncoder encoder;

    /**
     * The features of one photograph.
     *
     * @param patches a vector for each patch
     * @param heads how many attention heads there are
     * @param classAttention {@code [heads, rows, columns]}: how much the class token attends to each patch in the last
     *     block; without what it attends to itself and to registers, so that a head's values sum to less than 1
     */
    public record Features(PatchStore.Patches patches, int heads, float[] classAttention) {}

    /**
     * @param backbone not closed by this object
     * @param size shorter side in pixels of what the backbone sees
     * @param flip whether features, but not attention, are averaged with those of the mirror image
     */
    public FeatureExtractor(Device device, Backbone backbone, FeatureKind kind, int size, boolean flip) {
        this.device = device;
        this.backbone = backbone;
        this.size = size;
        encoder = new PatchEncoder(device, backbone, kind, null, flip);
    }

    /**
     * Computes the features of one photograph.
     *
     * @throws org.stegokernels.device.DeviceException if the device has not enough memory
     * @throws IllegalStateException if the extractor, the backbone or the device is closed
     */
    public Features extract(RgbImage photograph) {
        Frame frame = Frame.of(photograph, Protocol.WHOLE, size, encoder.patch());
        synchronized (device.monitor()) {
            Backbone.Attended attended = encoder.encodeWithAttention(frame.working());
            int rows = attended.features().shape().dim(0);
            int columns = attended.features().shape().dim(1);
            int heads = backbone.architecture().heads();
            // Of a mirror image the attention is left out.
            float[] attention = Arrays.copyOf(device.floats(attended.attention()), heads * rows * columns);
            return new Features(
                    new PatchStore.Patches(rows, columns, device.floats(attended.features())), heads, attention);
        }
    }

    /** Frees the memory for intermediate results; the backbone stays open. */
    @Override
    public void close() {
        encoder.close();
    }
}
