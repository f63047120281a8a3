package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;

/** An image and its mirror image, of so many patches that the CPU device encodes one after the other. */
class PatchEncoderTest {
    private static final int WIDTH = 288;
    private static final int HEIGHT = 256;

    @Test
    void oneAfterTheOtherGivesTheBitsOfABatch() {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        new Random(0).nextBytes(rgb);
        RgbImage image = new RgbImage(WIDTH, HEIGHT, rgb);
        try (Device device = TestDevices.open(Devices.choose("cpu"));
                Stego model = Stego.demo(device);
                PatchEncoder encoder = PatchEncoder.of(model, Segmenter.Options.DEFAULT)) {
            Pipeline.Encoded encoded = encoder.encode(image);
            float[] features = device.floats(encoded.features());
            float[] codes = device.floats(encoded.codes());
            float[] mean = device.floats(encoded.mean());

            float[] both = new float[2 * rgb.length];
            ImageTensor.normalized(image, both, 0);
            ImageTensor.normalizedMirrored(image, both, rgb.length);
            Tensor batch = model.backbone().features(device.upload(both, 2, 3, HEIGHT, WIDTH), FeatureKind.FEAT);
            Tensor pair = device.allocate(
                    2, encoded.codes().shape().dim(0), encoded.codes().shape().dim(1), encoder.channels());
            model.head().orElseThrow().forward(batch, pair);
            Tensor expected = device.allocate(encoded.mean().shape().dims());
            device.kernels().mirrorMean(pair, expected);
            assertThat(features)
                    .isEqualTo(
                            device.floats(batch.view(encoded.features().shape().dims())));
            assertThat(codes)
                    .isEqualTo(device.floats(pair.view(encoded.codes().shape().dims())));
            assertThat(mean).isEqualTo(device.floats(expected));
        }
    }
}
