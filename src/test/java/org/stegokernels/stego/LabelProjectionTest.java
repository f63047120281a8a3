package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.LabelMap;

class LabelProjectionTest {
    private static float[] random(int rows, int columns, int candidates) {
        Random random = new Random(rows * 31L + columns);
        float[] values = new float[rows * columns * candidates];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"5, 7, 3, 5, 7", "5, 7, 4, 31, 17", "16, 9, 6, 5, 4", "1, 1, 3, 6, 6", "3, 1, 2, 8, 9"})
    void isTheArgmaxOfTheEnlargedProbabilities(int rows, int columns, int candidates, int height, int width) {
        float[] values = random(rows, columns, candidates);
        LabelMap labels = new LabelProjection(
                        values, rows, columns, IntStream.range(0, candidates).toArray())
                .to(width, height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double[] enlarged = new double[candidates];
                for (int k = 0; k < candidates; k++) {
                    enlarged[k] = bilinear(
                            values,
                            rows,
                            columns,
                            candidates,
                            k,
                            (y + 0.5) * rows / height - 0.5,
                            (x + 0.5) * columns / width - 0.5);
                }
                double highest = IntStream.range(0, candidates)
                        .mapToDouble(k -> enlarged[k])
                        .max()
                        .orElseThrow();
                assertThat(enlarged[labels.label(x, y)]).isCloseTo(highest, within(1e-6));
            }
        }
    }

    private static double bilinear(float[] values, int rows, int columns, int candidates, int k, double y, double x) {
        double clampedY = Math.min(Math.max(y, 0), rows - 1);
        double clampedX = Math.min(Math.max(x, 0), columns - 1);
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double weight =
                        Math.max(0, 1 - Math.abs(row - clampedY)) * Math.max(0, 1 - Math.abs(column - clampedX));
                sum += weight * values[(row * columns + column) * candidates + k];
            }
        }
        return sum;
    }

    @Test
    void severalCandidatesMayBeOneClass() {
        float[] values = {0.1f, 0.2f, 0.7f, 0.6f, 0.3f, 0.1f};
        LabelProjection projection = new LabelProjection(values, 1, 2, new int[] {0, 2, 0});
        assertThat(projection.to(2, 1).labels()).containsExactly(0, 0);
        assertThat(projection.confidences(3)).containsExactly(new double[] {0.65, 0, 0}, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"5, 7, 3, 5, 7", "5, 7, 4, 31, 17", "16, 9, 6, 5, 4", "1, 1, 3, 6, 6", "3, 1, 2, 8, 9"})
    void theConfidenceIsTheEnlargedProbabilityOfAllCandidatesOfTheClass(
            int rows, int columns, int candidates, int height, int width) {
        float[] values = random(rows, columns, candidates);
        for (int point = 0; point < rows * columns; point++) {
            float sum = 0;
            for (int k = 0; k < candidates; k++) {
                sum += values[point * candidates + k];
            }
            for (int k = 0; k < candidates; k++) {
                values[point * candidates + k] /= sum;
            }
        }
        int[] classOf = IntStream.range(0, candidates).map(k -> k % 2).toArray();
        LabelProjection projection = new LabelProjection(values, rows, columns, classOf);
        LabelMap labels = projection.to(width, height);
        float[] confidence = projection.confidence(labels);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double expected = 0;
                for (int k = 0; k < candidates; k++) {
                    double atY = (y + 0.5) * rows / height - 0.5;
                    double atX = (x + 0.5) * columns / width - 0.5;
                    expected += classOf[k] == labels.label(x, y)
                            ? bilinear(values, rows, columns, candidates, k, atY, atX)
                            : 0;
                }
                assertThat((double) confidence[y * width + x]).isCloseTo(expected, within(1e-6));
            }
        }
    }
}
