package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class InverseTransformTest {
    private static final int STRIDE = 11;
    private static final int AT = 2 * STRIDE + 3;
    private static final int[][] HADAMARD = {{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, -1, 1}, {1, -1, 1, -1}};

    private final Random random = new Random(2);

    /** Coefficients that the transform of a real residue may have. */
    private short[] coefficients(int highest) {
        short[] coefficients = new short[16];
        for (int i = 0; i < 16; i++) {
            coefficients[i] = (short) ((random.nextInt(2 * highest + 1) - highest) / (1 + i / 2));
        }
        return coefficients;
    }

    @Test
    void cosineTransformIsWithinRoundingOfTheRealOne() {
        for (int round = 0; round < 2000; round++) {
            short[] coefficients = coefficients(1000);
            byte[] pixels = new byte[8 * STRIDE];
            random.nextBytes(pixels);
            byte[] before = pixels.clone();
            double[] residue = inverseCosine(coefficients);
            InverseTransform.addCosine(coefficients, 0, pixels, AT, STRIDE);
            for (int i = 0; i < pixels.length; i++) {
                int x = i % STRIDE - 3;
                int y = i / STRIDE - 2;
                double expected = before[i] & 0xFF;
                if (x >= 0 && x < 4 && y >= 0 && y < 4) {
                    expected = Math.max(0, Math.min(expected + residue[4 * y + x], 255));
                    assertThat((double) (pixels[i] & 0xFF)).isBetween(expected - 1.5, expected + 1.5);
                } else {
                    assertThat(pixels[i] & 0xFF).isEqualTo((int) expected);
                }
            }
        }
    }

    /** The orthonormal transform; a coefficient of VP8 is twice one of it, and the constant is scaled to match. */
    private static double[] inverseCosine(short[] coefficients) {
        double[] residue = new double[16];
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                for (int v = 0; v < 4; v++) {
                    for (int u = 0; u < 4; u++) {
                        residue[4 * y + x] += coefficients[4 * v + u] * basis(u, x) * basis(v, y) / 2;
                    }
                }
            }
        }
        return residue;
    }

    private static double basis(int frequency, int position) {
        double scale = frequency == 0 ? 0.5 : Math.sqrt(0.5);
        return scale * Math.cos((2 * position + 1) * frequency * Math.PI / 8);
    }

    @Test
    void blockOfOneCoefficientIsThatOfTheWholeTransform() {
        for (int coefficient = -3000; coefficient <= 3000; coefficient++) {
            byte[] expected = new byte[8 * STRIDE];
            random.nextBytes(expected);
            byte[] pixels = expected.clone();
            short[] coefficients = new short[16];
            coefficients[0] = (short) coefficient;
            InverseTransform.addCosine(coefficients, 0, expected, AT, STRIDE);
            InverseTransform.addConstant(coefficient, pixels, AT, STRIDE);
            assertThat(pixels).isEqualTo(expected);
        }
    }

    @Test
    void walshHadamardIsTheProductOfMatrices() {
        for (int round = 0; round < 500; round++) {
            short[] input = coefficients(2000);
            short[] values = new short[17 * 16];
            System.arraycopy(input, 0, values, 256, 16);
            InverseTransform.walshHadamard(values, 256);
            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 4; x++) {
                    int sum = 0;
                    for (int i = 0; i < 16; i++) {
                        sum += HADAMARD[i / 4][y] * HADAMARD[i % 4][x] * input[i];
                    }
                    assertThat(values[16 * (4 * y + x)]).isEqualTo((short) (sum + 3 >> 3));
                }
            }
        }
    }
}
