package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.opencl.Limits.Vendor;
import org.stegokernels.device.opencl.MatrixTiles.Units;

/** The small table of tile sizes, and which tile a product gets. */
class TuningTest {
    private static final int COMPUTE_UNITS = 100;

    private static Tuning tuning(Vendor vendor) {
        return Tuning.of(limits(vendor, 1024));
    }

    private static Limits limits(Vendor vendor, int workGroup) {
        return new Limits("any", true, 1L << 33, 1L << 31, 48 << 10, workGroup, COMPUTE_UNITS, 1, vendor, Units.NONE);
    }

    @Test
    void aProductOfManyTilesGetsLargeOnes() {
        Cut cut = tuning(Vendor.NVIDIA).cut(12_560, 384, 1536, 1, COMPUTE_UNITS);
        assertThat(cut.rows()).isEqualTo(128);
        assertThat(cut.columns()).isEqualTo(128);
        assertThat(cut.down(12_560)).isEqualTo(99);
        assertThat(cut.across(1536)).isEqualTo(12);
    }

    @Test
    void aProductThatWouldLeaveUnitsIdleGetsSmallTiles() {
        Tuning tuning = tuning(Vendor.NVIDIA);
        Cut cut = tuning.cut(785, 384, 384, 1, COMPUTE_UNITS);
        assertThat(cut.rows()).isEqualTo(64);
        assertThat(cut.columns()).isEqualTo(64);
        assertThat(tuning.cut(785, 384, 384, 16, COMPUTE_UNITS).rows()).isEqualTo(128);
    }

    @Test
    void smallWorkGroupsGetNoSmallerTiles() {
        Tuning tuning = Tuning.of(limits(Vendor.OTHER, 64));
        assertThat(tuning.cut(10, 384, 10, 1, COMPUTE_UNITS).itemsX()).isEqualTo(8);
    }

    @Test
    void itemsWithFewRegistersGetFewerSums() {
        assertThat(tuning(Vendor.AMD).itemRows()).isEqualTo(8);
        assertThat(tuning(Vendor.INTEL).itemRows()).isEqualTo(4);
        assertThat(tuning(Vendor.APPLE).itemRows()).isEqualTo(4);
    }

    @Test
    void tilesThatItemsCantShareEvenlyAreRefused() {
        Tuning tuning = tuning(Vendor.NVIDIA);
        for (Map<String, Integer> numbers : List.of(
                Map.of("group", 12),
                Map.of("itemRows", 6),
                Map.of("itemColumns", 4),
                Map.of("depth", 12),
                Map.of("columns", 64))) {
            assertThatIllegalArgumentException().as("%s", numbers).isThrownBy(() -> tuning.with(numbers));
        }
        assertThat(tuning.allows("itemColumns", 4)).isFalse();
        assertThat(tuning.allows("depth", 16)).isTrue();
    }

    @Test
    void attentionHasRoomForHeadsOfAnyUsualWidth() {
        Limits limits = limits(Vendor.NVIDIA, 256);
        for (int depth = 1; depth <= 350; depth++) {
            AttentionTiles tiles = AttentionTiles.of(Tuning.of(limits), depth, limits);
            assertThat(tiles.localBytes()).as("heads of %d", depth).isLessThanOrEqualTo(limits.localMemory());
            assertThat(tiles.depth()).isGreaterThanOrEqualTo(depth);
        }
    }

    @Test
    void attentionOfUsualHeadsHasTheTunedTiles() {
        Limits limits = limits(Vendor.NVIDIA, 256);
        AttentionTiles tiles = AttentionTiles.of(Tuning.of(limits), 64, limits);
        assertThat(tiles).isEqualTo(new AttentionTiles(16, 8, 4, 8, 64));
    }
}
