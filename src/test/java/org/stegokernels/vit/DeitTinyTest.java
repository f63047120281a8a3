package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.convert.CheckpointConverter;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor.DType;

/** Real weights on real photographs, against what PyTorch made of them. */
class DeitTinyTest {
    private static final Path WEIGHTS = Path.of("..", "shared", "weights", "deit_tiny_patch16_224.safetensors");
    private static final Path EXPECTED = Path.of("..", "shared", "real", "deit_tiny_camvid.safetensors");
    private static final double TOLERANCE = 1e-4;
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    @TempDir
    private Path folder;

    @Test
    void photographsGiveTheFeaturesAndAttentionOfTheReference() {
        assumeFiles();
        compare(WEIGHTS, TOLERANCE);
    }

    /** Weights are off by up to 2^-12 and 2^-9 of themselves; twelve blocks make about ten times that of it. */
    @ParameterizedTest
    @CsvSource({"F16, 5e-3", "BF16, 5e-2"})
    void convertedToSixteenBitsTheyAreNearlyTheSame(DType type, double tolerance) throws IOException {
        assumeFiles();
        Path converted = folder.resolve("deit.safetensors");
        CheckpointConverter.convert(WEIGHTS, converted, CheckpointConverter.Options.DEFAULT.withType(type));
        compare(converted, tolerance);
    }

    private static void assumeFiles() {
        assumeTrue(
                Files.exists(WEIGHTS) && Files.exists(EXPECTED),
                () -> "skipped: " + WEIGHTS + " or " + EXPECTED + " is not there");
    }

    private static void compare(Path file, double tolerance) {
        try (Safetensors weights = Safetensors.open(file);
                Safetensors expected = Safetensors.open(EXPECTED);
                Device device = TestDevices.open(Devices.choose("cpu"));
                Backbone model = Backbone.load(weights, "", device)) {
            assertThat(model.architecture()).isEqualTo(Architecture.dino(12, 192, 3, 16, 14, 768));
            List<String> photographs = expected.names().stream()
                    .filter(name -> name.endsWith(".image"))
                    .map(name -> name.substring(0, name.length() - ".image".length()))
                    .toList();
            assertThat(photographs).isNotEmpty();
            for (String photograph : photographs) {
                int[] dims = expected.entry(photograph + ".image").shape().dims();
                float[] pixels = normalized(expected.bytes(photograph + ".image"));
                try (Tensor image = device.upload(pixels, 1, 3, dims[0], dims[1])) {
                    float[] tokens = device.floats(model.tokens(image, Backbone.Observer.NONE));
                    assertClose(photograph, tokens, expected.floats(photograph + ".feat"), tolerance);
                    Tensor attention =
                            model.featuresWithAttention(image, FeatureKind.FEAT).attention();
                    float[] toPatches = expected.floats(photograph + ".cls_attention");
                    assertClose(photograph, device.floats(attention), toPatches, tolerance);
                }
            }
        }
    }

    /** Bytes {@code [H, W, 3]} to floats {@code [3, H, W]} with the mean and deviation of ImageNet. */
    private static float[] normalized(byte[] pixels) {
        int count = pixels.length / 3;
        float[] out = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            double value = Byte.toUnsignedInt(pixels[i]) / 255.0;
            out[i % 3 * count + i / 3] = (float) ((value - MEAN[i % 3]) / DEVIATION[i % 3]);
        }
        return out;
    }
}
