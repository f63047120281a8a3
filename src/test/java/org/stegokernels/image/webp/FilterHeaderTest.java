package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FilterHeaderTest {
    private static final int[] NONE = new int[4];

    @Test
    void levelIsThatOfTheFrameOrSegmentWithTheDeltas() {
        FrameHeader.Filter filter = new FrameHeader.Filter(false, 30, 0, -5, 12);
        int[] levels = {0, 9, -9, 63};
        Segmentation none = new Segmentation(false, false, NONE, NONE, null);
        assertThat(filter.level(none, 0, false)).isEqualTo(25);
        assertThat(filter.level(none, 0, true)).isEqualTo(37);
        Segmentation added = new Segmentation(true, false, NONE, levels, null);
        assertThat(filter.level(added, 1, false)).isEqualTo(34);
        assertThat(filter.level(added, 2, true)).isEqualTo(28);
        assertThat(filter.level(added, 3, true)).isEqualTo(63);
        Segmentation absolute = new Segmentation(true, true, NONE, levels, null);
        assertThat(filter.level(absolute, 1, true)).isEqualTo(16);
        assertThat(filter.level(absolute, 2, true)).isZero();
    }

    @Test
    void interiorLimitFallsWithSharpness() {
        assertThat(LoopFilter.interiorLimit(63, 0)).isEqualTo(63);
        assertThat(LoopFilter.interiorLimit(63, 1)).isEqualTo(8);
        assertThat(LoopFilter.interiorLimit(10, 4)).isEqualTo(5);
        assertThat(LoopFilter.interiorLimit(10, 5)).isEqualTo(2);
        assertThat(LoopFilter.interiorLimit(63, 7)).isEqualTo(2);
        assertThat(LoopFilter.interiorLimit(1, 7)).isEqualTo(1);
    }
}
