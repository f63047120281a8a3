package org.stegokernels.raster;

import java.util.Locale;

/** The kinds of number that samples are. Those of fewer bits are kept in the next larger one. */
public enum SampleType {
    UINT8(8),
    INT8(8),
    UINT16(16),
    INT16(16),
    UINT32(32),
    INT32(32),
    FLOAT32(32),
    FLOAT64(64);

    private final int bits;

    SampleType(int bits) {
        this.bits = bits;
    }

    /** Returns the size of a sample in memory. */
    int bits() {
        return bits;
    }

    boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    boolean isSigned() {
        return this == INT8 || this == INT16 || this == INT32;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
