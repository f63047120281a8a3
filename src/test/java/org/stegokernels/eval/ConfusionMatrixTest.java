package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** Confusion counts. */
class ConfusionMatrixTest {
    private static final int[] PREDICTED = {0, 1, 2, 2, 1, 0};
    private static final int[] LABELS = {0, 1, 1, 255, -1, 1};

    @Test
    void countsExtraClustersAndPassesOverLabelsThatAreNoClass() {
        ConfusionMatrix matrix = new ConfusionMatrix(3, 2);
        matrix.add(PREDICTED, LABELS);
        assertThat(matrix.count(0, 0)).isOne();
        assertThat(matrix.count(1, 1)).isOne();
        assertThat(matrix.count(2, 1)).isOne();
        assertThat(matrix.count(0, 1)).isOne();
        assertThat(matrix.predicted(2)).isOne();
        assertThat(matrix.labelled(1)).isEqualTo(3);
    }

    @Test
    void thePublishedCountDropsExtraClusters() {
        ConfusionMatrix matrix = new ConfusionMatrix(3, 2);
        matrix.addAsPublished(PREDICTED, LABELS);
        assertThat(matrix.predicted(2)).isZero();
        assertThat(matrix.labelled(1)).isEqualTo(2);
    }

    @Test
    void matricesOfOneSizeAddUp() {
        ConfusionMatrix matrix = new ConfusionMatrix(3, 2);
        matrix.add(PREDICTED, LABELS);
        ConfusionMatrix twice = new ConfusionMatrix(3, 2);
        twice.add(matrix);
        twice.add(matrix);
        assertThat(twice.labelled(1)).isEqualTo(6);
        assertThatIllegalArgumentException().isThrownBy(() -> twice.add(new ConfusionMatrix(2, 2)));
    }

    @Test
    void whatIsNoPredictionIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConfusionMatrix(3, 2).add(new int[] {0, 3}, new int[] {0, 1}))
                .withMessageContaining("prediction 3 of pixel 1");
    }
}
