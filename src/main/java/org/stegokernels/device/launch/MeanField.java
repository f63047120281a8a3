package org.stegokernels.device.launch;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.launch.Launcher.Launch;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code mean_field}. */
final class MeanField {
    private static final String FAMILY = "mean_field";

    /** Lattices that one update slices from. */
    private static final int AT_ONCE = 2;

    private final Launcher launcher;
    private final LatticeFilter filter;
    private final Workspace unaries;
    private final Workspace marginals;
    private final List<LatticeFilter.Blurred> blurred = new ArrayList<>();

    MeanField(Launcher launcher, LatticeFilter filter) {
        this.launcher = launcher;
        this.filter = filter;
        this.unaries = Workspace.floats(launcher, "padded logits");
        this.marginals = Workspace.floats(launcher, "marginals");
    }

    void run(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        int points = logits.shape().rows();
        int channels = logits.shape().dim(1);
        int width = filter.padded(channels);
        boolean padded = width > channels;
        boolean inPlace = logits.buffer() == out.buffer();
        while (blurred.size() < lattices.size()) {
            blurred.add(new LatticeFilter.Blurred(launcher));
        }
        Memory unary = padded ? padLogits(logits, width) : inPlace ? copy(logits) : launcher.memory(logits);
        Memory q = padded ? marginals.take((long) points * width) : launcher.memory(out);
        Step step = new Step(points, width, unary, q);
        update(step, unary, List.of(), new Memory[0], weights, 0, true);
        Memory[] values = new Memory[lattices.size()];
        for (int iteration = 0; iteration < iterations; iteration++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = filter.splatAndBlur((LatticeTables) lattices.get(i), q, width, blurred.get(i));
            }
            Memory base = unary;
            int first = 0;
            do {
                boolean last = first + AT_ONCE >= values.length;
                update(step, base, lattices, values, weights, first, last);
                base = q;
                first += AT_ONCE;
            } while (first < values.length);
        }
        if (padded) {
            filter.pad(q, points, width, channels, launcher.memory(out));
        }
    }

    /** Copies logits that marginals take the place of: each iteration reads them. */
    private Memory copy(Tensor logits) {
        int points = logits.shape().rows();
        int channels = logits.shape().dim(1);
        Memory unary = unaries.take((long) points * channels);
        launcher.launch("slice", "slice")
                .with(logits)
                .with(points)
                .with(points)
                .with(channels)
                .with(0)
                .with(0)
                .with(points)
                .with(channels)
                .with(unary)
                .doesByRow(2 * KernelTime.bytes(logits))
                .overRows(points);
        return unary;
    }

    private Memory padLogits(Tensor logits, int width) {
        int points = logits.shape().rows();
        Memory unary = unaries.take((long) points * width);
        launcher.launch(FAMILY, "pad_logits")
                .with(logits)
                .with(points)
                .with(logits.shape().dim(1))
                .with(width)
                .with(unary)
                .doesByRow(2 * KernelTime.bytes(logits))
                .overRows(points);
        return unary;
    }

    private record Step(int points, int width, Memory unary, Memory marginals) {}

    /** Adds up to two lattices, from number {@code first} on, to the base. */
    private void update(
            Step step,
            Memory base,
            List<Lattice> lattices,
            Memory[] values,
            float[] weights,
            int first,
            boolean softmax) {
        Launch launch = launcher.launch(FAMILY, softmax ? "mean_field_update" : "mean_field_add")
                .with(base);
        int corners = 0;
        double row = (double) step.width * Float.BYTES;
        double bytes = 0;
        for (int i = first; i < first + AT_ONCE; i++) {
            if (i < values.length) {
                LatticeTables lattice = (LatticeTables) lattices.get(i);
                corners += lattice.corners();
                bytes += lattice.valueBytes(step.width) + lattice.cornerBytes();
                launch.with(values[i])
                        .with(lattice.cornerVertices())
                        .with(lattice.cornerWeights())
                        .with(lattice.corners())
                        .with(weights[i]);
            } else {
                launch.with(step.unary)
                        .with(step.unary)
                        .with(step.unary)
                        .with(0)
                        .with(0f);
            }
        }
        // Marginals of the logits alone could be stored along with these.
        double spared = corners == 0 ? step.points * row : 0;
        bytes += 2 * step.points * row;
        launch.with(step.points)
                .with(step.width)
                .with(step.marginals)
                .does(2.0 * step.points * corners * step.width, bytes, bytes - spared)
                .overRows(step.points);
    }
}
