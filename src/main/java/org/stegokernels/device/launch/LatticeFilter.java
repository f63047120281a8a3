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
                .does(
                        2.0 * points * lattice.corners() * channels,
                        lattice.valueBytes(width) + lattice.cornerBytes() + KernelTime.bytes(out))
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
                .doesByRow(2.0 * points * Math.min(width, newWidth) * Float.BYTES)
                .overRows(points);
    }

    /** Returns the values of the lattice after all blurs: one of the two arrays. */
    Memory splatAndBlur(LatticeTables lattice, Memory x, int width, Blurred values) {
        int count = lattice.vertices() + 1;
        Memory from = values.first.take((long) count * width);
        Memory to = values.second.take((long) count * width);
        double entries = (double) lattice.points() * lattice.corners();
        double row = (double) width * Float.BYTES;
        double valueBytes = lattice.valueBytes(width);
        launcher.launch(FAMILY, "splat")
                .with(x)
                .with(lattice.starts())
                .with(lattice.splatPoints())
                .with(lattice.splatWeights())
                .with(count)
                .with(width)
                .with(from)
                .does(2 * entries * width, lattice.points() * row + valueBytes + 4.0 * count + 8 * entries)
                .overRows(count);
        int axes;
        for (int axis = 0; axis < lattice.corners(); axis += axes) {
            int left = lattice.corners() - axis;
            axes = Math.min(launcher.blurAxes(), left);
            // The least is two axes a pass: three would read 27 rows of each vertex.
            boolean halfOfPair = axes == 1 && (axis % 2 == 1 || left > 1);
            double bytes = 2 * valueBytes + 8.0 * axes * count;
            launcher.launch(FAMILY, axes == 2 ? "blur_pair" : "blur")
                    .with(from)
                    .with(lattice.neighbours())
                    .with(axis)
                    .with(count)
                    .with(width)
                    .with(to)
                    .does(3.0 * axes * count * width, bytes, bytes - (halfOfPair ? valueBytes : 0))
                    .overRows(count);
            Memory swap = from;
            from = to;
            to = swap;
        }
        return from;
    }
}
