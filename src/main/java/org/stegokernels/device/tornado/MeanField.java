package org.stegokernels.device.tornado;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernel of this name. */
final class MeanField {
    /** Lattices that one update slices from. */
    private static final int AT_ONCE = 2;

    private final TornadoContext context;
    private final LatticeFilter filter;
    private final List<LatticeFilter.Blurred> blurred = new ArrayList<>();

    MeanField(TornadoContext context, LatticeFilter filter) {
        this.context = context;
        this.filter = filter;
    }

    void run(Tensor logits, List<PermutohedralLattice> lattices, float[] weights, int iterations, Tensor out) {
        while (blurred.size() < lattices.size()) {
            blurred.add(new LatticeFilter.Blurred(context));
        }
        int unary = TornadoBuffer.start(logits);
        int channels = logits.shape().dim(1);
        update(unary, List.of(), new int[0], weights, 0, true, out);
        int[] values = new int[lattices.size()];
        for (int iteration = 0; iteration < iterations; iteration++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = filter.splatAndBlur(lattices.get(i), TornadoBuffer.start(out), channels, blurred.get(i));
            }
            int base = unary;
            int first = 0;
            do {
                update(base, lattices, values, weights, first, first + AT_ONCE >= values.length, out);
                base = TornadoBuffer.start(out);
                first += AT_ONCE;
            } while (first < values.length);
        }
    }

    /** Adds up to two lattices, from number {@code first} on, to the base. */
    private void update(
            int base,
            List<PermutohedralLattice> lattices,
            int[] values,
            float[] weights,
            int first,
            boolean last,
            Tensor out) {
        int points = out.shape().rows();
        int channels = out.shape().dim(1);
        KernelCall call = context.call(Kernel.MEAN_FIELD_UPDATE).with(base);
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
                call.with(0).with(0).with(0).with(0).with(0f);
            }
        }
        double row = (double) channels * Float.BYTES;
        call.with(points)
                .with(channels)
                .with(last ? 1 : 0)
                .with(out)
                .does(2.0 * points * corners * channels, points * ((2 + corners) * row + 8.0 * corners))
                .rows(points);
    }
}
