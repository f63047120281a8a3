package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
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
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

@ParameterizedClass(name = "{0}")
@MethodSource("org.stegokernels.testing.TestDevices#all")
class SegmentationHeadTest {
    private static final double TOLERANCE = 1e-5;

    @Parameter
    private Devices.Choice choice;

    private Device device;
    private Safetensors reference;

    @BeforeEach
    void open() {
        device = TestDevices.open(choice);
        reference = ReferenceVectors.open("segmentation_head");
    }

    @AfterEach
    void close() {
        reference.close();
        device.checkGuards();
        device.close();
    }

    @Test
    void theCodeIsTheSumOfBothBranches() {
        try (SegmentationHead head = SegmentationHead.load(reference, "", device)) {
            HostTensor features = channelsLast(reference.tensor("feat"));
            assertThat(head.inputs()).isEqualTo(features.shape().dim(-1));
            assertMatches("eval.code", code(head, features, features));
        }
    }

    @Test
    void eachBranchTakesItsOwnDropout() {
        try (SegmentationHead head = SegmentationHead.load(reference, "", device)) {
            assertMatches("dropout.code", code(head, masked("mask1"), masked("mask2")));
        }
    }

    @Test
    void withoutTheNonlinearBranchItIsLinear() {
        Map<String, TypedTensor> tensors = MemoryFiles.tensors(reference);
        tensors.keySet().removeIf(name -> name.startsWith("cluster2."));
        try (SegmentationHead head = SegmentationHead.load(MemoryFiles.file(tensors, Map.of()), "", device)) {
            HostTensor features = channelsLast(reference.tensor("feat"));
            assertMatches("eval.code.linear_only", code(head, features, features));
            assertMatches("dropout.code.linear_only", code(head, masked("mask1"), masked("mask2")));
        }
    }

    @Test
    void weightsMayBeMatrices() {
        Map<String, TypedTensor> tensors = MemoryFiles.tensors(reference);
        for (String name : new String[] {"cluster1.0.weight", "cluster2.0.weight", "cluster2.2.weight"}) {
            HostTensor weight = reference.tensor(name);
            int[] dims = weight.shape().dims();
            tensors.put(name, TypedTensor.of(HostTensor.of(weight.values(), dims[0], dims[1])));
        }
        try (SegmentationHead head = SegmentationHead.load(MemoryFiles.file(tensors, Map.of()), "", device)) {
            HostTensor features = channelsLast(reference.tensor("feat"));
            assertMatches("eval.code", code(head, features, features));
        }
    }

    @Test
    void everyTensorIsNeededInItsShape() {
        for (String name : SegmentationHead.TENSORS) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(reference);
            tensors.remove(name);
            Safetensors without = MemoryFiles.file(tensors, Map.of());
            assertThat(SegmentationHead.isIn(without, "")).isTrue();
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> SegmentationHead.load(without, "", device))
                    .withMessageContainingAll("\"" + name + "\"", "no such tensor");
            tensors.put(name, MemoryFiles.zeros(70, 96, 3, 3));
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> SegmentationHead.load(MemoryFiles.file(tensors, Map.of()), "", device))
                    .withMessageContainingAll("\"" + name + "\"", "its shape is [70, 96, 3, 3], wanted [");
        }
        assertThat(device.allocatedBytes()).isZero();
    }

    @Test
    void branchesThatDoNotFitTogetherAreNamed() {
        Map<String, TypedTensor> tensors = MemoryFiles.tensors(reference);
        tensors.put("cluster2.0.weight", MemoryFiles.zeros(96, 95, 1, 1));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> SegmentationHead.load(MemoryFiles.file(tensors, Map.of()), "", device))
                .withMessageContaining(
                        "\"cluster2.0.weight\": its shape is [96, 95, 1, 1], wanted [outputs, 96, 1, 1]");
        tensors.putAll(MemoryFiles.tensors(reference));
        tensors.put("cluster2.2.weight", MemoryFiles.zeros(71, 96, 1, 1));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> SegmentationHead.load(MemoryFiles.file(tensors, Map.of()), "", device))
                .withMessageContaining("\"cluster2.2.weight\": its shape is [71, 96, 1, 1], wanted [70, 96, 1, 1]");
    }

    private float[] code(SegmentationHead head, HostTensor linearInput, HostTensor nonlinearInput) {
        int[] dims = linearInput.shape().dims();
        dims[dims.length - 1] = head.outputs();
        try (Tensor first = upload(linearInput);
                Tensor second = upload(nonlinearInput);
                Tensor code = device.allocate(dims)) {
            head.forward(first, second, code);
            return device.floats(code);
        }
    }

    /** The features with whole channels of an image dropped and the others scaled up. */
    private HostTensor masked(String mask) {
        HostTensor features = reference.tensor("feat");
        float[] factors = reference.floats(mask);
        int pixels = features.values().length / factors.length;
        for (int i = 0; i < features.values().length; i++) {
            features.values()[i] *= factors[i / pixels];
        }
        return channelsLast(features);
    }

    private void assertMatches(String name, float[] code) {
        assertClose(name, code, channelsLast(reference.tensor(name)).values(), TOLERANCE);
    }

    private Tensor upload(HostTensor tensor) {
        return device.upload(tensor.values(), tensor.shape().dims());
    }
}
