package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Matching and metrics on counts worked out by hand, and matchings against all permutations. */
class ScoresTest {
    /** {@code counts[prediction][label]}. */
    private static ConfusionMatrix matrix(int[][] counts) {
        ConfusionMatrix matrix = new ConfusionMatrix(counts.length, counts[0].length);
        for (int p = 0; p < counts.length; p++) {
            for (int l = 0; l < counts[p].length; l++) {
                int[] predicted = new int[counts[p][l]];
                int[] labels = new int[counts[p][l]];
                Arrays.fill(predicted, p);
                Arrays.fill(labels, l);
                matrix.add(predicted, labels);
            }
        }
        return matrix;
    }

    @Test
    void pixelsOfAnExtraClusterAreWrong() {
        ConfusionMatrix matrix = matrix(new int[][] {{1, 6}, {8, 0}, {2, 3}});
        Scores.Matching matching = Scores.Matching.hungarian(matrix);
        assertThat(matching.classOf()).containsExactly(1, 0, Scores.Matching.NONE);
        Scores scores = Scores.of(matrix, matching);
        assertThat(scores.iou()[0]).isCloseTo(8.0 / 11, within(1e-12));
        assertThat(scores.iou()[1]).isCloseTo(6.0 / 10, within(1e-12));
        assertThat(scores.meanIou()).isCloseTo((8.0 / 11 + 0.6) / 2, within(1e-12));
        assertThat(scores.accuracy()).isCloseTo(14.0 / 20, within(1e-12));
        assertThat(Scores.asPublished(matrix, matching).meanIou()).isCloseTo((8.0 / 11 + 0.6) / 3, within(1e-12));
    }

    @Test
    void manyClustersMayStandForOneClass() {
        ConfusionMatrix matrix = matrix(new int[][] {{1, 6}, {8, 0}, {2, 3}, {0, 0}});
        Scores.Matching matching = Scores.Matching.majority(matrix);
        assertThat(matching.classOf()).containsExactly(1, 0, 1, Scores.Matching.NONE);
        Scores scores = Scores.of(matrix, matching);
        assertThat(scores.accuracy()).isCloseTo(17.0 / 20, within(1e-12));
        assertThat(scores.iou()[0]).isCloseTo(8.0 / 11, within(1e-12));
        assertThat(scores.iou()[1]).isCloseTo(9.0 / 12, within(1e-12));
    }

    @Test
    void aClassThatNeverOccursIsNotInTheMean() {
        Scores scores = Scores.of(matrix(new int[][] {{4, 0}, {0, 0}}), Scores.Matching.identity(2));
        assertThat(scores.meanIou()).isEqualTo(1);
        assertThat(scores.iou()[1]).isNaN();
        assertThat(Scores.of(new ConfusionMatrix(2, 2), Scores.Matching.identity(2))
                        .accuracy())
                .isNaN();
    }

    @Test
    void noMatchingMakesMorePixelsRight() {
        Random random = new Random(1);
        for (int round = 0; round < 50; round++) {
            int predictions = 2 + random.nextInt(4);
            int classes = 1 + random.nextInt(predictions);
            int[][] counts = new int[predictions][classes];
            for (int[] row : counts) {
                for (int l = 0; l < classes; l++) {
                    row[l] = random.nextInt(30);
                }
            }
            int[] classOf = Scores.Matching.hungarian(matrix(counts)).classOf();
            long right = 0;
            for (int p = 0; p < predictions; p++) {
                right += classOf[p] == Scores.Matching.NONE ? 0 : counts[p][classOf[p]];
            }
            assertThat(Arrays.stream(classOf)
                            .filter(of -> of != Scores.Matching.NONE)
                            .sorted())
                    .containsExactlyElementsOf(
                            IntStream.range(0, classes).boxed().toList());
            assertThat(right).isEqualTo(best(counts, 0, new boolean[predictions]));
        }
    }

    /** The most pixels right over all choices of a different prediction for each class from {@code label} on. */
    private static long best(int[][] counts, int label, boolean[] taken) {
        if (label == counts[0].length) {
            return 0;
        }
        long best = 0;
        for (int p = 0; p < counts.length; p++) {
            if (!taken[p]) {
                taken[p] = true;
                best = Math.max(best, counts[p][label] + best(counts, label + 1, taken));
                taken[p] = false;
            }
        }
        return best;
    }
}
