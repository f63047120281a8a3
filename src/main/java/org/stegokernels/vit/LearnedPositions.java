package org.stegokernels.vit;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/** Learned positions, stretched from the grid they were trained on and added to the patches. */
final class LearnedPositions implements PositionEmbedding {
    /** DINO's guard against a product that is rounded down to one patch less; it shifts the samples a little. */
    private static final double SCALE_OFFSET = 0.1;

    private final Device device;
    private final Tensor base;
    /** The values on the host, where they are smoothed; null where nothing is. */
    private final float[] smoothed;

    private final RecentGrids stretched = new RecentGrids();

    /**
     * @param base {@code [1, g, g, C]}, without those of class tokens; closed by its owner
     * @param values the same on the host
     */
    LearnedPositions(Device device, Tensor base, float[] values, Architecture.PositionRule rule) {
        this.device = device;
        this.base = base;
        this.smoothed = rule == Architecture.PositionRule.ANTIALIASED ? values : null;
    }

    @Override
    public Tensor added(int height, int width) {
        int side = base.shape().dim(1);
        if (height == side && width == side) {
            return base.view(side * side, base.shape().dim(-1));
        }
        List<Tensor> found = stretched.find(height, width);
        if (found == null) {
            stretched.makeRoom();
            found = List.of(smoothed == null ? byScaleFactor(height, width) : antialiased(height, width));
            stretched.keep(height, width, found);
        }
        return found.get(0);
    }

    private Tensor antialiased(int height, int width) {
        int channels = base.shape().dim(-1);
        float[] resized = AntialiasedBicubic.resize(smoothed, base.shape().dim(1), channels, height, width);
        return device.upload(resized, height * width, channels);
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

    @Override
    public void close() {
        stretched.close();
    }
}
