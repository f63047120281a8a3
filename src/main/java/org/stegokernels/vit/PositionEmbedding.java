package org.stegokernels.vit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/**
 * The positions of an image's patches, stretched from the grid they were trained on. Those of the last few sizes are
 * kept, so that images of changing size neither compute them again and again nor fill the memory.
 */
final class PositionEmbedding implements AutoCloseable {
    private static final int KEPT = 4;
    /** DINO's guard against a product that is rounded down to one patch less; it shifts the samples a little. */
    private static final double SCALE_OFFSET = 0.1;

    private record Grid(int height, int width) {}

    private final Device device;
    private final Tensor base;
    private final Architecture.Interpolation interpolation;
    /** The values on the host, where they are smoothed; null where nothing is. */
    private final float[] smoothed;

    private final Map<Grid, Tensor> kept = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

    /**
     * @param base {@code [1, g, g, C]}, without those of class tokens; closed by its owner
     * @param values the same on the host
     */
    PositionEmbedding(Device device, Tensor base, float[] values, Architecture.Interpolation interpolation) {
        this.device = device;
        this.base = base;
        this.interpolation = interpolation;
        this.smoothed = interpolation == Architecture.Interpolation.ANTIALIASED ? values : null;
    }

    /** Returns positions {@code [height * width, C]}, to be read only; valid until the next call. */
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
        return switch (interpolation) {
            case SCALE_FACTOR -> byScaleFactor(height, width);
            case ANTIALIASED -> {
                int channels = base.shape().dim(-1);
                float[] resized =
                        AntialiasedBicubic.resize(smoothed, base.shape().dim(1), channels, height, width);
                yield device.upload(resized, height * width, channels);
            }
        };
    }

    private Tensor byScaleFactor(int height, int width) {
        int side = base.shape().dim(1);
        int channels = base.shape().dim(-1);
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
