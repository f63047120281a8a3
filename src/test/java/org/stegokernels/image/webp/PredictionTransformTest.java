package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Undoes what is done here channel by channel, as the format describes it. */
class PredictionTransformTest {
    private static final int WIDTH = 13;
    private static final int HEIGHT = 11;
    private static final int BLOCK_BITS = 2;

    private final Random random = new Random(4);
    private final int[] pixels = random.ints(WIDTH * HEIGHT).toArray();

    private static int channel(int pixel, int shift) {
        return pixel >>> shift & 0xFF;
    }

    private int predict(int mode, int x, int y, int shift) {
        int i = y * WIDTH + x;
        if (x == 0 && y == 0) {
            return shift == 24 ? 255 : 0;
        }
        if (y == 0 || x == 0) {
            return channel(pixels[y == 0 ? i - 1 : i - WIDTH], shift);
        }
        int l = channel(pixels[i - 1], shift);
        int t = channel(pixels[i - WIDTH], shift);
        int tr = channel(pixels[i - WIDTH + 1], shift);
        int tl = channel(pixels[i - WIDTH - 1], shift);
        return switch (mode) {
            case 1 -> l;
            case 2 -> t;
            case 3 -> tr;
            case 4 -> tl;
            case 5 -> ((l + tr) / 2 + t) / 2;
            case 6 -> (l + tl) / 2;
            case 7 -> (l + t) / 2;
            case 8 -> (tl + t) / 2;
            case 9 -> (t + tr) / 2;
            case 10 -> ((l + tl) / 2 + (t + tr) / 2) / 2;
            case 11 -> closerToLeft(i) ? l : t;
            case 12 -> Math.max(0, Math.min(l + t - tl, 255));
            case 13 -> Math.max(0, Math.min((l + t) / 2 + ((l + t) / 2 - tl) / 2, 255));
            default -> shift == 24 ? 255 : 0;
        };
    }

    private boolean closerToLeft(int i) {
        int toLeft = 0;
        int toTop = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int l = channel(pixels[i - 1], shift);
            int t = channel(pixels[i - WIDTH], shift);
            int estimate = l + t - channel(pixels[i - WIDTH - 1], shift);
            toLeft += Math.abs(estimate - l);
            toTop += Math.abs(estimate - t);
        }
        return toLeft < toTop;
    }

    @Test
    void everyPredictorIsUndone() {
        int blocksPerRow = LosslessImage.blocks(WIDTH, BLOCK_BITS);
        for (int mode = 0; mode < 14; mode++) {
            int[] modes = random.ints(blocksPerRow * LosslessImage.blocks(HEIGHT, BLOCK_BITS), 0, 14)
                    .toArray();
            modes[blocksPerRow + 1] = mode;
            int[] residues = new int[pixels.length];
            for (int i = 0; i < pixels.length; i++) {
                int x = i % WIDTH;
                int y = i / WIDTH;
                int modeHere = modes[(y >> BLOCK_BITS) * blocksPerRow + (x >> BLOCK_BITS)];
                for (int shift = 0; shift < 32; shift += 8) {
                    int residue = channel(pixels[i], shift) - predict(modeHere, x, y, shift) & 0xFF;
                    residues[i] |= residue << shift;
                }
            }
            for (int i = 0; i < modes.length; i++) {
                modes[i] <<= 8;
            }
            int[] undone = new PredictionTransform(WIDTH, BLOCK_BITS, modes).undo(residues);
            assertThat(undone).as("predictor %d", mode).isEqualTo(pixels);
        }
    }
}
