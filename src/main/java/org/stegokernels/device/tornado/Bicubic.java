package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Launches of the kernel of this name, which gets the taps of all lines and columns from here. */
final class Bicubic implements OwnOperations.Bicubic {
    private static final int TAPS = 4;
    private static final double A = -0.75;

    private final TornadoContext context;
    private final Workspace tapStarts;
    private final Workspace tapWeights;

    Bicubic(TornadoContext context) {
        this.context = context;
        this.tapStarts = Workspace.ints(context, "taps of a resize");
        this.tapWeights = Workspace.floats(context, "taps of a resize");
    }

    @Override
    public void run(Tensor x, double scaleY, double scaleX, Tensor out) {
        int height = out.shape().dim(1);
        int width = out.shape().dim(2);
        Taps taps = Taps.of(height, scaleY, width, scaleX);
        Block starts = (Block) tapStarts.take(taps.starts.length);
        Block weights = (Block) tapWeights.take(taps.weights.length);
        context.write(ElementType.I32, starts.start(), MemorySegment.ofArray(taps.starts), taps.starts.length);
        context.write(ElementType.F32, weights.start(), MemorySegment.ofArray(taps.weights), taps.weights.length);
        context.call(Kernel.BICUBIC)
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(x.shape().dim(3))
                .with(height)
                .with(width)
                .with(starts)
                .with(weights)
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .overRows(out.shape().rows());
    }

    /**
     * The taps of lines, then of columns, with coordinates in doubles.
     *
     * @param starts the first of the four taps of each
     * @param weights of all four
     */
    private record Taps(int[] starts, float[] weights) {
        static Taps of(int height, double scaleY, int width, double scaleX) {
            Taps taps = new Taps(new int[height + width], new float[(height + width) * TAPS]);
            for (int i = 0; i < height; i++) {
                taps.put(i, (i + 0.5) / scaleY - 0.5);
            }
            for (int i = 0; i < width; i++) {
                taps.put(height + i, (i + 0.5) / scaleX - 0.5);
            }
            return taps;
        }

        private void put(int at, double coordinate) {
            double cell = Math.floor(coordinate);
            double f = coordinate - cell;
            starts[at] = (int) cell - 1;
            weights[at * TAPS] = (float) far(1 + f);
            weights[at * TAPS + 1] = (float) near(f);
            weights[at * TAPS + 2] = (float) near(1 - f);
            weights[at * TAPS + 3] = (float) far(2 - f);
        }

        /** Returns the cubic within one step of its middle. */
        private static double near(double d) {
            return ((A + 2) * d - (A + 3)) * d * d + 1;
        }

        /** Returns the cubic between one step and two. */
        private static double far(double d) {
            return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
        }
    }
}
