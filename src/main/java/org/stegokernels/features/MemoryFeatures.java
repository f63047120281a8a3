package org.stegokernels.features;

import java.util.Arrays;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** Features in the Java heap. */
final class MemoryFeatures implements FeatureStore, FeatureStore.Builder {
    private final FeatureLayout layout;
    private final float[][] singles;
    private final short[][] halves;
    private final byte[][] labels;
    private final float[] embeddings;

    MemoryFeatures(FeatureLayout layout) {
        this.layout = layout;
        boolean half = layout.dtype() == DType.F16;
        singles = new float[half ? 0 : layout.images()][];
        halves = new short[half ? layout.images() : 0][];
        labels = new byte[layout.labelled() ? layout.images() : 0][];
        embeddings = new float[Math.multiplyExact(layout.images(), layout.channels())];
    }

    @Override
    public boolean has(int index) {
        return false;
    }

    @Override
    public void put(int index, float[] features, int offset, float[] embedding, byte[] map) {
        if (layout.dtype() == DType.F16) {
            halves[index] = new short[layout.values()];
            HalfFloat.narrow(features, offset, halves[index], 0, layout.values());
        } else {
            singles[index] = Arrays.copyOfRange(features, offset, offset + layout.values());
        }
        System.arraycopy(embedding, 0, embeddings, index * layout.channels(), layout.channels());
        if (layout.labelled()) {
            labels[index] = map;
        }
    }

    @Override
    public FeatureStore finish() {
        return this;
    }

    @Override
    public void features(int index, float[] out, int offset) {
        if (layout.dtype() == DType.F16) {
            HalfFloat.widen(halves[index], 0, out, offset, layout.values());
        } else {
            System.arraycopy(singles[index], 0, out, offset, layout.values());
        }
    }

    @Override
    public void labels(int index, byte[] out, int offset) {
        System.arraycopy(labels[index], 0, out, offset, layout.pixels());
    }

    @Override
    public float[] embeddings() {
        return embeddings.clone();
    }

    @Override
    public void close() {}
}
