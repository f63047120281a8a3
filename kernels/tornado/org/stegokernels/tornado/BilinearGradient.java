package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Backward of bilinear: the transpose of the resize, one axis after the other.
 *
 * <p>gradOut {@code [outer, size, inner]}, gradX {@code [outer, inputSize, inner]}; rows = outer inputSize: first the lines
 * ({@code [B, H, W C]} to {@code [B, h, W C]}), then the columns ({@code [B h, W, C]} to {@code [B h, w, C]}).
 *
 * <p>In gather form: an index of the input adds up the indices of the output it went into. These are neighbours, and each
 * has the weight {@code max(0, 1 - |s - index|)}, s being its source coordinate, moved inside of the input at both ends.
 * Coordinates are counted in 1 / (2 size), in integers.
 *
 * <p>Launch: row kernel over gradX ({@link Rows}).
 */
public final class BilinearGradient {
    private BilinearGradient() {}

    public static void bilinearGradient(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int gradOut = args.get(0);
        int rows = args.get(1);
        int inner = args.get(2);
        int inputSize = args.get(3);
        int size = args.get(4);
        int gradX = args.get(5);
        int row = context.globalIdy;
        if (row < rows) {
            float unit = 1.0f / (2.0f * size);
            int index = row % inputSize;
            long whole = 2L * size;
            // (2 i + 1) inputSize - size lies between those of the two neighbours.
            int first = 0;
            if (index > 0) {
                first = TornadoMath.max(0, (int) (((index - 1) * whole + size) / (2L * inputSize)) - 1);
            }
            int last = size;
            if (index < inputSize - 1) {
                last = TornadoMath.min(size, (int) (((index + 1) * whole + size) / (2L * inputSize)) + 1);
            }
            int from = gradOut + row / inputSize * size * inner;
            for (int c = context.localIdx; c < inner; c += Rows.LANES) {
                float sum = 0;
                for (int i = first; i < last; i++) {
                    long source = TornadoMath.min(Bilinear.numerator(i, inputSize, size), (inputSize - 1) * whole);
                    float weight = unit * (int) TornadoMath.max(0L, whole - TornadoMath.abs(source - index * whole));
                    sum += weight * floats.get(from + i * inner + c);
                }
                floats.set(gradX + row * inner + c, sum);
            }
        }
    }
}
