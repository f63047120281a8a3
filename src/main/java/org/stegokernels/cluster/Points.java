package org.stegokernels.cluster;

import java.util.List;

/**
 * Points to cluster, in host memory and in chunks: the features of one image, say, are one. Chunks are asked for many
 * times, in order, and must not change.
 */
public interface Points {
    /** Values in each point, C. */
    int channels();

    int chunks();

    /** Chunk {@code index}, {@code [n, C]}, n as it likes. */
    float[] chunk(int index);

    /** @throws IllegalArgumentException if the length of a chunk is no multiple of {@code channels} */
    static Points of(List<float[]> chunks, int channels) {
        if (channels < 1) {
            throw new IllegalArgumentException("points need at least one channel, not " + channels);
        }
        List<float[]> copy = List.copyOf(chunks);
        for (int i = 0; i < copy.size(); i++) {
            if (copy.get(i).length % channels != 0) {
                throw new IllegalArgumentException("chunk " + i + " has " + copy.get(i).length
                        + " values, not a multiple of " + channels + " channels");
            }
        }
        return new Points() {
            @Override
            public int channels() {
                return channels;
            }

            @Override
            public int chunks() {
                return copy.size();
            }

            @Override
            public float[] chunk(int index) {
                return copy.get(index);
            }
        };
    }
}
