package org.stegokernels.device.launch;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Lattices;
import org.stegokernels.tensor.Tensor;

/**
 * A lattice as index tables in device memory, which {@code lattice_filter} reads. A builder of the device's own finds the
 * vertices; the normalisation, {@code lattice_norm}, is part of the weights.
 *
 * <p>An entry is a corner of a point: {@code e = point * corners + corner}.
 */
public final class LatticeTables implements Lattice {
    private static final String FAMILY = "lattice_norm";

    private final Launcher launcher;
    private final int points;
    private final int dims;
    private final List<Workspace> memory = new ArrayList<>();
    private final Workspace ones;
    private final Workspace blurred;
    private final Workspace norm;
    private final Workspace cornerVertices;
    private final Workspace cornerWeights;
    private final Workspace starts;
    private final Workspace splatPoints;
    private final Workspace splatWeights;
    private final Workspace neighbours;
    private final Lattices.Builder builder;
    private int vertices;
    private boolean closed;

    LatticeTables(Launcher launcher, int points, int dims, Lattices lattices) {
        this.launcher = launcher;
        this.points = points;
        this.dims = dims;
        this.ones = floats();
        this.blurred = floats();
        this.norm = floats();
        this.cornerVertices = ints();
        this.cornerWeights = floats();
        this.starts = ints();
        this.splatPoints = ints();
        this.splatWeights = floats();
        this.neighbours = ints();
        try {
            this.builder = lattices.builder(this);
            norm.take(points);
            cornerVertices.take(entries());
            cornerWeights.take(entries());
            splatPoints.take(entries());
            splatWeights.take(entries());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns memory for the builder, which is closed with the lattice. */
    public Workspace floats() {
        return remembered(Workspace.floats(launcher, what()));
    }

    /** Returns memory for the builder, which is closed with the lattice. */
    public Workspace ints() {
        return remembered(Workspace.ints(launcher, what()));
    }

    private String what() {
        return "a lattice over " + points + " points in " + dims + "-d";
    }

    private Workspace remembered(Workspace workspace) {
        memory.add(workspace);
        return workspace;
    }

    void build(Tensor positions) {
        normalise(builder.build(positions));
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise(Memory members) {
        int count = vertices + 1;
        Memory from = ones.take(count);
        Memory to = blurred.take(count);
        launcher.launch(FAMILY, "splat_ones")
                .with(starts())
                .with(members)
                .with(cornerWeights())
                .withElements(count)
                .with(from)
                .does(entries(), cornerBytes() + 2 * valueBytes(1))
                .overElements(count);
        for (int axis = 0; axis < corners(); axis++) {
            launcher.launch(FAMILY, "blur_ones")
                    .with(from)
                    .with(neighbours())
                    .with(axis)
                    .withElements(count)
                    .with(to)
                    .does(3.0 * count, 4 * valueBytes(1))
                    .overElements(count);
            Memory swap = from;
            from = to;
            to = swap;
        }
        // Slicing multiplies by this, so that the blur's weights count as a Gaussian's.
        float gain = (float) (1 / (1 + Math.pow(2, -dims)));
        launcher.launch(FAMILY, "norms")
                .with(cornerVertices())
                .with(cornerWeights())
                .with(from)
                .withElements(points)
                .with(corners())
                .with(gain)
                .with(norm.memory())
                .does(2.0 * entries(), cornerBytes() + valueBytes(1) + (double) points * Float.BYTES)
                .overElements(points);
        launcher.launch(FAMILY, "fold_splat")
                .with(members)
                .with(cornerWeights())
                .with(norm.memory())
                .withElements(entries())
                .with(corners())
                .with(splatPoints())
                .with(splatWeights())
                .does(entries(), 2 * cornerBytes() + (double) points * Float.BYTES)
                .overElements(entries());
        launcher.launch(FAMILY, "fold_slice")
                .with(norm.memory())
                .withElements(entries())
                .with(corners())
                .with(gain)
                .with(cornerWeights())
                .doesByRow(cornerBytes() + (double) points * Float.BYTES)
                .overElements(entries());
    }

    @Override
    public int points() {
        return points;
    }

    @Override
    public int dims() {
        return dims;
    }

    @Override
    public int vertices() {
        return vertices;
    }

    /** Corners of a point's simplex, d + 1, and axes. */
    public int corners() {
        return dims + 1;
    }

    /** Corners of all points. */
    public int entries() {
        return Math.multiplyExact(points, corners());
    }

    /** Returns the bytes of a value of so many channels for each vertex, and of the one that is zero. */
    double valueBytes(int width) {
        return (vertices + 1.0) * width * Float.BYTES;
    }

    /** Returns the bytes of the corners' vertices and weights. */
    double cornerBytes() {
        return (double) entries() * (Integer.BYTES + Float.BYTES);
    }

    /** Takes the tables that grow with the vertices: {@link #starts} and {@link #neighbours}. */
    public void reserve(int found) {
        vertices = found;
        starts.take(found + 1L);
        neighbours.take(2L * corners() * found);
    }

    /** Returns {@code [points, corners]} I32: the vertices. */
    public Memory cornerVertices() {
        return cornerVertices.memory();
    }

    /** Returns {@code [points, corners]} F32: barycentric weights while it is built, those of slicing afterwards. */
    public Memory cornerWeights() {
        return cornerWeights.memory();
    }

    /** Returns {@code [vertices + 1]} I32: the first entry of each vertex. */
    public Memory starts() {
        return starts.memory();
    }

    /** Returns {@code [points * corners]} I32: the points that splat, by vertex. */
    Memory splatPoints() {
        return splatPoints.memory();
    }

    /** Returns {@code [points * corners]} F32: the weights of splatting, by vertex. */
    Memory splatWeights() {
        return splatWeights.memory();
    }

    /**
     * Returns {@code [corners, vertices, 2]} I32: the neighbours of each vertex along each axis; {@code vertices}
     * where there is none.
     */
    public Memory neighbours() {
        return neighbours.memory();
    }

    @Override
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the lattice is closed");
        }
        return launcher;
    }

    @Override
    public void close() {
        synchronized (launcher) {
            memory.forEach(Workspace::close);
            closed = true;
        }
    }
}
