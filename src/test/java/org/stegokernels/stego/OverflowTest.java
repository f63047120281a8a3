package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

/** Finite weights that overflow on a picture are an error with its stage, never an answer. */
class OverflowTest {
    private Device device;

    /** A tensor, what its values are multiplied by, the probe that is asked, and what overflows. */
    static Stream<Arguments> overflows() {
        String tokens = "the backbone's tokens";
        return TestDevices.all()
                .map(named -> named.getPayload())
                .flatMap(choice -> Stream.of(
                        // Finite in every step but for the variance in a layer norm, which makes one constant of all.
                        Arguments.of(choice, "backbone.patch_embed.proj.weight", 1e22f, Probe.CLUSTER, tokens),
                        Arguments.of(choice, "backbone.patch_embed.proj.weight", 3e38f, Probe.LINEAR, tokens),
                        Arguments.of(choice, "backbone.pos_embed", 1e25f, Probe.LINEAR, tokens),
                        Arguments.of(choice, "backbone.blocks.0.attn.qkv.weight", 1e38f, Probe.CLUSTER, tokens),
                        Arguments.of(choice, "backbone.blocks.0.mlp.fc1.weight", 1e38f, Probe.CLUSTER, tokens),
                        Arguments.of(choice, "backbone.blocks.1.mlp.fc2.weight", 1e38f, Probe.LINEAR, tokens),
                        Arguments.of(choice, "backbone.norm.weight", 1e38f, Probe.CLUSTER, "the features"),
                        Arguments.of(choice, "cluster1.0.weight", 1e20f, Probe.CLUSTER, "the codes of the head"),
                        Arguments.of(choice, "cluster2.2.weight", 1e38f, Probe.LINEAR, "the codes of the head"),
                        Arguments.of(choice, "linear_probe.weight", 1e38f, Probe.LINEAR, "the probabilities")));
    }

    @AfterEach
    void close() {
        device.close();
    }

    private Stego scaled(String tensor, float factor) {
        try (Safetensors file = ReferenceVectors.open("pipeline")) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(file);
            float[] values = file.floats(tensor);
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, values[i] * factor));
            }
            tensors.put(tensor, TypedTensor.of(new HostTensor(file.entry(tensor).shape(), values)));
            return Stego.load(MemoryFiles.file(tensors, file.metadata()), device);
        }
    }

    private static RgbImage noise() {
        byte[] rgb = new byte[3 * 48 * 32];
        new Random(5).nextBytes(rgb);
        return new RgbImage(48, 32, rgb);
    }

    @ParameterizedTest
    @MethodSource("overflows")
    void isAnErrorWithItsStage(Devices.Choice choice, String tensor, float factor, Probe probe, String stage) {
        device = TestDevices.open(choice);
        Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(32).withProbe(probe);
        try (Stego model = scaled(tensor, factor);
                Segmenter segmenter = Segmenter.of(model, options);
                Pipeline pipeline = Pipeline.of(model, List.of(probe), options, new StageTimes())) {
            assertThatExceptionOfType(NotFiniteException.class)
                    .isThrownBy(() -> segmenter.segment(noise()))
                    .withMessageStartingWith("NaN or overflow in " + stage)
                    .withMessageContaining("weights");
            Pipeline.Frame frame = pipeline.frame(noise());
            assertThatExceptionOfType(NotFiniteException.class)
                    .isThrownBy(() ->
                            pipeline.marginals(frame, pipeline.encode(frame).mean()));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void tellsWhichOfSeveralImages(Devices.Choice choice) {
        device = TestDevices.open(choice);
        try (Stego model = scaled("backbone.patch_embed.proj.weight", 1)) {
            float[] images = new float[3 * 3 * 32 * 32];
            Arrays.fill(images, 2 * 3 * 32 * 32, images.length, 1e30f);
            for (FeatureKind kind : FeatureKind.values()) {
                assertThatExceptionOfType(NotFiniteException.class)
                        .isThrownBy(() -> model.backbone().features(device.upload(images, 3, 3, 32, 32), kind))
                        .satisfies(e -> assertThat(e.image()).isEqualTo(2));
            }
        }
    }
}
