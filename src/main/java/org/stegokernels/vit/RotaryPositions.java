package org.stegokernels.vit;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/**
 * Positions by rotation (RoPE: Su et al. 2021) in two directions, as facebookresearch/dinov3 has them in
 * layers/rope_position_encoding.py: a patch's centre has coordinates from -1 to 1, each direction by its own side of the
 * image ({@code normalize_coords="separate"}), and turns by {@code 2 pi coordinate / period}. The first quarter of a
 * head's channels turns by the rows, the second by the columns, each with its partner half a head on. Shifts, jitter and
 * scales of the coordinates belong to the training; there are none here.
 */
final class RotaryPositions implements PositionEmbedding {
    private static final float FULL_TURN = (float) (2 * Math.PI);

    private final Device device;
    private final float[] periods;
    private final int channels;
    /** Tables by grid: zeros {@code [P, C]}, cosines and sines {@code [P, D/2]}. */
    private final RecentGrids tables = new RecentGrids();

    /**
     * @param periods {@code [D/4]}, above 0, of a head of D channels
     * @param channels of a token
     */
    RotaryPositions(Device device, float[] periods, int channels) {
        this.device = device;
        this.periods = periods;
        this.channels = channels;
    }

    /** Returns zeros: nothing is added. */
    @Override
    public Tensor added(int height, int width) {
        return tables(height, width).get(0);
    }

    @Override
    public void rotate(Tensor qkv, int height, int width) {
        List<Tensor> found = tables(height, width);
        device.kernels().rope(found.get(1), found.get(2), qkv);
    }

    private List<Tensor> tables(int height, int width) {
        List<Tensor> found = tables.find(height, width);
        if (found == null) {
            tables.makeRoom();
            found = compute(height, width);
            tables.keep(height, width, found);
        }
        return found;
    }

    private List<Tensor> compute(int height, int width) {
        int patches = height * width;
        int half = 2 * periods.length;
        float[] cos = new float[patches * half];
        float[] sin = new float[patches * half];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at += half) {
                fill(cos, sin, at, coordinate(y, height));
                fill(cos, sin, at + periods.length, coordinate(x, width));
            }
        }
        List<Tensor> uploaded = new ArrayList<>();
        try {
            uploaded.add(device.upload(new float[patches * channels], patches, channels));
            uploaded.add(device.upload(cos, patches, half));
            uploaded.add(device.upload(sin, patches, half));
            return uploaded;
        } catch (RuntimeException e) {
            RecentGrids.closeAll(uploaded);
            throw e;
        }
    }

    /** Returns the centre of a patch; in single precision, as is the angle, since the published code computes so. */
    private static float coordinate(int index, int count) {
        return 2 * ((index + 0.5f) / count) - 1;
    }

    private void fill(float[] cos, float[] sin, int at, float coordinate) {
        for (int i = 0; i < periods.length; i++) {
            float angle = FULL_TURN * coordinate / periods[i];
            cos[at + i] = (float) Math.cos(angle);
            sin[at + i] = (float) Math.sin(angle);
        }
    }

    @Override
    public void close() {
        tables.close();
    }
}
