package org.stegokernels.device.opencl;

import java.util.ArrayList;
import java.util.List;
import org.jocl.cl_mem;
import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code mean_field.cl}. */
final class MeanField {
    /** Lattices that one update slices from. */
    private static final int AT_ONCE = 2;

    private final OpenClContext context;
    private final RowKernels rows;
    private final LatticeFilter filter;
    private final Workspace unaries;
    private final Workspace marginals;
    private final List<LatticeFilter.Blurred> blurred = new ArrayList<>();

    MeanField(OpenClContext context, RowKernels rows, LatticeFilter filter) {
        this.context = context;
        this.rows = rows;
        this.filter = filter;
        this.unaries = new Workspace(context, "padded logits");
        this.marginals = new Workspace(context, "marginals");
    }

    void run(Tensor logits, List<PermutohedralLattice> lattices, float[] weights, int iterations, Tensor out) {
        int points = logits.shape().rows();
        int channels = logits.shape().dim(1);
        int width = rows.padded(channels);
        while (blurred.size() < lattices.size()) {
            blurred.add(new LatticeFilter.Blurred(context));
        }
        cl_mem unary = unaries.floats((long) points * width);
        cl_mem q = marginals.floats((long) points * width);
        rows.call("mean_field", "pad_logits")
                .with(logits)
                .with(points)
                .with(channels)
                .with(width)
                .with(unary)
                .does(0, 2 * KernelTime.bytes(logits))
                .runGroups(rows.groups(points), rows.lanes());
        Step step = new Step(points, width, unary, q);
        update(step, unary, List.of(), new cl_mem[0], weights, 0, true);
        cl_mem[] values = new cl_mem[lattices.size()];
        for (int iteration = 0; iteration < iterations; iteration++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = filter.splatAndBlur(lattices.get(i), q, width, blurred.get(i));
            }
            cl_mem base = unary;
            int first = 0;
            do {
                boolean last = first + AT_ONCE >= values.length;
                update(step, base, lattices, values, weights, first, last);
                base = q;
                first += AT_ONCE;
            } while (first < values.length);
        }
        rows.call("lattice_filter", "pad_rows")
                .with(q)
                .with(points)
                .with(width)
                .with(channels)
                .with(out)
                .does(0, 2 * KernelTime.bytes(out))
                .runGroups(rows.groups(points), rows.lanes());
    }

    private record Step(int points, int width, cl_mem unary, cl_mem marginals) {}

    /** Adds up to two lattices, from number {@code first} on, to the base. */
    private void update(
            Step step,
            cl_mem base,
            List<PermutohedralLattice> lattices,
            cl_mem[] values,
            float[] weights,
            int first,
            boolean softmax) {
        KernelCall call = rows.call("mean_field", softmax ? "mean_field_update" : "mean_field_add")
                .with(base);
        int corners = 0;
        for (int i = first; i < first + AT_ONCE; i++) {
            if (i < values.length) {
                PermutohedralLattice lattice = lattices.get(i);
                corners += lattice.corners();
                call.with(values[i])
                        .with(lattice.cornerVertices())
                        .with(lattice.cornerWeights())
                        .with(lattice.corners())
                        .with(weights[i]);
            } else {
                call.with(step.unary).with(step.unary).with(step.unary).with(0).with(0f);
            }
        }
        double row = (double) step.width * Float.BYTES;
        call.with(step.points)
                .with(step.width)
                .with(step.marginals)
                .does(2.0 * step.points * corners * step.width, step.points * ((2 + corners) * row + 8.0 * corners))
                .runGroups(rows.groups(step.points), rows.lanes());
    }
}
