package org.stegokernels.train;

import java.nio.file.Path;
import org.stegokernels.weights.DType;

/**
 * How features are kept.
 *
 * @param file where, or null for the memory of this process
 * @param dtype {@link DType#F16} or {@link DType#F32}
 * @param batch images that the backbone gets at once; changes the time, not the values
 */
public record FeatureCacheSettings(Path file, DType dtype, int batch) {
    private static final int BATCH = 8;

    public FeatureCacheSettings {
        if (dtype != DType.F16 && dtype != DType.F32 || batch < 1) {
            throw new IllegalArgumentException("features are kept as F16 or F32, not " + dtype + ", and computed in"
                    + " batches of 1 or more, not " + batch);
        }
    }

    /** In half precision in the given file. */
    public static FeatureCacheSettings in(Path file) {
        return new FeatureCacheSettings(file, DType.F16, BATCH);
    }

    /** In half precision in memory. */
    public static FeatureCacheSettings inMemory() {
        return in(null);
    }

    public FeatureCacheSettings withType(DType newType) {
        return new FeatureCacheSettings(file, newType, batch);
    }
}
