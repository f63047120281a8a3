package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.stego.FeatureExtractor.Projection;

/** Short forms of vectors. */
class ProjectionTest {
    private static final int CHANNELS = 40;

    /** Vectors of five directions and a mean that is none of them, and a little noise. */
    private static float[] vectors(double noise) {
        Random random = new Random(1);
        float[] directions = new float[6 * CHANNELS];
        for (int i = 0; i < directions.length; i++) {
            directions[i] = (float) random.nextGaussian();
        }
        float[] vectors = new float[500 * CHANNELS];
        for (int i = 0; i < 500; i++) {
            for (int d = 0; d < 6; d++) {
                double part = d == 5 ? 3 : random.nextGaussian();
                for (int c = 0; c < CHANNELS; c++) {
                    vectors[i * CHANNELS + c] += part * directions[d * CHANNELS + c] + noise * random.nextGaussian();
                }
            }
        }
        return vectors;
    }

    private static double cosine(float[] rows, int width, int a, int b) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int c = 0; c < width; c++) {
            product += rows[a * width + c] * rows[b * width + c];
            first += rows[a * width + c] * rows[a * width + c];
            second += rows[b * width + c] * rows[b * width + c];
        }
        return product / Math.sqrt(first * second);
    }

    @Test
    void anglesStayWhereAllVariationIsKept() {
        float[] vectors = vectors(0);
        float[] units = Projection.of(vectors, CHANNELS, 6).unit(vectors);
        for (int i = 1; i < 500; i++) {
            assertThat(cosine(units, 6, 0, i)).isCloseTo(cosine(vectors, CHANNELS, 0, i), within(1e-5));
            assertThat(cosine(units, 6, i, i)).isEqualTo(1);
        }
    }

    @Test
    void shortFormsHaveLengthOneAndNearlyTheAngles() {
        float[] vectors = vectors(0.2);
        Projection projection = Projection.of(vectors, CHANNELS, 12);
        assertThat(projection.width()).isEqualTo(12);
        float[] units = projection.unit(vectors);
        for (int i = 1; i < 500; i++) {
            double squares = 0;
            for (int c = 0; c < 12; c++) {
                squares += units[i * 12 + c] * units[i * 12 + c];
            }
            assertThat(squares).isCloseTo(1, within(1e-5));
            assertThat(cosine(units, 12, 0, i)).isCloseTo(cosine(vectors, CHANNELS, 0, i), within(0.1));
        }
    }
}
