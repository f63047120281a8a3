package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {
    @ParameterizedTest
    @CsvSource({"1, 45, 8", "45, 45, 8", "46, 45, 8", "3750, 45, 8", "100, 1, 1", "50, 20, 30"})
    void blocksFollowEachOtherAndAreSeenWithTheirHalo(int length, int longest, int halo) {
        Blocks blocks = Blocks.of(length, longest, halo);
        int end = 0;
        for (int block = 0; block < blocks.count(); block++) {
            assertThat(blocks.begin(block)).isEqualTo(end);
            end = blocks.end(block);
            assertThat(end - blocks.begin(block)).isBetween(1, longest);
            int first = blocks.windowBegin(block);
            assertThat(first).isBetween(0, Math.max(0, blocks.begin(block) - halo));
            assertThat(first + blocks.windowLength()).isBetween(Math.min(length, end + halo), length);
        }
        assertThat(end).isEqualTo(length);
    }
}
