package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {
    private static final double[] MEAN = {1, -2, 3};
    /** Orthogonal directions of length 1. */
    private static final double[][] AXES = {{0.8, 0, -0.6}, {0.36, 0.8, 0.48}};

    /** Two points in each direction: 5 to either side along the first axis, 2 along the second. */
    private static float[] points() {
        double[] reach = {5, 2};
        float[] points = new float[4 * 3];
        for (int i = 0; i < 4; i++) {
            double along = (i % 2 == 0 ? 1 : -1) * reach[i / 2];
            for (int c = 0; c < 3; c++) {
                points[3 * i + c] = (float) (MEAN[c] + along * AXES[i / 2][c]);
            }
        }
        return points;
    }

    @Test
    void findsTheDirectionsStrongestFirst() {
        PrincipalComponents found = PrincipalComponents.of(points(), 3, 2);
        assertThat(found.mean()).containsExactly(MEAN, within(1e-6));
        assertThat(found.deviations())
                .containsExactly(new double[] {Math.sqrt(2 * 25 / 4.0), Math.sqrt(2 * 4 / 4.0)}, within(1e-6));
        assertThat(found.axes()[0]).containsExactly(AXES[0], within(1e-6));
        assertThat(found.axes()[1]).containsExactly(AXES[1], within(1e-6));
    }

    @Test
    void projectsOntoThem() {
        PrincipalComponents found = PrincipalComponents.of(points(), 3, 2);
        assertThat(found.project(points(), 3)).containsExactly(new double[] {-5, 0}, within(1e-6));
        assertThat(found.project(points(), 6)).containsExactly(new double[] {0, 2}, within(1e-6));
    }

    @Test
    void pointsThatAreAllTheSameHaveNoDeviation() {
        PrincipalComponents found = PrincipalComponents.of(new float[] {1, 2, 1, 2, 1, 2}, 2, 2);
        assertThat(found.deviations()).containsExactly(0, 0);
        assertThat(found.project(new float[] {1, 2}, 0)).containsExactly(0, 0);
    }

    @Test
    void refusesWhatCantBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> PrincipalComponents.of(new float[0], 2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> PrincipalComponents.of(new float[] {1, 2}, 2, 3));
    }
}
