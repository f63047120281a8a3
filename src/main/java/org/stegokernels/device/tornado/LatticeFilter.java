package org.stegokernels.device.tornado;

import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name. */
final class LatticeFilter {
    private final TornadoContext context;
    private final Blurred blurred;

    LatticeFilter(TornadoContext context) {
        this.context = context;
        this.blurred = new Blurred(context);
    }

    /** The two arrays of values that blurring goes to and fro between. */
    static final class Blurred {
        private final Workspace first;
        private final Workspace second;

        Blurred(TornadoContext context) {
            this.first = Workspace.floats(context, "the values of a lattice");
            this.second = Workspace.floats(context, "the values of a lattice");
        }
    }

    void run(PermutohedralLattice lattice, Tensor x, Tensor out) {
        int points = x.shape().rows();
        int channels = x.shape().dim(1);
        int values = splatAndBlur(lattice, TornadoBuffer.start(x), channels, blurred);
        context.call(Kernel.SLICE_ROWS)
                .with(values)
                .with(lattice.cornerVertices())
                .with(lattice.cornerWeights())
                .with(points)
                .with(lattice.corners())
                .with(channels)
                .with(out)
                .does(2.0 * points * lattice.corners() * channels, KernelTime.bytes(x, out))
                .rows(points);
    }

    /** The values of the lattice after all blurs: where one of the two arrays starts. */
    int splatAndBlur(PermutohedralLattice lattice, int x, int channels, Blurred values) {
        int count = lattice.vertices() + 1;
        int from = values.first.take((long) count * channels);
        int to = values.second.take((long) count * channels);
        double entries = (double) lattice.points() * lattice.corners();
        double row = (double) channels * Float.BYTES;
        context.call(Kernel.SPLAT)
                .with(x)
                .with(lattice.starts())
                .with(lattice.splatPoints())
                .with(lattice.splatWeights())
                .with(count)
                .with(channels)
                .with(from)
                .does(2 * entries * channels, (lattice.points() + count) * row + 8 * entries)
                .rows(count);
        for (int axis = 0; axis < lattice.corners(); axis++) {
            context.call(Kernel.BLUR)
                    .with(from)
                    .with(lattice.neighbours(axis))
                    .with(count)
                    .with(channels)
                    .with(to)
                    .does(3.0 * count * channels, 2 * count * row + 8.0 * count)
                    .rows(count);
            int swap = from;
            from = to;
            to = swap;
        }
        return from;
    }
}
