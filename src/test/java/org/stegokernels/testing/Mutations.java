package org.stegokernels.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages files as transmission, disks and people with bad intentions do. The same seed damages in the same way. */
public final class Mutations {
    private static final int MOST_AT_ONCE = 4;
    private static final int SHORT = 9;
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        65535,
        65536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffffffffL,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final Random random;
    private final List<byte[]> tokens;

    /** @param tokens what is inserted besides noise: words of the format */
    public Mutations(long seed, List<byte[]> tokens) {
        this.random = new Random(seed);
        this.tokens = tokens;
    }

    /**
     * One to four damages.
     *
     * @param from where the part that is worth damaging begins; one damage in ten goes elsewhere
     * @param to where it ends
     * @return a new array
     */
    public byte[] damage(byte[] original, int from, int to) {
        byte[] bytes = original.clone();
        int end = to;
        for (int i = random.nextInt(MOST_AT_ONCE); i >= 0; i--) {
            int before = bytes.length;
            bytes = random.nextInt(10) == 0
                    ? once(bytes, 0, bytes.length)
                    : once(bytes, Math.min(from, bytes.length), Math.min(end, bytes.length));
            end = Math.max(from, end + bytes.length - before);
        }
        return bytes;
    }

    private byte[] once(byte[] bytes, int from, int to) {
        int at = from + random.nextInt(Math.max(1, to - from));
        int length = Math.min(random.nextInt(SHORT), bytes.length - Math.min(at, bytes.length));
        return switch (random.nextInt(10)) {
            case 0, 1 -> with(bytes, at, new byte[] {(byte) (1 << random.nextInt(8))}, true);
            case 2, 3 -> with(bytes, at, noise(1 + random.nextInt(SHORT)), false);
            case 4 -> with(bytes, at, edge(random.nextBoolean() ? 4 : 8), false);
            case 5 -> replace(bytes, at, 0, tokens.get(random.nextInt(tokens.size())));
            case 6 -> with(bytes, at, tokens.get(random.nextInt(tokens.size())), false);
            case 7 -> replace(bytes, at, length, noise(random.nextInt(SHORT)));
            case 8 -> {
                int source = from + random.nextInt(Math.max(1, to - from));
                int count = Math.min(random.nextInt(64), bytes.length - source);
                yield replace(bytes, at, 0, Arrays.copyOfRange(bytes, source, source + Math.max(0, count)));
            }
            default -> random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : replace(bytes, at, length, new byte[0]);
        };
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] edge(int width) {
        long value = EDGES[random.nextInt(EDGES.length)];
        byte[] edge = new byte[width];
        for (int i = 0; i < width; i++) {
            edge[i] = (byte) (value >> 8 * i);
        }
        return edge;
    }

    private static byte[] with(byte[] bytes, int at, byte[] by, boolean flip) {
        byte[] out = bytes.clone();
        for (int i = 0; i < by.length && at + i < out.length; i++) {
            out[at + i] = flip ? (byte) (out[at + i] ^ by[i]) : by[i];
        }
        return out;
    }

    private static byte[] replace(byte[] bytes, int at, int length, byte[] by) {
        int from = Math.min(at, bytes.length);
        int to = Math.min(from + length, bytes.length);
        byte[] out = Arrays.copyOf(bytes, bytes.length - (to - from) + by.length);
        System.arraycopy(by, 0, out, from, by.length);
        System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
        return out;
    }
}
