package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.FORWARD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/**
 * Use again and wrong use: lattices built over, images alone as in a batch, memory that is given back, and arguments that must be
 * refused before anything is written.
 */
final class ContractChecks {
    private ContractChecks() {}

    static void run(Checks checks) {
        checks.check("reuse/lattice", ContractChecks::latticeBuiltOver);
        checks.check("reuse/batch", ContractChecks::aloneAsInABatch);
        checks.check("reuse/memory", ContractChecks::memory);
        checks.check("refusal/shapes", ContractChecks::shapes);
        checks.check("refusal/closed", ContractChecks::closed);
        checks.check("refusal/labels", ContractChecks::labels);
        checks.check("refusal/positions", ContractChecks::positions);
        checks.checkTraining("refusal/indices", ContractChecks::indices);
    }

    /** Builds, filters, builds over other positions, wider and narrower ones, and filters again: each as if it were the first. */
    private static Comparison latticeBuiltOver(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "reuse lattice", 0);
        List<Comparison> all = new ArrayList<>();
        for (int dims : new int[] {2, 5}) {
            int points = 700;
            Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, dims));
            for (int reach : new int[] {1, 20, 0, 3}) {
                float[] positions = LatticePoints.inside(draw, points, dims, reach);
                device.rebuild(lattice, positions);
                LatticeOracle oracle = new LatticeOracle(positions, dims);
                all.add(Comparison.labels(new int[] {lattice.vertices()}, new int[] {oracle.vertices()}, EXACT));
                for (int channels : new int[] {1, 27, 4}) {
                    float[] x = draw.normal(points * channels);
                    all.add(Comparison.relative(
                            device.latticeFilter(lattice, x), oracle.filter(Comparison.widened(x), channels), FORWARD));
                    all.add(Comparison.largest(
                            device.meanField(x, channels, List.of(lattice), new float[] {2}, 2),
                            LatticeOracle.meanField(x, channels, List.of(oracle), new float[] {2}, 2),
                            FORWARD));
                }
            }
        }
        return HardTraining.worst(all);
    }

    /** The second of three images, computed alone and with the others: the same bits. */
    private static Comparison aloneAsInABatch(CheckScope scope) {
        OnDevice device = new OnDevice(scope);
        Draw draw = new Draw(0, "reuse batch", 0);
        float[] qkv = draw.normal(3 * 141 * 3 * 2 * 24);
        float[] x = draw.normal(3 * 141 * 37);
        float[] weight = draw.normal(53 * 37);
        float[] bias = draw.normal(53);
        float[] gamma = draw.normal(37);
        float[] maps = draw.normal(3 * 9 * 7 * 19);
        float[] image = draw.normal(3 * 3 * 24 * 32);
        float[] projection = draw.normal(21 * 192);
        float[] positions = draw.normal(12 * 21);
        return Comparison.worstOf(
                same(device.attention(qkv, 3, 141, 2, 24), device.attention(second(qkv), 1, 141, 2, 24)),
                same(
                        device.linear(x, weight, bias, Activation.GELU, null, 37, 53, false),
                        device.linear(second(x), weight, bias, Activation.GELU, null, 37, 53, false)),
                same(
                        device.layerNorm(x, gamma, gamma, 1e-6f, false),
                        device.layerNorm(second(x), gamma, gamma, 1e-6f, false)),
                same(device.softmax(x, 37, 1, false), device.softmax(second(x), 37, 1, false)),
                same(device.normalize(x, 37, 1e-12f, false), device.normalize(second(x), 37, 1e-12f, false)),
                same(device.bilinear(maps, 3, 9, 7, 19, 30, 31), device.bilinear(second(maps), 1, 9, 7, 19, 30, 31)),
                same(
                        device.bicubic(maps, 3, 9, 7, 19, 2.01, 2.3, 18, 16),
                        device.bicubic(second(maps), 1, 9, 7, 19, 2.01, 2.3, 18, 16)),
                same(
                        device.patchEmbed(image, 3, 24, 32, projection, null, 8, new float[21], positions, 21),
                        device.patchEmbed(
                                second(image), 1, 24, 32, projection, null, 8, new float[21], positions, 21)));
    }

    /** Returns the second third of an array. */
    private static float[] second(float[] three) {
        return Arrays.copyOfRange(three, three.length / 3, three.length / 3 * 2);
    }

    private static Comparison same(float[] batch, float[] alone) {
        return Comparison.relative(alone, second(batch), EXACT);
    }

    /** What is allocated counts, what is closed does not, and a second run takes no more than the first. */
    private static Comparison memory(CheckScope scope) {
        Draw draw = new Draw(0, "reuse memory", 0);
        float[] qkv = draw.normal(70 * 3 * 32);
        float[] points = LatticePoints.inside(draw, 90, 2);
        long[] afterwards = new long[3];
        for (int round = 0; round < afterwards.length; round++) {
            try (Tensor in = scope.device().upload(qkv, 1, 70, 96);
                    Tensor out = scope.device().upload(new float[70 * 32], 1, 70, 32);
                    Tensor positions = scope.device().upload(points, 90, 2);
                    Lattice lattice = scope.kernels().allocateLattice(90, 2);
                    LinearWeights weights = scope.kernels().packLinear(in.view(70, 96), null)) {
                long before = scope.device().allocatedBytes();
                try (Tensor more = scope.device().upload(new float[1000], 1000)) {
                    long grown = scope.device().allocatedBytes() - before;
                    if (grown < 4L * more.shape().size()) {
                        throw new DeviceException("allocatedBytes() grew by " + grown + " for 1000 floats");
                    }
                }
                scope.kernels().attention(in, 2, out);
                scope.kernels().buildLattice(positions, lattice);
                scope.kernels().linear(in.view(70, 96), weights, Activation.NONE, null, scope.output(70, 70));
            }
            scope.device().finish();
            afterwards[round] = scope.device().allocatedBytes() - 4L * 70 * 70 * (round + 1);
        }
        boolean steady = afterwards[2] <= afterwards[1];
        if (!steady) {
            throw new DeviceException("the same work left " + (afterwards[2] - afterwards[1])
                    + " bytes more allocated than before: something is not given back");
        }
        return Comparison.labels(new int[0], new int[0], EXACT);
    }

    /** Something that a device must not do. */
    @FunctionalInterface
    private interface Use {
        void run();
    }

    /**
     * Requires that each use is refused, and leaves the outputs alone.
     *
     * @param outputs tensors of ones
     */
    private static Comparison refused(CheckScope scope, List<Use> uses, Tensor... outputs) {
        int at = 0;
        for (Use use : uses) {
            at++;
            try {
                use.run();
            } catch (IllegalArgumentException | IllegalStateException expected) {
                continue;
            }
            throw new DeviceException("wrong use " + at + " of " + uses.size() + " is not refused");
        }
        List<Comparison> all = new ArrayList<>();
        for (Tensor output : outputs) {
            float[] values = scope.device().floats(output);
            all.add(Comparison.each(values, Comparison.widened(OnDevice.filled(values.length, 1)), EXACT, 1));
        }
        return all.isEmpty() ? Comparison.labels(new int[0], new int[0], EXACT) : HardTraining.worst(all);
    }

    private static Comparison shapes(CheckScope scope) {
        Tensor x = scope.input(OnDevice.filled(24, 1), 4, 6);
        Tensor out = scope.inOut(OnDevice.filled(20, 1), 4, 5);
        Tensor labels = scope.input(new int[4], 4);
        LinearWeights weights = scope.linear(new float[35], null, 7, 5);
        return refused(
                scope,
                List.of(
                        () -> scope.kernels().softmax(x, 1, out),
                        () -> scope.kernels().gelu(x, out),
                        () -> scope.kernels().gelu(labels, out),
                        () -> scope.kernels().linear(x, weights, Activation.NONE, null, out),
                        () -> scope.kernels().attention(x, 2, out),
                        () -> scope.kernels().bilinear(x, out),
                        () -> scope.kernels().argmax(x, out),
                        () -> scope.kernels().layerNorm(x, x, x, 1e-6f, x)),
                out);
    }

    private static Comparison closed(CheckScope scope) {
        Tensor x = scope.input(OnDevice.filled(24, 1), 4, 6);
        Tensor out = scope.inOut(OnDevice.filled(24, 1), 4, 6);
        Tensor gone = scope.device().upload(OnDevice.filled(24, 1), 4, 6);
        gone.close();
        LinearWeights weights = scope.kernels().packLinear(x, null);
        weights.close();
        Lattice lattice = scope.kernels().allocateLattice(4, 6);
        lattice.close();
        Tensor square = scope.inOut(OnDevice.filled(16, 1), 4, 4);
        return refused(
                scope,
                List.of(
                        () -> scope.kernels().softmax(gone, 1, out),
                        () -> scope.kernels().softmax(x, 1, gone),
                        () -> scope.device().floats(gone),
                        () -> scope.kernels().linear(x, weights, Activation.NONE, null, square),
                        () -> scope.kernels().buildLattice(x, lattice)),
                out,
                square);
    }

    /** Labels just outside of the clusters, on either side: refused, or their points left out. */
    private static Comparison labels(CheckScope scope) {
        List<Comparison> all = new ArrayList<>();
        for (int wrong : new int[] {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            Tensor points = scope.input(OnDevice.filled(10 * 4, 1), 10, 4);
            Tensor chosen = scope.input(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, wrong}, 10);
            Tensor sums = scope.inOut(OnDevice.filled(3 * 4, 1), 3, 4);
            Tensor counts = scope.inOut(new int[3], 3);
            boolean refused = false;
            try {
                scope.kernels().clusterSums(points, chosen, sums, counts);
            } catch (IllegalArgumentException e) {
                refused = true;
            }
            double[] expected = Comparison.widened(OnDevice.filled(3 * 4, refused ? 1 : 4));
            all.add(Comparison.each(scope.device().floats(sums), expected, EXACT, 1));
        }
        return HardTraining.worst(all);
    }

    /** Positions that are not finite, and one too far out for a float to place it; the lattice can be built after them. */
    private static Comparison positions(CheckScope scope) {
        int points = 70;
        float[] right = LatticePoints.inside(new Draw(0, "refusal positions", 0), points, 2);
        Lattice lattice = scope.owned(scope.kernels().allocateLattice(points, 2));
        List<Use> uses = new ArrayList<>();
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e9f, -1e9f}) {
            for (int at : new int[] {0, 2 * points - 1}) {
                float[] positions = right.clone();
                positions[at] = wrong;
                Tensor tensor = scope.input(positions, points, 2);
                uses.add(() -> scope.kernels().buildLattice(tensor, lattice));
            }
        }
        Comparison refused = refused(scope, uses);
        OnDevice device = new OnDevice(scope);
        device.rebuild(lattice, right);
        float[] x = OnDevice.filled(points, 1);
        return Comparison.worstOf(
                refused,
                Comparison.relative(
                        device.latticeFilter(lattice, x),
                        new LatticeOracle(right, 2).filter(Comparison.widened(x), 1),
                        FORWARD));
    }

    /** Indices just outside, on either side, in the last place: refused, and nothing written. */
    private static Comparison indices(CheckScope scope) {
        Tensor x = scope.input(OnDevice.filled(3 * 4 * 5 * 2, 1), 3, 4, 5, 2);
        Tensor coords = scope.input(new float[2 * 2 * 2 * 2], 2, 2, 2, 2);
        Tensor sampled = scope.inOut(OnDevice.filled(2 * 2 * 2 * 2, 1), 2, 2, 2, 2);
        Tensor gradX = scope.inOut(OnDevice.filled(3 * 4 * 5 * 2, 1), 3, 4, 5, 2);
        Tensor points = scope.input(OnDevice.filled(10 * 4, 1), 10, 4);
        Tensor sums = scope.inOut(OnDevice.filled(3 * 4, 1), 3, 4);
        Tensor centers = scope.input(OnDevice.filled(3 * 4, 1), 3, 4);
        Tensor loss = scope.inOut(OnDevice.filled(1, 1), 1);
        GuidanceSettings settings = new GuidanceSettings(1, 1, 1, 1, 1, 0);
        List<Use> uses = new ArrayList<>();
        for (int wrong : new int[] {-1, 0}) {
            Tensor images = scope.input(new int[] {0, wrong < 0 ? wrong : 3}, 2);
            Tensor rows = scope.input(new int[] {0, 9, wrong < 0 ? wrong : 10}, 3);
            Tensor places = scope.input(new int[] {0, 3, 0, wrong < 0 ? wrong : 5}, 2, 2);
            Tensor high = scope.input(new int[] {0, wrong < 0 ? wrong : 4, 0, 1}, 2, 2);
            Tensor labels = scope.intOutput(3);
            Tensor counts = scope.intOutput(3);
            uses.add(() -> scope.training().gridSample(x, images, coords, sampled));
            uses.add(() -> scope.training().gridSampleGradient(sampled, images, coords, gradX));
            uses.add(() -> scope.training().nearestCenters(points, rows, centers, labels, sums, counts));
            uses.add(() -> scope.training().crfLoss(x, x, places, settings, 1, gradX, loss));
            uses.add(() -> scope.training().crfLoss(x, x, high, settings, 1, gradX, loss));
        }
        return refused(scope, uses, sampled, gradX, sums, loss);
    }
}
