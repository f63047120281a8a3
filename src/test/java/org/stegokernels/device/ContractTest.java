package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.TestDevices;

/** Every operation refuses shapes and types that don't fit, and says which operation it was. */
class ContractTest {
    /** Misuses of one operation. */
    private record Refusals(Device device, String operation) {
        Tensor floats(int... dims) {
            return device.allocate(dims);
        }

        Tensor ints(int... dims) {
            return device.allocate(ElementType.I32, Shape.of(dims));
        }

        Kernels kernels() {
            return device.kernels();
        }

        void refuses(Runnable call) {
            assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining(operation);
        }
    }

    private interface Body {
        void run(Refusals on);
    }

    private static void test(Devices.Choice choice, String operation, Body body) {
        try (Device device = TestDevices.open(choice)) {
            body.run(new Refusals(device, operation));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void linear(Devices.Choice choice) {
        test(choice, "packLinear", on -> {
            on.refuses(() -> on.kernels().packLinear(on.floats(2, 3, 4), null));
            on.refuses(() -> on.kernels().packLinear(on.floats(0, 3), null));
            on.refuses(() -> on.kernels().packLinear(on.floats(2, 3), on.floats(3)));
        });
        test(choice, "linear", on -> {
            LinearWeights weights = on.kernels().packLinear(on.floats(2, 3), null);
            Activation none = Activation.NONE;
            on.refuses(() -> on.kernels().linear(on.floats(5, 4), weights, none, null, on.floats(5, 2)));
            on.refuses(() -> on.kernels().linear(on.floats(5, 3), weights, none, null, on.floats(5, 3)));
            on.refuses(() -> on.kernels().linear(on.floats(5, 3), weights, none, null, on.floats(4, 2)));
            on.refuses(() -> on.kernels().linear(on.floats(5, 3), weights, none, on.floats(5, 3), on.floats(5, 2)));
            on.refuses(() -> on.kernels().linear(on.floats(5, 3), weights, none, null, on.ints(5, 2)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void patchEmbed(Devices.Choice choice) {
        test(choice, "patchEmbed", on -> {
            LinearWeights weights = on.kernels().packLinear(on.floats(5, 12), null);
            Tensor prefix = on.floats(1, 5);
            on.refuses(() -> on.kernels()
                    .patchEmbed(on.floats(1, 3, 4, 5), weights, 2, prefix, on.floats(4, 5), on.floats(1, 5, 5)));
            on.refuses(() -> on.kernels()
                    .patchEmbed(on.floats(1, 3, 4, 4), weights, 4, prefix, on.floats(1, 5), on.floats(1, 2, 5)));
            on.refuses(() -> on.kernels()
                    .patchEmbed(on.floats(1, 3, 4, 4), weights, 2, prefix, on.floats(3, 5), on.floats(1, 5, 5)));
            on.refuses(() -> on.kernels()
                    .patchEmbed(on.floats(1, 3, 4, 4), weights, 2, prefix, on.floats(4, 5), on.floats(1, 4, 5)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void resizes(Devices.Choice choice) {
        test(choice, "bilinear", on -> {
            on.refuses(() -> on.kernels().bilinear(on.floats(1, 2, 2, 3), on.floats(1, 4, 4, 2)));
            on.refuses(() -> on.kernels().bilinear(on.floats(1, 2, 2, 3), on.floats(2, 4, 4, 3)));
            on.refuses(() -> on.kernels().bilinear(on.floats(2, 2, 3), on.floats(4, 4, 3)));
            on.refuses(() -> on.kernels().bilinear(on.floats(1, 0, 2, 3), on.floats(1, 4, 4, 3)));
        });
        test(choice, "bicubic", on -> {
            on.refuses(() -> on.kernels().bicubic(on.floats(1, 2, 2, 3), 2, 2, on.floats(1, 4, 4, 2)));
            on.refuses(() -> on.kernels().bicubic(on.floats(1, 2, 2, 3), 0, 2, on.floats(1, 4, 4, 3)));
            on.refuses(() -> on.kernels().bicubic(on.floats(1, 2, 2, 3), 2, Double.NaN, on.floats(1, 4, 4, 3)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void rows(Devices.Choice choice) {
        test(choice, "layerNorm", on -> {
            Tensor three = on.floats(3);
            on.refuses(() -> on.kernels().layerNorm(on.floats(2, 3), three, three, 1e-6f, on.floats(3, 2)));
            on.refuses(() -> on.kernels().layerNorm(on.floats(2, 3), on.floats(2), three, 1e-6f, on.floats(2, 3)));
            on.refuses(() -> on.kernels().layerNorm(on.floats(2, 3), three, on.floats(2), 1e-6f, on.floats(2, 3)));
        });
        test(choice, "gelu", on -> on.refuses(() -> on.kernels().gelu(on.floats(2, 3), on.floats(6))));
        test(choice, "swiGlu", on -> {
            on.refuses(() -> on.kernels().swiGlu(on.floats(2, 7), on.floats(2, 3)));
            on.refuses(() -> on.kernels().swiGlu(on.floats(2, 6), on.floats(1, 3)));
        });
        test(choice, "rope", on -> {
            on.refuses(() -> on.kernels().rope(on.floats(3, 2), on.floats(3, 2), on.floats(1, 2, 12)));
            on.refuses(() -> on.kernels().rope(on.floats(3, 2), on.floats(2, 2), on.floats(1, 3, 12)));
            on.refuses(() -> on.kernels().rope(on.floats(3, 2), on.floats(3, 2), on.floats(1, 3, 15)));
            on.refuses(() -> on.kernels().rope(on.floats(3, 2), on.floats(3, 2), on.ints(1, 3, 12)));
        });
        test(
                choice,
                "normalize",
                on -> on.refuses(() -> on.kernels().normalize(on.floats(2, 3), 1e-12f, on.floats(2, 4))));
        test(choice, "softmax", on -> on.refuses(() -> on.kernels().softmax(on.floats(2, 3), 1, on.ints(2, 3))));
        test(
                choice,
                "logSoftmax",
                on -> on.refuses(() -> on.kernels().logSoftmax(on.floats(2, 3), 1, on.floats(3, 3))));
        test(choice, "argmax", on -> {
            on.refuses(() -> on.kernels().argmax(on.floats(2, 3), on.floats(2)));
            on.refuses(() -> on.kernels().argmax(on.floats(2, 3), on.ints(3)));
            on.refuses(() -> on.kernels().argmax(on.floats(2, 0), on.ints(2)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void attention(Devices.Choice choice) {
        test(choice, "attention", on -> {
            on.refuses(() -> on.kernels().attention(on.floats(1, 4, 18), 4, on.floats(1, 4, 6)));
            on.refuses(() -> on.kernels().attention(on.floats(1, 4, 18), 0, on.floats(1, 4, 6)));
            on.refuses(() -> on.kernels().attention(on.floats(1, 4, 18), 2, on.floats(1, 3, 6)));
            on.refuses(() -> on.kernels().attention(on.floats(1, 4, 18), 2, on.floats(1, 4, 18)));
        });
        test(choice, "attentionWeights", on -> {
            on.refuses(() -> on.kernels().attentionWeights(on.floats(1, 4, 18), 2, on.floats(1, 2, 5, 4)));
            on.refuses(() -> on.kernels().attentionWeights(on.floats(1, 4, 18), 2, on.floats(1, 3, 1, 4)));
            on.refuses(() -> on.kernels().attentionWeights(on.floats(1, 4, 18), 2, on.floats(1, 2, 1, 3)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void movesAndSums(Devices.Choice choice) {
        test(choice, "slice", on -> {
            on.refuses(() -> on.kernels().slice(on.floats(1, 4, 6), 1, 0, on.floats(1, 4, 6)));
            on.refuses(() -> on.kernels().slice(on.floats(1, 4, 6), 0, 2, on.floats(1, 4, 5)));
            on.refuses(() -> on.kernels().slice(on.floats(1, 4, 6), -1, 0, on.floats(1, 1, 6)));
            on.refuses(() -> on.kernels().slice(on.floats(2, 4, 6), 0, 0, on.floats(1, 4, 6)));
        });
        test(choice, "mirrorMean", on -> {
            on.refuses(() -> on.kernels().mirrorMean(on.floats(1, 2, 3, 4), on.floats(2, 3, 4)));
            on.refuses(() -> on.kernels().mirrorMean(on.floats(2, 2, 3, 4), on.floats(3, 2, 4)));
        });
        test(choice, "clusterSums", on -> {
            on.refuses(() -> on.kernels().clusterSums(on.floats(5, 3), on.ints(4), on.floats(2, 3), on.ints(2)));
            on.refuses(() -> on.kernels().clusterSums(on.floats(5, 3), on.ints(5), on.floats(2, 4), on.ints(2)));
            on.refuses(() -> on.kernels().clusterSums(on.floats(5, 3), on.ints(5), on.floats(2, 3), on.ints(3)));
            on.refuses(() -> on.kernels().clusterSums(on.floats(5, 3), on.floats(5), on.floats(2, 3), on.ints(2)));
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void lattices(Devices.Choice choice) {
        test(choice, "allocateLattice", on -> {
            on.refuses(() -> on.kernels().allocateLattice(0, 2));
            on.refuses(() -> on.kernels().allocateLattice(6, 0));
        });
        test(choice, "buildLattice", on -> {
            try (Lattice lattice = on.kernels().allocateLattice(6, 2)) {
                on.refuses(() -> on.kernels().buildLattice(on.floats(5, 2), lattice));
                on.refuses(() -> on.kernels().buildLattice(on.floats(6, 3), lattice));
            }
        });
        test(choice, "latticeFilter", on -> {
            try (Lattice lattice = on.kernels().allocateLattice(6, 2)) {
                on.refuses(() -> on.kernels().latticeFilter(lattice, on.floats(5, 4), on.floats(5, 4)));
                on.refuses(() -> on.kernels().latticeFilter(lattice, on.floats(6, 4), on.floats(6, 3)));
            }
        });
        test(choice, "meanField", on -> {
            try (Lattice lattice = on.kernels().allocateLattice(6, 2)) {
                List<Lattice> one = List.of(lattice);
                float[] weight = {1};
                on.refuses(() -> on.kernels().meanField(on.floats(5, 4), one, weight, 1, on.floats(5, 4)));
                on.refuses(() -> on.kernels().meanField(on.floats(6, 4), one, new float[2], 1, on.floats(6, 4)));
                on.refuses(() -> on.kernels().meanField(on.floats(6, 4), one, weight, -1, on.floats(6, 4)));
                on.refuses(() -> on.kernels().meanField(on.floats(6, 4), one, weight, 1, on.floats(6, 5)));
            }
        });
    }
}
