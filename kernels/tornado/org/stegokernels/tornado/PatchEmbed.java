package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The parts of a patch embedding around its matrix product ({@link Linear}): the pixels of each patch gathered into a
 * row, and the prefix tokens copied before each image's patches.
 */
public final class PatchEmbed {
    private PatchEmbed() {}

    /**
     * Computes {@code out[b P + p, (color patch + y) patch + x]} = the pixel of patch p of image b, patches in rows
     * from the top left.
     *
     * <p>image {@code [B, colors, H, W]}, out {@code [B P, colors patch^2]}; rows = B P.
     *
     * <p>Launch: row kernel over out ({@link Rows}).
     */
    public static void gatherPatches(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int image = args.get(0);
        int rows = args.get(1);
        int colors = args.get(2);
        int height = args.get(3);
        int width = args.get(4);
        int patch = args.get(5);
        int out = args.get(6);
        int row = context.globalIdy;
        if (row < rows) {
            int across = width / patch;
            int patches = across * (height / patch);
            int inputs = colors * patch * patch;
            int p = row % patches;
            int from =
                    image + row / patches * colors * height * width + p / across * patch * width + p % across * patch;
            int to = out + row * inputs;
            for (int i = context.localIdx; i < inputs; i += Rows.LANES) {
                int color = i / (patch * patch);
                int y = i / patch % patch;
                floats.set(to + i, floats.get(from + (color * height + y) * width + i % patch));
            }
        }
    }

    /**
     * Computes {@code out[b, r] = prefix[r]}.
     *
     * <p>prefix {@code [size]}, out {@code [B, ...]}, images outSize floats apart.
     *
     * <p>Launch: one item an element; second dimension: B.
     */
    public static void copyPrefix(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int prefix = args.get(0);
        int size = args.get(1);
        int outSize = args.get(2);
        int out = args.get(3);
        int i = context.globalIdx;
        int b = context.globalIdy;
        if (i < size) {
            floats.set(out + b * outSize + i, floats.get(prefix + i));
        }
    }
}
