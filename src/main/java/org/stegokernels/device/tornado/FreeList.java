package org.stegokernels.device.tornado;

import java.util.Map;
import java.util.TreeMap;

/** The free parts of an array. Parts are taken where they fit best, and neighbours are joined when given back. */
final class FreeList {
    /** Parts begin at multiples of this, so that rows begin at whole cache lines. */
    static final int ALIGNMENT = 16;

    /** Start and length. */
    private final TreeMap<Integer, Integer> free = new TreeMap<>();

    private int capacity;

    FreeList(int capacity) {
        grow(capacity);
    }

    int capacity() {
        return capacity;
    }

    /** Returns the elements that a part of so many takes up. */
    static long aligned(long length) {
        return Math.max(1, (length + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
    }

    /** Adds elements after the last one. */
    void grow(int larger) {
        int before = capacity;
        capacity = larger;
        if (larger > before) {
            join(before, larger - before);
        }
    }

    /** Returns the start of so many elements, or -1 if there are not so many in one place. */
    int take(long length) {
        long wanted = aligned(length);
        Map.Entry<Integer, Integer> best = null;
        for (Map.Entry<Integer, Integer> part : free.entrySet()) {
            boolean better = best == null || part.getValue() < best.getValue();
            best = part.getValue() >= wanted && better ? part : best;
        }
        if (best == null) {
            return -1;
        }
        int start = best.getKey();
        int rest = (int) (best.getValue() - wanted);
        free.remove(start);
        if (rest > 0) {
            free.put((int) (start + wanted), rest);
        }
        return start;
    }

    void giveBack(int start, long length) {
        join(start, (int) aligned(length));
    }

    private void join(int start, int length) {
        int first = start;
        int end = start + length;
        Map.Entry<Integer, Integer> before = free.lowerEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            first = before.getKey();
        }
        Integer next = free.remove(end);
        if (next != null) {
            end += next;
        }
        free.put(first, end - first);
    }

    /** Returns the number of all free elements. */
    long total() {
        return free.values().stream().mapToLong(Integer::longValue).sum();
    }

    /** Returns the free elements after the last one taken. */
    int freeAtEnd() {
        Map.Entry<Integer, Integer> last = free.lastEntry();
        return last != null && last.getKey() + last.getValue() == capacity ? last.getValue() : 0;
    }
}
