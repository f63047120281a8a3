package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.verify.TrainingOracle;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report.Result;

/** Every way the kernels can be cut, on every OpenCL device: a CPU runs the GPU's shape too, only slowly. */
class ShapesTest {
    static Stream<Arguments> everyDeviceAndShape() {
        List<Arguments> cases = new ArrayList<>();
        for (OpenClRuntime.Found found : OpenClDevices.found()) {
            Limits limits = Limits.of(found.device());
            String id = found.info().id();
            cases.add(Arguments.of(Named.of(id + " vectors of 16", found), limits, Tuning.cpu(16), ""));
            cases.add(Arguments.of(Named.of(id + " vectors of 4", found), limits, Tuning.cpu(4), "random"));
            cases.add(Arguments.of(
                    Named.of(id + " tiles", found), limits, Tuning.gpu(limits, MatrixTiles.Units.NONE), ""));
            cases.add(Arguments.of(
                    Named.of(id + " tiles of few sums", found),
                    limits,
                    Tuning.gpu(limits, MatrixTiles.Units.NONE)
                            .with(Map.of("itemRows", 4, "itemColumns", 4, "depth", 16, "queryItems", 8, "itemKeys", 4)),
                    "random"));
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyDeviceAndShape")
    void passesVerify(OpenClRuntime.Found found, Limits limits, Tuning tuning, String only) {
        try (Device device = OpenClDevices.open(found, limits, tuning)) {
            Verifier.Options options = Verifier.Options.DEFAULT.withRandom(2, 7).withOnly(only);
            assertThat(Verifier.verify(device, options, result -> {}).results())
                    .isNotEmpty()
                    .noneMatch(result -> result.status() == Result.Status.FAIL);
        }
    }

    /** More keys than are packed at a time: three packs, the last one short; small integers, so that many tie. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("everyDeviceAndShape")
    void nearestKeysAreFoundOverSeveralPacks(OpenClRuntime.Found found, Limits limits, Tuning tuning, String only) {
        int rows = 70;
        int count = 16_400;
        int depth = 4;
        int k = 5;
        float[] queries = integers(1, rows * depth);
        float[] keys = integers(2, count * depth);
        double[] products = TrainingOracle.products(queries, keys, depth);
        int[] expected = new int[rows * k];
        for (int i = 0; i < expected.length; i++) {
            int row = i / k * count;
            int best = -1;
            for (int key = 0; key < count; key++) {
                if (best < 0 || products[row + key] > products[row + best]) {
                    best = key;
                }
            }
            expected[i] = best;
            products[row + best] = Double.NEGATIVE_INFINITY;
        }
        try (Device device = OpenClDevices.open(found, limits, tuning)) {
            Tensor indices = device.allocate(ElementType.I32, Shape.of(rows, k));
            device.training()
                    .topK(
                            device.upload(queries, rows, depth),
                            device.upload(keys, count, depth),
                            device.allocate(rows, k),
                            indices);
            assertThat(device.ints(indices)).isEqualTo(expected);
            device.checkGuards();
        }
    }

    private static float[] integers(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(60) - 30;
        }
        return values;
    }
}
