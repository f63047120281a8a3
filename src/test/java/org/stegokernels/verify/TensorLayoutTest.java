package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The ways from PyTorch's layouts to ours. */
class TensorLayoutTest {
    @Test
    void transposingSwapsTheAxesOfEachImage() {
        float[] coords = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17};
        assertThat(TensorLayout.pointsTransposed(coords, 2))
                .containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 10, 11, 14, 15, 12, 13, 16, 17);
    }
}
