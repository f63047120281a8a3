package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.stegokernels.image.RgbImage.ImageTensor;

class ImageTensorTest {
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    private static final RgbImage IMAGE = image();

    private static RgbImage image() {
        byte[] rgb = new byte[3 * 5 * 4];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (17 * i);
        }
        return new RgbImage(5, 4, rgb);
    }

    @Test
    void channelsComeFirstAndAreNormalised() {
        float[] out = new float[3 * 5 * 4 + 7];
        ImageTensor.normalized(IMAGE, out, 4);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 20; i++) {
                double value = (IMAGE.rgb()[3 * i + c] & 0xFF) / 255.0;
                assertThat(out[4 + 20 * c + i]).isCloseTo((float) ((value - MEAN[c]) / DEVIATION[c]), within(1e-6f));
            }
        }
        assertThat(out).startsWith(0, 0, 0, 0).endsWith(0, 0, 0);
    }

    /** Published in many places as the range of normalised ImageNet input. */
    @Test
    void blackAndWhiteHaveTheKnownValues() {
        float[] out = new float[6];
        ImageTensor.normalized(new RgbImage(2, 1, new byte[] {0, 0, 0, -1, -1, -1}), out, 0);
        float[] expected = {-2.117904f, 2.248908f, -2.035714f, 2.428571f, -1.804444f, 2.64f};
        assertThat(out).containsExactly(expected, within(1e-5f));
    }

    @Test
    void mirroredReversesEachRow() {
        float[] straight = new float[60];
        float[] mirrored = new float[60];
        ImageTensor.normalized(IMAGE, straight, 0);
        ImageTensor.normalizedMirrored(IMAGE, mirrored, 0);
        for (int row = 0; row < 12; row++) {
            for (int x = 0; x < 5; x++) {
                assertThat(mirrored[5 * row + x]).isEqualTo(straight[5 * row + 4 - x]);
            }
        }
    }

    @Test
    void tooSmallAnArrayIsRefused() {
        assertThatThrownBy(() -> ImageTensor.normalized(IMAGE, new float[60], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3x4x5");
    }
}
