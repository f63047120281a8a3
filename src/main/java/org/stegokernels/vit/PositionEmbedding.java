package org.stegokernels.vit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/**
 * The positions of an image's patches, stretched from the grid they were trained on. Those of the last few sizes are
 * kept, so that images of changing size neither compute them again and again nor fill the memory.
 *
 * <p>There are two ways, as published: bicubic, with (n + 0.1) / base as the scale of the source coordinates
 * (facebookresearch/dino, vision_transformer.py; DINOv2 without registers the same, {@code interpolate_offset=0.1}), or
 * to the size itself with a kernel that smooths where it shrinks (facebookresearch/dinov2, hub/backbones.py: its models
 * with registers have {@code interpolate_antialias=True, interpolate_offset=0.0}).
 */
final class PositionEmbedding implements AutoCloseable {
    private static final int KEPT = 4;
    /** DINO's guard against a product that is rounded down to one patch less; it shifts the samples a little. */
    private static final double SCALE_OFFSET = 0.1;

    private record Grid(int height, int width) {}

    private final Device device;
    private final Tensor base;
    /** The same values for the host, which smooths; null if nobody does. */
    private final float[] smoothed;

    private final Map<Grid, Tensor> kept = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

    /**
     * @param base {@code [1, g, g, C]}, without the class token's; closed by its owner
     * @param smoothed the same values if they are to be stretched in the second way, else null
     */
    PositionEmbedding(Device device, Tensor base, float[] smoothed) {
        this.device = device;
        this.base = base;
        this.smoothed = smoothed;
    }

    /** Positions {@code [height * width, C]}, to be read only; valid until the next call. */
    Tensor forGrid(int height, int width) {
        int side = base.shape().dim(1);
        if (height == side && width == side) {
            return base.view(side * side, base.shape().dim(-1));
        }
        Grid grid = new Grid(height, width);
        Tensor positions = kept.get(grid);
        if (positions == null) {
            dropEldest();
            positions = stretched(height, width);
            kept.put(grid, positions);
        }
        return positions;
    }

    private Tensor stretched(int height, int width) {
        int side = base.shape().dim(1);
        int channels = base.shape().dim(-1);
        if (smoothed != null) {
            float[] resized = AntialiasedBicubic.resize(smoothed, side, channels, height, width);
            return device.upload(resized, height * width, channels);
        }
        Tensor positions = device.allocate(height * width, channels);
        double scaleY = (height + SCALE_OFFSET) / side;
        double scaleX = (width + SCALE_OFFSET) / side;
        device.kernels().bicubic(base, scaleY, scaleX, positions.view(1, height, width, channels));
        return positions;
    }

    private void dropEldest() {
        if (kept.size() == KEPT) {
            Iterator<Tensor> eldestFirst = kept.values().iterator();
            eldestFirst.next().close();
            eldestFirst.remove();
        }
    }

    @Override
    public void close() {
        kept.values().forEach(Tensor::close);
        kept.clear();
    }
}
