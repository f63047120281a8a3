package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** The permutohedral lattice and mean-field inference. */
final class RandomLattice {
    private RandomLattice() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("buildLattice", RandomLattice::buildLattice);
        trials.put("latticeFilter", RandomLattice::latticeFilter);
        trials.put("meanField", RandomLattice::meanField);
        return trials;
    }

    /** Positions inside of simplices and on their faces, near each other and far apart. */
    private static Comparison buildLattice(CheckScope scope, Draw draw) {
        int points = draw.size(1500);
        int dims = draw.between(1, 6);
        int reach = draw.between(0, 20);
        boolean onFaces = draw.coin();
        draw.note("%d points in %d dimensions, reach %d, on faces %b", points, dims, reach, onFaces);
        float[] positions = onFaces
                ? LatticePoints.onFaces(draw, points, dims, reach)
                : LatticePoints.inside(draw, points, dims, reach);
        return Comparison.labels(
                new int[] {new OnDevice(scope).lattice(positions, dims).vertices()},
                new int[] {LatticeOracle.embeddedAsFloats(positions, dims).vertices()},
                Comparison.EXACT);
    }

    private static Comparison latticeFilter(CheckScope scope, Draw draw) {
        int points = draw.size(1500);
        int dims = draw.between(1, 6);
        int channels = draw.size(40);
        boolean rebuilt = draw.coin();
        draw.note("x [%d, %d], %d dimensions, memory used before %b", points, channels, dims, rebuilt);

        Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, dims));
        if (rebuilt) {
            scope.kernels().buildLattice(scope.input(LatticePoints.inside(draw, points, dims), points, dims), lattice);
        }
        float[] positions = LatticePoints.inside(draw, points, dims);
        scope.kernels().buildLattice(scope.input(positions, points, dims), lattice);
        LatticeOracle oracle = new LatticeOracle(positions, dims);
        Comparison vertices =
                Comparison.labels(new int[] {lattice.vertices()}, new int[] {oracle.vertices()}, Comparison.EXACT);
        if (!vertices.passed()) {
            return vertices.prefixed("vertices: ");
        }
        float[] x = draw.normal(points * channels);
        Tensor out = scope.output(points, channels);
        scope.kernels().latticeFilter(lattice, scope.input(x, points, channels), out);
        double[] expected = oracle.filter(Comparison.widened(x), channels);
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }

    private static Comparison meanField(CheckScope scope, Draw draw) {
        int points = draw.size(500);
        int channels = draw.size(40);
        int kernels = draw.between(0, 2);
        int iterations = draw.between(0, 4);
        boolean inPlace = draw.coin();
        float[] weights = draw.normal(kernels, 2, 1);
        draw.note(
                "logits [%d, %d], %d kernels, %d iterations, in place %b",
                points, channels, kernels, iterations, inPlace);

        List<Lattice> lattices = new ArrayList<>();
        List<LatticeOracle> oracles = new ArrayList<>();
        for (int i = 0; i < kernels; i++) {
            int dims = draw.between(1, 5);
            float[] positions = LatticePoints.inside(draw, points, dims);
            Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, dims));
            scope.kernels().buildLattice(scope.input(positions, points, dims), lattice);
            lattices.add(lattice);
            oracles.add(new LatticeOracle(positions, dims));
        }
        float[] logits = draw.normal(points * channels, 0, 2);
        Tensor in = inPlace ? scope.inOut(logits, points, channels) : scope.input(logits, points, channels);
        Tensor out = inPlace ? in : scope.output(points, channels);
        scope.kernels().meanField(in, lattices, weights, iterations, out);
        return Comparison.largest(
                scope.device().floats(out),
                LatticeOracle.meanField(logits, channels, oracles, weights, iterations),
                Comparison.FORWARD);
    }
}
