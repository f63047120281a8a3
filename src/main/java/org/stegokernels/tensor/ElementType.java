package org.stegokernels.tensor;

/** What one element of a tensor is. Labels, indices and counts are {@link #I32}, all else {@link #F32}. */
public enum ElementType {
    /** IEEE 754 binary32. */
    F32,
    /** Signed 32-bit integer. */
    I32;

    /** Size of one element in bytes. */
    public int bytes() {
        return Integer.BYTES;
    }
}
