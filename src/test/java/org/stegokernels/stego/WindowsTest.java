package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
    @ParameterizedTest
    @CsvSource({"1, 1, 0", "7, 40, 0", "41, 40, 0", "100, 40, 0", "100, 40, 10", "3750, 40, 7", "50, 1, 0", "9, 3, 0"})
    void theWeightsOverAPatchSumToOne(int patches, int length, int shift) {
        Windows windows = Windows.of(patches, length, shift);
        double[] sums = new double[patches];
        int[] over = new int[patches];
        for (int window = 0; window < windows.count(); window++) {
            assertThat(windows.begin(window)).isBetween(0, patches - windows.length());
            for (int i = 0; i < windows.length(); i++) {
                sums[windows.begin(window) + i] += windows.weights(window)[i];
                over[windows.begin(window) + i]++;
            }
        }
        for (int i = 0; i < patches; i++) {
            assertThat(sums[i]).isCloseTo(1, within(1e-6));
            assertThat(over[i] > 1 || sums[i] == 1).isTrue();
        }
    }

    @Test
    void theBorderOfAWindowCountsLeast() {
        float[] weights = Windows.of(200, 40, 0).weights(3);
        assertThat(weights[0]).isLessThan(0.01f);
        assertThat(weights[39]).isLessThan(0.01f);
        assertThat(weights[20]).isGreaterThan(0.99f);
    }
}
