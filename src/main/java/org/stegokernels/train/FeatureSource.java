package org.stegokernels.train;

import java.util.Objects;
import org.stegokernels.device.Device;
import org.stegokernels.vit.FeatureKind;
import org.stegokernels.vit.VisionTransformer;

/**
 * The backbone and settings by which features are made of images.
 *
 * @param backbone on the device; not closed by whoever gets this
 * @param backboneKey a digest of its weights, as {@code Stego.backboneKey()} gives it
 * @param size side in pixels of the square that the backbone sees, a multiple of its patch
 */
public record FeatureSource(Device device, VisionTransformer backbone, String backboneKey, FeatureKind kind, int size) {
    /** @throws IllegalArgumentException if the size is not in whole patches */
    public FeatureSource {
        Objects.requireNonNull(device);
        Objects.requireNonNull(backboneKey);
        Objects.requireNonNull(kind);
        int patch = backbone.config().patch();
        if (size < patch || size % patch != 0) {
            throw new IllegalArgumentException(
                    "the size must be in whole patches of " + patch + " pixels; " + size + " is not");
        }
    }

    /** Patches along a side. */
    public int grid() {
        return size / backbone.config().patch();
    }

    /** Length of a patch's feature. */
    public int channels() {
        return backbone.config().width();
    }
}
