package org.stegokernels.weights;

/** Types of the elements of safetensors' tensors, under the names of the format. All are little endian. */
public enum DType {
    /** One byte, 0 or 1. */
    BOOL(1),
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of an IEEE 754 binary32. */
    BF16(2),
    U32(4),
    I32(4),
    /** IEEE 754 binary32. */
    F32(4),
    U64(8),
    I64(8),
    /** IEEE 754 binary64. */
    F64(8);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
