package org.stegokernels.device.launch;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code lattice_filter}. */
final class LatticeFilter {
    private static final String FAMILY = "lattice_filter";

    private final Launcher launcher;
    private final Workspace padded;
    private final Blurred blurred;

    LatticeFilter(Launcher launcher) {
        this.launcher = launcher;
        this.padded = Workspace.floats(launcher, "a lattice filter");
        this.blurred = new Blurred(launcher);
    }

    /** The two arrays of values that blurring goes to and fro between. */
    static final class Blurred {
        private final Workspace first;
        private final Workspace second;

        Blurred(Launcher launcher) {
            this.first = Workspace.floats(launcher, "the values of a lattice");
            this.second = Workspace.floats(launcher, "the values of a lattice");
        }
    }

    void run(LatticeTables lattice, Tensor x, Tensor out) {
        int points = x.shape().rows();
        int channels = x.shape().dim(1);
        int width = padded(channels);
        Memory wide = launcher.memory(x);
        if (width > channels) {
            wide = padded.take((long) points * width);
            pad(launcher.memory(x), points, channels, width, wide);
        }
        Memory values = splatAndBlur(lattice, wide, width, blurred);
        launcher.launch(FAMILY, "slice_rows")
                .with(values)
                .with(lattice.cornerVertices())
                .with(lattice.cornerWeights())
                .with(points)
                .with(lattice.corners())
                .with(width)
                .with(channels)
                .with(out)
                .does(2.0 * points * lattice.corners() * channels, KernelTime.bytes(x, out))
                .overRows(points);
    }

    /** Channels rounded up to whole vectors. */
    int padded(int channels) {
        int vector = launcher.vectorLength();
        return (channels + vector - 1) / vector * vector;
    }

    /** Copies rows of one width to rows of another: zeros are added, or channels cut off. */
    void pad(Memory from, int points, int width, int newWidth, Memory to) {
        launcher.launch(FAMILY, "pad_rows")
                .with(from)
                .with(points)
                .with(width)
                .with(newWidth)
                .with(to)
                .does(0, 2.0 * points * Math.min(width, newWidth) * Float.BYTES)
                .overRows(points);
    }

    /** Returns the values of the lattice after all blurs: one of the two arrays. */
    Memory splatAndBlur(LatticeTables lattice, Memory x, int width, Blurred values) {
        int count = lattice.vertices() + 1;
        Memory from = values.first.take((long) count * width);
        Memory to = values.second.take((long) count * width);
        double entries = (double) lattice.points() * lattice.corners();
        double row = (double) width * Float.BYTES;
        launcher.launch(FAMILY, "splat")
                .with(x)
                .with(lattice.starts())
                .with(lattice.splatPoints())
                .with(lattice.splatWeights())
                .with(count)
                .with(width)
                .with(from)
                .does(2 * entries * width, (lattice.points() + count) * row + 8 * entries)
                .overRows(count);
        for (int axis = 0; axis < lattice.corners(); axis++) {
            launcher.launch(FAMILY, "blur")
                    .with(from)
                    .with(lattice.neighbours())
                    .with(axis)
                    .with(count)
                    .with(width)
                    .with(to)
                    .does(3.0 * count * width, 2 * count * row + 8.0 * count)
                    .overRows(count);
            Memory swap = from;
            from = to;
            to = swap;
        }
        return from;
    }
}
