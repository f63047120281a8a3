package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code lattice_filter.cl}. */
final class LatticeFilter {
    private final RowKernels rows;
    private final Workspace padded;
    private final Blurred blurred;

    LatticeFilter(OpenClContext context, RowKernels rows) {
        this.rows = rows;
        this.padded = new Workspace(context, "a lattice filter");
        this.blurred = new Blurred(context);
    }

    /** The two arrays of values that blurring goes to and fro between. */
    static final class Blurred {
        private final Workspace first;
        private final Workspace second;

        Blurred(OpenClContext context) {
            this.first = new Workspace(context, "the values of a lattice");
            this.second = new Workspace(context, "the values of a lattice");
        }
    }

    void run(PermutohedralLattice lattice, Tensor x, Tensor out) {
        int points = x.shape().rows();
        int channels = x.shape().dim(1);
        int width = rows.padded(channels);
        cl_mem wide = padded.floats((long) points * width);
        rows.call("lattice_filter", "pad_rows")
                .with(x)
                .with(points)
                .with(channels)
                .with(width)
                .with(wide)
                .does(0, 2 * KernelTime.bytes(x))
                .runGroups(rows.groups(points), rows.lanes());
        cl_mem values = splatAndBlur(lattice, wide, width, blurred);
        rows.call("lattice_filter", "slice_rows")
                .with(values)
                .with(lattice.cornerVertices())
                .with(lattice.cornerWeights())
                .with(points)
                .with(lattice.corners())
                .with(width)
                .with(channels)
                .with(out)
                .does(2.0 * points * lattice.corners() * channels, KernelTime.bytes(x, out))
                .runGroups(rows.groups(points), rows.lanes());
    }

    /** The values of the lattice after all blurs: one of the two arrays. */
    cl_mem splatAndBlur(PermutohedralLattice lattice, cl_mem x, int width, Blurred values) {
        int count = lattice.vertices() + 1;
        cl_mem from = values.first.floats((long) count * width);
        cl_mem to = values.second.floats((long) count * width);
        double entries = (double) lattice.points() * lattice.corners();
        double row = (double) width * Float.BYTES;
        rows.call("lattice_filter", "splat")
                .with(x)
                .with(lattice.starts())
                .with(lattice.splatPoints())
                .with(lattice.splatWeights())
                .with(count)
                .with(width)
                .with(from)
                .does(2 * entries * width, (lattice.points() + count) * row + 8 * entries)
                .runGroups(rows.groups(count), rows.lanes());
        for (int axis = 0; axis < lattice.corners(); axis++) {
            rows.call("lattice_filter", "blur")
                    .with(from)
                    .with(lattice.neighbours())
                    .with(axis)
                    .with(count)
                    .with(width)
                    .with(to)
                    .does(3.0 * count * width, 2 * count * row + 8.0 * count)
                    .runGroups(rows.groups(count), rows.lanes());
            cl_mem swap = from;
            from = to;
            to = swap;
        }
        return from;
    }
}
