package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

/** The small images of the CRF loss. */
class GuidanceTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void guidanceIsTheDevicesOwnBilinear(Devices.Choice choice) {
        int side = 75;
        byte[] rgb = new byte[3 * side * side];
        new Random(3).nextBytes(rgb);
        RgbImage image = new RgbImage(side, side, rgb);
        int small = HostBatch.GUIDANCE_SIDE;
        float[] actual = new float[small * small * 3];
        Guidance.put(image, small, actual, 0);
        float[] planes = new float[3 * side * side];
        ImageTensor.normalized(image, planes, 0);
        float[] pixels = new float[planes.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = planes[i % 3 * side * side + i / 3];
        }
        try (Device device = TestDevices.open(choice)) {
            Tensor out = device.allocate(1, small, small, 3);
            device.kernels().bilinear(device.upload(pixels, 1, side, side, 3), out);
            float[] expected = device.floats(out);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }
}
