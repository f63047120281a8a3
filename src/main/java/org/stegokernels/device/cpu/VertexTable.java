package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * Numbers the distinct keys of lattice vertices in the order of their first appearance: a hash table with open
 * addressing and linear probing whose slots hold numbers, the keys lying apart in that order.
 */
final class VertexTable {
    static final int ABSENT = -1;

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int SMALLEST = 1 << 10;

    private int[] slots = new int[0];
    private long[] keys = new long[0];
    /** Slots in use, a power of two. */
    private int length = SMALLEST;

    private int shift;
    private int size;

    /** Forgets all keys, not the memory. Expects about as many new ones: a table that is too wide misses the cache. */
    void clear() {
        while (length > SMALLEST && size < length / 8) {
            length /= 2;
        }
        size = 0;
        resize(length);
    }

    int size() {
        return size;
    }

    long key(int number) {
        return keys[number];
    }

    /** Returns the number of a key, {@link #ABSENT} if it was never added. */
    int find(long key) {
        int mask = length - 1;
        for (int slot = slot(key); ; slot = (slot + 1) & mask) {
            int number = slots[slot];
            if (number < 0 || keys[number] == key) {
                return number;
            }
        }
    }

    /** Returns the number of a key, the next free one if it is new. */
    int add(long key) {
        int mask = length - 1;
        int slot = slot(key);
        for (int number; (number = slots[slot]) >= 0; slot = (slot + 1) & mask) {
            if (keys[number] == key) {
                return number;
            }
        }
        keys[size] = key;
        slots[slot] = size++;
        if (2 * size == length) {
            resize(2 * length);
        }
        return size - 1;
    }

    private int slot(long key) {
        return (int) (key * GOLDEN_RATIO >>> shift);
    }

    /** Keys fill at most half of the slots. */
    private void resize(int newLength) {
        length = newLength;
        shift = Long.numberOfLeadingZeros(length) + 1;
        if (slots.length < length) {
            slots = new int[length];
            keys = Arrays.copyOf(keys, length / 2);
        }
        Arrays.fill(slots, 0, length, ABSENT);
        for (int number = 0; number < size; number++) {
            int slot = slot(keys[number]);
            while (slots[slot] >= 0) {
                slot = (slot + 1) & (length - 1);
            }
            slots[slot] = number;
        }
    }

    long bytes() {
        return (long) slots.length * Integer.BYTES + (long) keys.length * Long.BYTES;
    }
}
