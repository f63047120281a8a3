package org.stegokernels.device.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FreeListTest {
    private static final int CAPACITY = 64 * FreeList.ALIGNMENT;

    private final FreeList list = new FreeList(CAPACITY);

    @Test
    void partsBeginAtMultiplesOfTheAlignment() {
        assertThat(list.take(1)).isZero();
        assertThat(list.take(FreeList.ALIGNMENT + 1)).isEqualTo(FreeList.ALIGNMENT);
        assertThat(list.take(0)).isEqualTo(3 * FreeList.ALIGNMENT);
        assertThat(list.total()).isEqualTo(CAPACITY - 4 * FreeList.ALIGNMENT);
    }

    @Test
    void whatWasGivenBackIsTakenAgain() {
        int first = list.take(100);
        list.take(1);
        list.giveBack(first, 100);
        assertThat(list.take(100)).isEqualTo(first);
    }

    @Test
    void theSmallestPartThatIsLargeEnoughIsTaken() {
        int large = list.take(4 * FreeList.ALIGNMENT);
        list.take(1);
        int small = list.take(2 * FreeList.ALIGNMENT);
        list.take(1);
        list.giveBack(large, 4 * FreeList.ALIGNMENT);
        list.giveBack(small, 2 * FreeList.ALIGNMENT);
        assertThat(list.take(2 * FreeList.ALIGNMENT)).isEqualTo(small);
        assertThat(list.take(3 * FreeList.ALIGNMENT)).isEqualTo(large);
    }

    /** Every order: left neighbour first, right one first, the middle one last. */
    @Test
    void neighboursAreJoined() {
        int[][] orders = {{0, 1, 2}, {2, 1, 0}, {0, 2, 1}};
        for (int[] order : orders) {
            int[] starts = {list.take(20), list.take(20), list.take(20)};
            for (int part : order) {
                list.giveBack(starts[part], 20);
            }
            int all = list.take(CAPACITY);
            assertThat(all).isZero();
            list.giveBack(all, CAPACITY);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        list.take(CAPACITY - FreeList.ALIGNMENT);
        assertThat(list.take(FreeList.ALIGNMENT + 1)).isEqualTo(-1);
        assertThat(list.take((long) Integer.MAX_VALUE + 1)).isEqualTo(-1);
        assertThat(list.take(FreeList.ALIGNMENT)).isEqualTo(CAPACITY - FreeList.ALIGNMENT);
    }

    @Test
    void growingJoinsTheNewPartToTheLastFreeOne() {
        int taken = list.take(CAPACITY / 2);
        assertThat(list.freeAtEnd()).isEqualTo(CAPACITY / 2);
        list.grow(2 * CAPACITY);
        assertThat(list.capacity()).isEqualTo(2 * CAPACITY);
        assertThat(list.freeAtEnd()).isEqualTo(3 * CAPACITY / 2);
        assertThat(list.take(3 * CAPACITY / 2)).isEqualTo(CAPACITY / 2);
        assertThat(list.freeAtEnd()).isZero();
        list.giveBack(taken, CAPACITY / 2);
        assertThat(list.freeAtEnd()).isZero();
        assertThat(list.total()).isEqualTo(CAPACITY / 2);
    }

    /** Held against one bit for each element. */
    @Test
    void partsNeverOverlapAndNoneIsLost() {
        Random random = new Random(5);
        BitSet used = new BitSet(CAPACITY);
        List<int[]> parts = new ArrayList<>();
        for (int round = 0; round < 20_000; round++) {
            if (random.nextInt(100) < 55) {
                int length = 1 + random.nextInt(80);
                int start = list.take(length);
                if (start >= 0) {
                    int end = start + (int) FreeList.aligned(length);
                    assertThat(end).isLessThanOrEqualTo(CAPACITY);
                    assertThat(used.nextSetBit(start)).matches(next -> next < 0 || next >= end);
                    used.set(start, end);
                    parts.add(new int[] {start, length});
                }
            } else if (!parts.isEmpty()) {
                int[] part = parts.remove(random.nextInt(parts.size()));
                list.giveBack(part[0], part[1]);
                used.clear(part[0], part[0] + (int) FreeList.aligned(part[1]));
            }
            assertThat(list.total()).isEqualTo(CAPACITY - used.cardinality());
        }
        parts.forEach(part -> list.giveBack(part[0], part[1]));
        assertThat(list.take(CAPACITY)).isZero();
    }
}
