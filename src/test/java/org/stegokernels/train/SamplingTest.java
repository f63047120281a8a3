package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The random draws of a step. */
class SamplingTest {
    @Test
    void pointsAreInTheImageAndReachItsEdges() {
        float[] coords = Sampling.coords(new SplittableRandom(1), 50, 11);
        assertThat(coords).hasSize(50 * 121 * 2);
        float min = 1;
        float max = -1;
        for (float c : coords) {
            min = Math.min(min, c);
            max = Math.max(max, c);
        }
        assertThat(min).isBetween(-1f, -0.99f);
        assertThat(max).isBetween(0.99f, 1f);
    }

    @Test
    void fixedPointsMoveByOneAndTheLastToTheFirst() {
        assertThat(Sampling.moved(new int[] {0, 2, 1, 3})).containsExactly(1, 2, 1, 0);
        assertThat(Sampling.moved(new int[] {0})).containsExactly(0);
    }

    @Test
    void noImageIsItsOwnNegative() {
        for (int images = 2; images < 20; images++) {
            int[] negatives = Sampling.negatives(new SplittableRandom(images), images);
            for (int i = 0; i < images; i++) {
                assertThat(negatives[i]).isNotEqualTo(i).isBetween(0, images - 1);
            }
        }
    }

    @Test
    void salientPointsLieOnSalientPixelsNineTimesInTen() {
        float[] salience = new float[2 * 8 * 10];
        salience[3 * 10 + 5] = 1;
        float[] coords = Sampling.salientCoords(new Random(1), salience, 2, 8, 10, 30);
        int there = 0;
        for (int point = 0; point < 900; point++) {
            there += coords[2 * point] == 0f && coords[2 * point + 1] == -0.25f ? 1 : 0;
        }
        assertThat(there).isBetween(770, 850);
        for (int point = 900; point < 1800; point++) {
            assertThat(coords[2 * point]).isBetween(-1f, 1f);
        }
    }

    @Test
    void dropoutKeepsTheMean() {
        double sum = 0;
        for (float factor : Sampling.dropout(new SplittableRandom(3), 100, 400, 0.1)) {
            assertThat(factor).isIn(0f, (float) (1 / 0.9));
            sum += factor;
        }
        assertThat(sum / 40_000).isBetween(0.98, 1.02);
    }
}
