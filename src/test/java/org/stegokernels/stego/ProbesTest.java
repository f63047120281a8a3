package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.stegokernels.testing.ReferenceVectors.assertClose;
import static org.stegokernels.testing.ReferenceVectors.channelsLast;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

@ParameterizedClass(name = "{0}")
@MethodSource("org.stegokernels.testing.TestDevices#all")
class ProbesTest {
    private static final double TOLERANCE = 1e-5;

    @Parameter
    private Devices.Choice choice;

    private Device device;
    private Safetensors reference;
    private Safetensors model;
    private Tensor code;

    /** The reference calls its tensors otherwise than a model does. */
    @BeforeEach
    void open() {
        device = TestDevices.open(choice);
        reference = ReferenceVectors.open("probes");
        model = MemoryFiles.file(
                Map.of(
                        "cluster_probe.clusters", reference.typed("clusters"),
                        "linear_probe.weight", reference.typed("linear.weight"),
                        "linear_probe.bias", reference.typed("linear.bias")),
                Map.of());
        HostTensor values = channelsLast(reference.tensor("code"));
        code = device.upload(values.values(), values.shape().dims());
    }

    @AfterEach
    void close() {
        reference.close();
        device.checkGuards();
        device.close();
    }

    @Test
    void theHardAssignmentIsTheLargestCosine() {
        try (ClusterProbe probe = ClusterProbe.load(model, "", device)) {
            Tensor cosines = perPixel(probe.outputs());
            probe.forward(code, cosines);
            Tensor labels =
                    device.allocate(ElementType.I32, Shape.of(cosines.shape().rows()));
            device.kernels().argmax(cosines, labels);

            float[] oneHot = channelsLast(reference.tensor("hard.probs")).values();
            float[] values = device.floats(cosines);
            int[] chosen = device.ints(labels);
            double sum = 0;
            for (int row = 0; row < chosen.length; row++) {
                assertThat(oneHot[row * probe.outputs() + chosen[row]]).isEqualTo(1);
                sum += values[row * probe.outputs() + chosen[row]];
            }
            assertThat(-sum / chosen.length).isCloseTo(reference.floats("hard.loss")[0], within(TOLERANCE));
        }
    }

    @Test
    void softAssignmentsAreTheSoftmaxOfTwiceTheCosines() {
        try (ClusterProbe probe = ClusterProbe.load(model, "", device)) {
            Tensor out = perPixel(probe.outputs());
            probe.probabilities(code, 2, out);
            assertMatches("alpha2.probs", out);
            probe.logProbabilities(code, 2, out);
            assertMatches("log_probs.alpha2", out);
        }
    }

    @Test
    void theLinearProbeHasTheLossOfTheReference() {
        int[] size = reference.entry("label").shape().dims();
        int[] labels = reference.ints("label");
        try (LinearProbe probe = LinearProbe.load(model, "", device)) {
            Tensor logits = perPixel(probe.outputs());
            probe.forward(code, logits);
            Tensor large = device.allocate(size[0], size[1], size[2], probe.outputs());
            device.kernels().bilinear(logits, large);
            device.kernels().logSoftmax(large, 1, large);
            float[] logProbabilities = device.floats(large);
            double sum = 0;
            int labelled = 0;
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] >= 0) {
                    sum -= logProbabilities[i * probe.outputs() + labels[i]];
                    labelled++;
                }
            }
            assertThat(sum / labelled).isCloseTo(reference.floats("linear.loss")[0], within(TOLERANCE));
        }
    }

    @Test
    void theCodeIsStretchedAsTheReferenceDoes() {
        HostTensor expected = channelsLast(reference.tensor("code.upsampled"));
        Tensor large = device.allocate(expected.shape().dims());
        device.kernels().bilinear(code, large);
        assertClose("code.upsampled", device.floats(large), expected.values(), TOLERANCE);
    }

    @Test
    void tensorsThatDoNotFitAreNamed() {
        refused("cluster_probe.clusters", MemoryFiles.zeros(15, 70, 1), "wanted [clusters, code channels]");
        refused("cluster_probe.clusters", MemoryFiles.zeros(0, 70), "wanted [clusters, code channels]");
        refused("linear_probe.weight", MemoryFiles.zeros(12, 70, 3, 3), "wanted [outputs, inputs, 1, 1]");
        refused("linear_probe.weight", MemoryFiles.zeros(12), "wanted [outputs, inputs, 1, 1]");
        refused("linear_probe.bias", MemoryFiles.zeros(13), "its shape is [13], wanted [12]");
        HostTensor clusters = reference.tensor("clusters");
        clusters.values()[5] = Float.POSITIVE_INFINITY;
        refused("cluster_probe.clusters", TypedTensor.of(clusters), "it has the value Infinity");
    }

    private void refused(String name, TypedTensor tensor, String reason) {
        Map<String, TypedTensor> tensors = MemoryFiles.tensors(model);
        tensors.put(name, tensor);
        Safetensors changed = MemoryFiles.file(tensors, Map.of());
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> {
                    ClusterProbe.load(changed, "", device).close();
                    LinearProbe.load(changed, "", device).close();
                })
                .withMessageContainingAll("\"" + name + "\"", reason);
    }

    private Tensor perPixel(int channels) {
        int[] dims = code.shape().dims();
        dims[dims.length - 1] = channels;
        return device.allocate(dims);
    }

    private void assertMatches(String name, Tensor actual) {
        assertClose(
                name,
                device.floats(actual),
                channelsLast(reference.tensor(name)).values(),
                TOLERANCE);
    }
}
